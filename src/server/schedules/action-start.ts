import { utf8Bytes } from "../../core/text/utf8.ts";
import { withRetryDefaults } from "../../core/schedule/retry.ts";
import { overlapPolicyOf, type BufferedStart, type ScheduleState } from "../../core/schedule/schedule-state.ts";
import type { Payload } from "../../proto/gen/common.ts";
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
export function actionWorkflowId({ schedule }: ScheduleState, { nominalMs }: BufferedStart): string {
  const workflowId = schedule.action.action?.value.workflowId ?? "";
  return schedule.policies.keepOriginalWorkflowId ? workflowId : `${workflowId}-${secondText(nominalMs)}`;
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
  return StartWorkflowExecutionRequest.create({
    namespace: namespace.name,
    workflowId: actionWorkflowId(state, start),
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
    searchAttributes: {
      indexedFields: {
        ...value.searchAttributes?.indexedFields,
        TemporalScheduledStartTime: jsonPayload(secondText(start.nominalMs), DATETIME),
        TemporalScheduledById: jsonPayload(state.scheduleId, KEYWORD),
      },
    },
    header: value.header,
    userMetadata: value.userMetadata,
    versioningOverride: value.versioningOverride,
    priority: value.priority,
    ...(alone ? { lastCompletionResult: state.lastCompletionResult, continuedFailure: state.continuedFailure } : {}),
  });
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
