import { utf8Bytes } from "../../core/text/utf8.ts";
import { withRetryDefaults } from "../../core/schedule/retry.ts";
import { overlapPolicyOf, type BufferedStart, type ScheduleState } from "../../core/schedule/schedule-state.ts";
import type { Payload, SearchAttributes } from "../../proto/gen/common.ts";
import { ScheduleOverlapPolicy, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from "../../proto/gen/enums.ts";
import { StartWorkflowExecutionRequest } from "../../proto/gen/workflowservice.ts";
import type { Namespace } from "../namespaces/namespace.ts";

const JSON_PLAIN = utf8Bytes("json/plain");
const DATETIME = utf8Bytes("Datetime");
const KEYWORD = utf8Bytes("Keyword");

/** Who starts, cancels and terminates for a schedule. */
export function scheduleIdentity(namespace: Namespace, { scheduleId }: ScheduleState): string {
  return `temporal-scheduler-${namespace.name}-${scheduleId}`;
}

/** The workflow id of a start: the action's, and the time unless the schedule's policy is to leave it out. */
function actionWorkflowId({ schedule }: ScheduleState, startTime: string): string {
  const workflowId = schedule.action.action?.value.workflowId ?? "";
  return schedule.policies.keepOriginalWorkflowId ? workflowId : `${workflowId}-${startTime}`;
}

/** The request by which a schedule starts its workflow; `undefined` if it has none. */
export function actionRequest(
  namespace: Namespace,
  state: ScheduleState,
  start: BufferedStart,
  requestId: string,
): StartWorkflowExecutionRequest | undefined {
  const { action } = state.schedule.action;
  if (action === undefined) return undefined;
  const { value } = action;
  const { keepOriginalWorkflowId } = state.schedule.policies;
  // Runs that may overlap have no last one.
  const alone = overlapPolicyOf(state, start.overlapPolicy) !== ScheduleOverlapPolicy.ALLOW_ALL;
  const startTime = secondText(start.nominalMs);
  return {
    // The action's messages are complete and never changed in place: copies of them would be for nothing.
    ...StartWorkflowExecutionRequest.create(),
    namespace: namespace.name,
    workflowId: actionWorkflowId(state, startTime),
    workflowType: value.workflowType,
    taskQueue: value.taskQueue,
    input: value.input,
    workflowExecutionTimeout: value.workflowExecutionTimeout,
    workflowRunTimeout: value.workflowRunTimeout,
    workflowTaskTimeout: value.workflowTaskTimeout,
    identity: scheduleIdentity(namespace, state),
    requestId,
    workflowIdReusePolicy:
      start.manual || keepOriginalWorkflowId
        ? WorkflowIdReusePolicy.ALLOW_DUPLICATE
        : WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    retryPolicy: value.retryPolicy === undefined ? undefined : withRetryDefaults(value.retryPolicy),
    memo: value.memo,
    searchAttributes: { indexedFields: actionAttributes(state, value.searchAttributes, startTime) },
    header: value.header,
    userMetadata: value.userMetadata,
    versioningOverride: value.versioningOverride,
    priority: value.priority,
    lastCompletionResult: alone ? state.lastCompletionResult : undefined,
    continuedFailure: alone ? state.continuedFailure : undefined,
  };
}

/** Those of the action, and the system's own. */
function actionAttributes(
  { scheduleId }: ScheduleState,
  asked: SearchAttributes | undefined,
  startTime: string,
): Record<string, Payload> {
  const attributes = { ...asked?.indexedFields };
  attributes["TemporalScheduledStartTime"] = jsonPayload(startTime, DATETIME);
  attributes["TemporalScheduledById"] = jsonPayload(scheduleId, KEYWORD);
  return attributes;
}

/** An instant to the second, as RFC 3339 has it. */
function secondText(atMs: number): string {
  return `${new Date(Math.floor(atMs / 1000) * 1000).toISOString().slice(0, -".000Z".length)}Z`;
}

function jsonPayload(value: string, type: Uint8Array): Payload {
  return {
    metadata: { encoding: JSON_PLAIN, type },
    data: utf8Bytes(JSON.stringify(value)),
    externalPayloads: [],
  };
}
