import type { Command } from "../../proto/gen/command.ts";
import {
  CommandType,
  type ContinueAsNewVersioningBehavior,
  type ParentClosePolicy,
  type WorkflowIdReusePolicy,
} from "../../proto/gen/enums.ts";
import type { Payload } from "../../proto/gen/common.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type { Init } from "../../proto/message.ts";
import type { ContinueAsNew, WorkflowCommand } from "./activation.ts";
import { toPayloads } from "./payloads.ts";
import { fromOptionalMs } from "./proto-time.ts";
import type { RunState } from "./run-state.ts";

type Of<Kind extends WorkflowCommand["kind"]> = Extract<WorkflowCommand, { kind: Kind }>;

/** The protocol's command for an activity. */
export function toScheduleActivity({
  activity,
  taskQueue,
  userMetadata,
  ...options
}: Of<"scheduleActivity">): Init<Command> {
  return {
    commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
    userMetadata,
    attributes: {
      case: "scheduleActivityTaskCommandAttributes",
      value: {
        activityId: activity.activityId,
        activityType: { name: activity.activityType },
        taskQueue: { name: taskQueue, kind: 1 },
        header: { fields: activity.headers },
        input: toPayloads(activity.arguments),
        scheduleToCloseTimeout: fromOptionalMs(activity.scheduleToCloseTimeoutMs),
        scheduleToStartTimeout: fromOptionalMs(activity.scheduleToStartTimeoutMs),
        startToCloseTimeout: fromOptionalMs(activity.startToCloseTimeoutMs),
        heartbeatTimeout: fromOptionalMs(options.heartbeatTimeoutMs),
        retryPolicy: activity.retryPolicy,
        requestEagerExecution: options.requestEagerExecution,
        useWorkflowBuildId: options.useWorkflowBuildId,
        priority: options.priority,
      },
    },
  };
}

/** The protocol's command for a child workflow. */
export function toStartChildWorkflow({ child }: Of<"startChildWorkflow">): Init<Command> {
  return {
    commandType: CommandType.START_CHILD_WORKFLOW_EXECUTION,
    userMetadata: child.userMetadata,
    attributes: {
      case: "startChildWorkflowExecutionCommandAttributes",
      value: {
        namespace: child.namespace,
        workflowId: child.workflowId,
        workflowType: { name: child.workflowType },
        taskQueue: { name: child.taskQueue, kind: 1 },
        input: toPayloads(child.input),
        workflowExecutionTimeout: fromOptionalMs(child.executionTimeoutMs),
        workflowRunTimeout: fromOptionalMs(child.runTimeoutMs),
        workflowTaskTimeout: fromOptionalMs(child.taskTimeoutMs),
        parentClosePolicy: child.parentClosePolicy as ParentClosePolicy,
        workflowIdReusePolicy: child.workflowIdReusePolicy as WorkflowIdReusePolicy,
        retryPolicy: child.retryPolicy,
        cronSchedule: child.cronSchedule,
        header: { fields: child.headers },
        memo: { fields: child.memo },
        searchAttributes: child.searchAttributes,
        inheritBuildId: child.inheritBuildId,
        priority: child.priority,
        versioningOverride: child.versioningOverride,
      },
    },
  };
}

/** The protocol's command for a Nexus operation. */
export function toScheduleNexusOperation(operation: Of<"scheduleNexusOperation">): Init<Command> {
  return {
    commandType: CommandType.SCHEDULE_NEXUS_OPERATION,
    userMetadata: operation.userMetadata,
    attributes: {
      case: "scheduleNexusOperationCommandAttributes",
      value: {
        endpoint: operation.endpoint,
        service: operation.service,
        operation: operation.operation,
        input: operation.input,
        nexusHeader: operation.headers,
        scheduleToCloseTimeout: fromOptionalMs(operation.scheduleToCloseTimeoutMs),
        scheduleToStartTimeout: fromOptionalMs(operation.scheduleToStartTimeoutMs),
        startToCloseTimeout: fromOptionalMs(operation.startToCloseTimeoutMs),
      },
    },
  };
}

/** The protocol's command for a workflow that has ended well. */
export function toCompleteWorkflow(result: Payload | undefined): Init<Command> {
  return {
    commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION,
    attributes: {
      case: "completeWorkflowExecutionCommandAttributes",
      value: { result: result === undefined ? undefined : { payloads: [result] } },
    },
  };
}

/** The protocol's command for a workflow that has failed. */
export function toFailWorkflow(failure: Failure): Init<Command> {
  return {
    commandType: CommandType.FAIL_WORKFLOW_EXECUTION,
    attributes: { case: "failWorkflowExecutionCommandAttributes", value: { failure } },
  };
}

/** The protocol's command for a workflow that has accepted its cancellation. */
export function toCancelWorkflow(): Init<Command> {
  return {
    commandType: CommandType.CANCEL_WORKFLOW_EXECUTION,
    attributes: { case: "cancelWorkflowExecutionCommandAttributes", value: {} },
  };
}

/** The protocol's command for a workflow that goes on as a new run. What it does not set is taken over from this run. */
export function toContinueAsNew(next: ContinueAsNew, run: RunState): Init<Command> {
  const { start } = run;
  const memo = next.memo !== undefined && Object.keys(next.memo).length > 0 ? next.memo : (start?.memo?.fields ?? {});
  const attributes = { ...start?.searchAttributes?.indexedFields, ...run.upsertedSearchAttributes };
  return {
    commandType: CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
    attributes: {
      case: "continueAsNewWorkflowExecutionCommandAttributes",
      value: {
        workflowType: { name: next.workflowType },
        taskQueue: { name: next.taskQueue, kind: 1 },
        input: toPayloads(next.arguments),
        workflowRunTimeout: fromOptionalMs(next.runTimeoutMs),
        workflowTaskTimeout: fromOptionalMs(next.taskTimeoutMs),
        memo: Object.keys(memo).length === 0 ? undefined : { fields: memo },
        header: Object.keys(next.headers).length === 0 ? undefined : { fields: next.headers },
        retryPolicy: next.retryPolicy ?? start?.retryPolicy,
        searchAttributes:
          next.searchAttributes ?? (Object.keys(attributes).length === 0 ? undefined : { indexedFields: attributes }),
        backoffStartInterval: fromOptionalMs(next.backoffStartIntervalMs),
        inheritBuildId: next.inheritBuildId,
        initialVersioningBehavior: (next.initialVersioningBehavior ?? 0) as ContinueAsNewVersioningBehavior,
      },
    },
  };
}
