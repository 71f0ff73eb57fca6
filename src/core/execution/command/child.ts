import type { Command, StartChildWorkflowExecutionCommandAttributes } from "../../../proto/gen/command.ts";
import {
  ParentClosePolicy,
  TaskQueueKind,
  WorkflowIdReusePolicy,
  WorkflowTaskFailedCause as Cause,
} from "../../../proto/gen/enums.ts";
import type { StartChildWorkflowExecutionInitiatedEventAttributes } from "../../../proto/gen/history.ts";
import { cronFault } from "../../schedule/cron.ts";
import { retryPolicyFault, withRetryDefaults } from "../../schedule/retry.ts";
import { childEffect } from "../child/effect.ts";
import { toDuration } from "../duration.ts";
import { filledMemo, filledSearchAttributes } from "../payload-map.ts";
import { runTimeouts } from "../run/start.ts";
import { timeOfChild } from "../time-skipping/propagate.ts";
import { utf8Length } from "../../text/utf8.ts";
import { addCommandEvent, type CommandBatch } from "./batch.ts";
import {
  cappedDuration,
  durationFault,
  keptBuildFault,
  memoExceeds,
  payloadsExceed,
  priorityFault,
  resolveTaskQueue,
} from "./check.ts";
import { type CommandFault, fatalFault, fault } from "./fault.ts";
import { targetNamespaceId } from "./namespace.ts";
import { searchAttributesFault, searchAttributesSizeFault } from "./record.ts";

const CAUSE = Cause.BAD_START_CHILD_EXECUTION_ATTRIBUTES;

/** Begins a child workflow. */
export function startChild(
  batch: CommandBatch,
  command: Command,
  attributes: StartChildWorkflowExecutionCommandAttributes,
): CommandFault | undefined {
  const { t, state } = batch;
  const { limits } = t.context;
  const namespace = attributes.namespace === "" ? state.namespace : attributes.namespace;
  const namespaceId = targetNamespaceId(batch, namespace);
  const wrong = attributesFault(batch, { ...attributes, namespace });
  if (wrong !== undefined) return fault(CAUSE, wrong);
  const indexed = attributes.searchAttributes?.indexedFields;
  const wrongAttributes = searchAttributesFault(batch, indexed);
  if (wrongAttributes !== undefined) {
    return fault(
      Cause.BAD_SEARCH_ATTRIBUTES,
      `invalid SearchAttributes on StartChildWorkflowCommand: ${wrongAttributes}. ${who(attributes, namespace)}`,
    );
  }
  const wrongPriority = priorityFault(attributes.priority);
  if (wrongPriority !== undefined) return fault(CAUSE, wrongPriority);
  const queue = resolveTaskQueue(
    attributes.taskQueue ?? { name: "", kind: TaskQueueKind.NORMAL, normalName: "" },
    state.taskQueue,
    limits.idLengthMax,
  );
  if (typeof queue === "string")
    return fault(
      CAUSE,
      `invalid TaskQueue on StartChildWorkflowExecutionCommand: ${queue}. ${who(attributes, namespace)} TaskQueue=${attributes.taskQueue?.name ?? ""}`,
    );
  const keepsBuild = attributes.inheritBuildId;
  const kept = { keepsBuild, queueName: queue.name };
  const wrongBuild = keptBuildFault(batch, "StartChildWorkflowExecution", kept);
  if (wrongBuild !== undefined) return fault(CAUSE, wrongBuild);
  if (payloadsExceed(attributes.input, limits.blobSizeErrorBytes)) {
    return fatalFault(CAUSE, "StartChildWorkflowExecutionCommandAttributes. Input exceeds size limit.");
  }
  if (memoExceeds(attributes.memo, limits.memoSizeErrorBytes))
    return fatalFault(CAUSE, "StartChildWorkflowExecutionCommandAttributes.Memo exceeds size limit.");
  const tooLarge = searchAttributesSizeFault(indexed);
  if (tooLarge !== undefined) return fatalFault(CAUSE, tooLarge);
  if (limits.pendingChildrenMax > 0 && state.children.size >= limits.pendingChildrenMax) {
    const text = `the number of pending child workflow executions, ${state.children.size}, has reached the per-workflow limit of ${limits.pendingChildrenMax}`;
    return fault(Cause.PENDING_CHILD_WORKFLOWS_LIMIT_EXCEEDED, text);
  }
  const timeouts = runTimeouts(capped(attributes), limits.defaultWorkflowTaskTimeoutMs);
  const time = timeOfChild(state);
  const initiated: StartChildWorkflowExecutionInitiatedEventAttributes = {
    ...initiatedAttributes(attributes, { namespace, namespaceId }),
    taskQueue: queue,
    workflowRunTimeout: toDuration(timeouts.runMs),
    workflowTaskTimeout: toDuration(timeouts.taskMs),
    workflowTaskCompletedEventId: batch.completedEventId,
    timeSkippingConfig: time.config,
    timeSkippingStatePropagation: time.passed,
  };
  const event = addCommandEvent(batch, command, {
    case: "startChildWorkflowExecutionInitiatedEventAttributes",
    value: initiated,
  });
  batch.initiatedChildren.add(attributes.workflowId);
  t.effect(
    childEffect(state, { initiatedEventId: event.eventId, initiated }, command.userMetadata, t.context.servesQueue),
  );
  return undefined;
}

