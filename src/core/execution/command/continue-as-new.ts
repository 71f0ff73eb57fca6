import type { Command, ContinueAsNewWorkflowExecutionCommandAttributes } from "../../../proto/gen/command.ts";
import {
  ContinueAsNewInitiator,
  ContinueAsNewVersioningBehavior,
  TaskQueueKind,
  WorkflowTaskFailedCause as Cause,
} from "../../../proto/gen/enums.ts";
import type { WorkflowExecutionContinuedAsNewEventAttributes } from "../../../proto/gen/history.ts";
import { StartWorkflowExecutionRequest } from "../../../proto/gen/workflowservice.ts";
import { retryPolicyFault, withRetryDefaults } from "../../schedule/retry.ts";
import { durationMs, toDuration } from "../duration.ts";
import { filledMemo, filledSearchAttributes } from "../payload-map.ts";
import { closeRun } from "../run/close.ts";
import { runTimeouts } from "../run/start.ts";
import { inheritedOverride, nextOrigin } from "../run/successor.ts";
import { utf8Length } from "../../text/utf8.ts";
import { timeOfSuccessor } from "../time-skipping/propagate.ts";
import { inheritBySuccessor } from "../versioning/inherit.ts";
import { runCallbacks } from "../callback/fold.ts";
import { type CommandBatch, commandExtras } from "./batch.ts";
import {
  cappedDuration,
  durationFault,
  keptBuildFault,
  memoExceeds,
  payloadsExceed,
  resolveTaskQueue,
} from "./check.ts";
import { type CommandFault, fatalFault, fault } from "./fault.ts";
import { searchAttributesFault, searchAttributesSizeFault } from "./record.ts";

const CAUSE = Cause.BAD_CONTINUE_AS_NEW_ATTRIBUTES;

type Attributes = ContinueAsNewWorkflowExecutionCommandAttributes;

/** The workflow goes on as a new run with a fresh history. */
export function continueAsNew(batch: CommandBatch, command: Command, attributes: Attributes): CommandFault | undefined {
  const { t, state } = batch;
  const { limits } = t.context;
  if (batch.unseenNews) return fault(Cause.UNHANDLED_COMMAND);
  const next = resolve(batch, attributes);
  if ("cause" in next) return next;
  if (payloadsExceed(attributes.input, limits.blobSizeErrorBytes)) {
    return fatalFault(CAUSE, "ContinueAsNewWorkflowExecutionCommandAttributes. Input exceeds size limit.");
  }
  if (memoExceeds(attributes.memo, limits.memoSizeErrorBytes)) {
    return fatalFault(CAUSE, "ContinueAsNewWorkflowExecutionCommandAttributes. Memo exceeds size limit.");
  }
  const tooLarge = searchAttributesSizeFault(attributes.searchAttributes?.indexedFields);
  if (tooLarge !== undefined) return fatalFault(CAUSE, tooLarge);
  const initiator = attributes.initiator || ContinueAsNewInitiator.WORKFLOW;
  const origin = {
    ...nextOrigin(
      t,
      attributes.backoffStartInterval === undefined
        ? undefined
        : durationMs(cappedDuration(attributes.backoffStartInterval)),
    ),
    attempt: initiator === ContinueAsNewInitiator.RETRY ? (state.started?.attempt ?? 0) + 1 : 1,
    initiator,
    continuedFailure: attributes.failure,
    lastCompletionResult: attributes.lastCompletionResult,
    versioning: inheritBySuccessor(
      state,
      {
        taskQueue: next.taskQueue?.name ?? state.taskQueue,
        initialBehavior: attributes.initialVersioningBehavior,
        keepsBuild: attributes.inheritBuildId,
      },
      t.context.servesQueue,
    ),
  };
  const value: WorkflowExecutionContinuedAsNewEventAttributes = {
    ...next,
    newExecutionRunId: origin.runId,
    input: attributes.input,
    workflowTaskCompletedEventId: batch.completedEventId,
    backoffStartInterval: cappedDuration(attributes.backoffStartInterval),
    initiator: attributes.initiator,
    failure: attributes.failure,
    lastCompletionResult: attributes.lastCompletionResult,
    header: attributes.header,
    memo: filledMemo(attributes.memo),
    searchAttributes: filledSearchAttributes(attributes.searchAttributes),
    inheritBuildId: attributes.inheritBuildId,
    initialVersioningBehavior: ContinueAsNewVersioningBehavior.UNSPECIFIED,
  };
  const request = nextRequest(batch, attributes, next);
  closeRun(t, { case: "workflowExecutionContinuedAsNewEventAttributes", value }, commandExtras(command), {
    origin,
    request,
  });
  return undefined;
}

