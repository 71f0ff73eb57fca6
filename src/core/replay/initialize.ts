import type { HistoryEvent } from "../../proto/gen/history.ts";
import type { InitializeWorkflow } from "./activation.ts";
import { HistoryError } from "./history-error.ts";
import { toMs, toTimeoutMs } from "./proto-time.ts";
import { toRandomSeed } from "./random-seed.ts";
import type { RunIdentity } from "./run-state.ts";

/**
 * What the code learns of its own start. `startTimeMs` is when the first workflow task began.
 *
 * @throws {HistoryError} If the event is not that of a start.
 */
export function toInitializeWorkflow(
  { eventId, eventTime, attributes }: HistoryEvent,
  identity: RunIdentity,
  startTimeMs: number,
): InitializeWorkflow {
  if (attributes?.case !== "workflowExecutionStartedEventAttributes")
    throw new HistoryError(`Cannot start workflow: event ${eventId} lacks its attributes`);
  const from = attributes.value;
  return {
    workflowId: identity.workflowId,
    runId: identity.runId,
    firstExecutionRunId: from.firstExecutionRunId,
    namespace: identity.namespace,
    taskQueue: identity.taskQueue,
    workflowType: from.workflowType?.name ?? "",
    arguments: from.input?.payloads ?? [],
    headers: from.header?.fields ?? {},
    randomSeed: toRandomSeed(from.originalExecutionRunId),
    identity: from.identity,
    attempt: from.attempt,
    startTimeMs,
    workflowStartTimeMs: eventTime === undefined ? startTimeMs : toMs(eventTime),
    executionTimeoutMs: toTimeoutMs(from.workflowExecutionTimeout),
    runTimeoutMs: toTimeoutMs(from.workflowRunTimeout),
    taskTimeoutMs: toTimeoutMs(from.workflowTaskTimeout) ?? 0,
    parent:
      from.parentWorkflowExecution === undefined
        ? undefined
        : {
            namespace: from.parentWorkflowNamespace,
            workflowId: from.parentWorkflowExecution.workflowId,
            runId: from.parentWorkflowExecution.runId,
          },
    root: from.rootWorkflowExecution,
    continuedFromRunId: from.continuedExecutionRunId,
    continuedInitiator: from.initiator,
    continuedFailure: from.continuedFailure,
    lastCompletionResult: from.lastCompletionResult?.payloads ?? [],
    cronSchedule: from.cronSchedule,
    retryPolicy: from.retryPolicy,
    memo: from.memo,
    searchAttributes: from.searchAttributes,
    priority: from.priority,
  };
}