function capped(
  attributes: StartChildWorkflowExecutionCommandAttributes,
): StartChildWorkflowExecutionCommandAttributes {
  return {
    ...attributes,
    workflowExecutionTimeout: cappedDuration(attributes.workflowExecutionTimeout),
    workflowRunTimeout: cappedDuration(attributes.workflowRunTimeout),
    workflowTaskTimeout: cappedDuration(attributes.workflowTaskTimeout),
  };
}

function who({ workflowId, workflowType }: StartChildWorkflowExecutionCommandAttributes, namespace: string): string {
  return `WorkflowId=${workflowId} WorkflowType=${workflowType?.name ?? ""} Namespace=${namespace}`;
}

function attributesFault(
  batch: CommandBatch,
  attributes: StartChildWorkflowExecutionCommandAttributes,
): string | undefined {
  const { idLengthMax } = batch.t.context.limits;
  const { namespace, workflowId } = attributes;
  const workflowType = attributes.workflowType?.name ?? "";
  const on = "on StartChildWorkflowExecutionCommand";
  if (workflowId === "")
    return `Required field WorkflowId is not set ${on}. WorkflowType=${workflowType} Namespace=${namespace}`;
  if (workflowType === "")
    return `Required field WorkflowType is not set ${on}. WorkflowId=${workflowId} Namespace=${namespace}`;
  for (const [name, text] of [
    ["Namespace", namespace],
    ["WorkflowId", workflowId],
    ["WorkflowType", workflowType],
  ] as const) {
    const length = utf8Length(text);
    if (length > idLengthMax)
      return `${name} ${on} exceeds length limit. ${who(attributes, namespace)} Length=${length} Limit=${idLengthMax}`;
  }
  const durations = {
    WorkflowExecutionTimeout: attributes.workflowExecutionTimeout,
    WorkflowRunTimeout: attributes.workflowRunTimeout,
    WorkflowTaskTimeout: attributes.workflowTaskTimeout,
  };
  for (const [name, duration] of Object.entries(durations)) {
    const wrong = durationFault(duration);
    if (wrong !== undefined) return `Invalid ${name} ${on}: ${wrong}. ${who(attributes, namespace)}`;
  }
  const wrongRetry =
    attributes.retryPolicy === undefined ? undefined : retryPolicyFault(withRetryDefaults(attributes.retryPolicy));
  if (wrongRetry !== undefined)
    return `invalid WorkflowRetryPolicy ${on}: ${wrongRetry}. ${who(attributes, namespace)}`;
  const wrongCron = cronFault(attributes.cronSchedule, batch.t.nowMs);
  return wrongCron === undefined
    ? undefined
    : `invalid CronSchedule ${on}: ${wrongCron}. ${who(attributes, namespace)}`;
}

type Initiated = Omit<
  StartChildWorkflowExecutionInitiatedEventAttributes,
  | "taskQueue"
  | "timeSkippingConfig"
  | "timeSkippingStatePropagation"
  | "workflowRunTimeout"
  | "workflowTaskTimeout"
  | "workflowTaskCompletedEventId"
>;

function initiatedAttributes(
  attributes: StartChildWorkflowExecutionCommandAttributes,
  target: { namespace: string; namespaceId: string },
): Initiated {
  return {
    ...target,
    workflowId: attributes.workflowId,
    workflowType: attributes.workflowType,
    input: attributes.input,
    workflowExecutionTimeout: cappedDuration(attributes.workflowExecutionTimeout),
    parentClosePolicy: attributes.parentClosePolicy || ParentClosePolicy.TERMINATE,
    control: attributes.control,
    workflowIdReusePolicy: attributes.workflowIdReusePolicy || WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    retryPolicy: attributes.retryPolicy === undefined ? undefined : withRetryDefaults(attributes.retryPolicy),
    cronSchedule: attributes.cronSchedule,
    header: attributes.header,
    memo: filledMemo(attributes.memo),
    searchAttributes: filledSearchAttributes(attributes.searchAttributes),
    inheritBuildId: attributes.inheritBuildId,
    priority: attributes.priority,
    versioningOverride: attributes.versioningOverride,
  };
}