type Next = Pick<Attributes, "workflowType" | "taskQueue" | "workflowRunTimeout" | "workflowTaskTimeout">;

/** What is not said is as it was. */
function resolve(batch: CommandBatch, attributes: Attributes): Next | CommandFault {
  const { t, state } = batch;
  const { started } = state;
  const { limits } = t.context;
  const workflowType = attributes.workflowType?.name || (started?.workflowType?.name ?? "");
  const on = "on ContinueAsNewWorkflowExecutionCommand";
  const length = utf8Length(workflowType);
  if (length > limits.idLengthMax) {
    return fault(
      CAUSE,
      `WorkflowType ${on} exceeds length limit. WorkflowType=${workflowType} Length=${length} Limit=${limits.idLengthMax}`,
    );
  }
  const who = `WorkflowType=${workflowType} TaskQueue=${attributes.taskQueue?.name ?? state.taskQueue}`;
  const taskQueue = resolveTaskQueue(
    attributes.taskQueue ?? { name: "", kind: TaskQueueKind.NORMAL, normalName: "" },
    state.taskQueue,
    limits.idLengthMax,
  );
  if (typeof taskQueue === "string")
    return fault(CAUSE, `error validating ContinueAsNewWorkflowExecutionCommand TaskQueue: ${taskQueue}. ${who}`);
  const durations = {
    WorkflowRunTimeout: attributes.workflowRunTimeout,
    WorkflowTaskTimeout: attributes.workflowTaskTimeout,
    BackoffStartInterval: attributes.backoffStartInterval,
  };
  for (const [name, duration] of Object.entries(durations)) {
    const wrong = durationFault(duration);
    if (wrong !== undefined) return fault(CAUSE, `Invalid ${name} ${on}: ${wrong}. ${who}`);
  }
  const wrongRetry =
    attributes.retryPolicy === undefined ? undefined : retryPolicyFault(withRetryDefaults(attributes.retryPolicy));
  if (wrongRetry !== undefined) return fault(CAUSE, `invalid WorkflowRetryPolicy ${on}: ${wrongRetry}. ${who}`);
  const wrongAttributes = searchAttributesFault(batch, attributes.searchAttributes?.indexedFields);
  if (wrongAttributes !== undefined)
    return fault(Cause.BAD_SEARCH_ATTRIBUTES, `invalid SearchAttributes ${on}: ${wrongAttributes}. ${who}`);
  const kept = { keepsBuild: attributes.inheritBuildId, queueName: taskQueue.name };
  const wrongBuild = keptBuildFault(batch, "ContinueAsNew", kept);
  if (wrongBuild !== undefined) return fault(CAUSE, wrongBuild);
  const timeouts = runTimeouts(
    {
      workflowExecutionTimeout: started?.workflowExecutionTimeout,
      workflowRunTimeout: set(attributes.workflowRunTimeout) ?? started?.workflowRunTimeout,
      workflowTaskTimeout: set(attributes.workflowTaskTimeout) ?? started?.workflowTaskTimeout,
    },
    limits.defaultWorkflowTaskTimeoutMs,
  );
  return {
    workflowType: { name: workflowType },
    taskQueue,
    workflowRunTimeout: toDuration(timeouts.runMs),
    workflowTaskTimeout: toDuration(timeouts.taskMs),
  };
}

function set(duration: Attributes["workflowRunTimeout"]): Attributes["workflowRunTimeout"] {
  return durationMs(duration) === 0 ? undefined : cappedDuration(duration);
}

function nextRequest({ t, state }: CommandBatch, attributes: Attributes, next: Next): StartWorkflowExecutionRequest {
  return {
    ...StartWorkflowExecutionRequest.create(),
    requestId: t.context.newId(),
    namespace: state.namespace,
    workflowId: state.workflowId,
    taskQueue: {
      name: next.taskQueue?.name ?? state.taskQueue,
      kind: TaskQueueKind.NORMAL,
      normalName: "",
    },
    workflowType: next.workflowType,
    workflowExecutionTimeout: state.started?.workflowExecutionTimeout,
    workflowRunTimeout: next.workflowRunTimeout,
    workflowTaskTimeout: next.workflowTaskTimeout,
    input: attributes.input,
    header: attributes.header,
    retryPolicy: attributes.retryPolicy === undefined ? undefined : withRetryDefaults(attributes.retryPolicy),
    cronSchedule: attributes.cronSchedule,
    memo: attributes.memo,
    searchAttributes: attributes.searchAttributes,
    completionCallbacks: runCallbacks(state),
    versioningOverride: inheritedOverride(state, next.taskQueue?.name, t.context.servesQueue),
    links: [...state.startLinks],
    priority: state.priority,
    timeSkippingConfig: timeOfSuccessor(state).config,
  };
}
