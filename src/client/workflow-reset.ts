import { EventType, ResetReapplyExcludeType as ExcludeCode } from "../proto/gen/enums.ts";
import type { HistoryEvent } from "../proto/gen/history.ts";
import type { PostResetOperation as OperationMessage } from "../proto/gen/workflow.ts";
import type { Init } from "../proto/message.ts";
import type { CallOptions } from "./call-options.ts";
import type { CallsContext } from "./calls-context.ts";
import { converterFor, encodeArgs } from "./calls-context.ts";
import { ClientUsageError } from "./client-error.ts";
import type { WorkflowTarget } from "./interceptor.ts";
import { describeWorkflow, fetchHistoryEvents } from "./workflow-calls.ts";
import type { WorkflowOptionsChange } from "./workflow-options-change.ts";
import { toOptionsChangeMessage } from "./workflow-options-change.ts";

/**
 * Where a workflow begins anew.
 *
 * - `firstWorkflowTask`: at its beginning.
 * - `lastWorkflowTask`: at the last task that a worker took.
 * - `eventId`: at the task that this event completed, failed or started.
 * - `buildId`: before the first task that workers of this build took.
 */
export type ResetPoint =
  | "firstWorkflowTask"
  | "lastWorkflowTask"
  | { readonly eventId: number }
  | { readonly buildId: string };

/** What of the time after a {@link ResetPoint} the new run does not get again. */
export const ResetExclusion = {
  signal: "signal",
  update: "update",
  nexus: "nexus",
  cancelRequest: "cancelRequest",
} as const;
export type ResetExclusion = keyof typeof ResetExclusion;

/** What happens to the new run right after a reset. */
export type PostResetOperation =
  | { readonly kind: "signal"; readonly signal: string; readonly args?: readonly unknown[] | undefined }
  | { readonly kind: "updateOptions"; readonly changes: WorkflowOptionsChange };

/** How a workflow is reset. */
export interface ResetOptions extends CallOptions {
  /** Where the new run begins. @default "lastWorkflowTask" */
  readonly to?: ResetPoint | undefined;
  /** Why, for people. @default none */
  readonly reason?: string | undefined;
  /** What of the time after that point the new run does not get. @default nothing: it gets all */
  readonly exclude?: readonly ResetExclusion[] | undefined;
  /** What happens to the new run right away. @default nothing */
  readonly afterReset?: readonly PostResetOperation[] | undefined;
}

const excludeCodes: Readonly<Record<ResetExclusion, ExcludeCode>> = {
  signal: ExcludeCode.SIGNAL,
  update: ExcludeCode.UPDATE,
  nexus: ExcludeCode.NEXUS,
  cancelRequest: ExcludeCode.CANCEL_REQUEST,
};

/** The numbers of `temporal.api.enums.v1.ResetReapplyExcludeType`. */
export function toExcludeCodes(exclude: readonly ResetExclusion[] = []): ExcludeCode[] {
  return exclude.map((kind) => excludeCodes[kind]);
}

/** Operations after a reset as messages. */
export function toPostResetMessages(
  context: CallsContext,
  workflowId: string,
  operations: readonly PostResetOperation[] = [],
): Promise<Init<OperationMessage>[]> {
  return Promise.all(
    operations.map(async (operation): Promise<Init<OperationMessage>> => {
      if (operation.kind === "updateOptions") {
        return { variant: { case: "updateWorkflowOptions", value: toOptionsChangeMessage(operation.changes) } };
      }
      const input = await encodeArgs(converterFor(context, workflowId), operation.args ?? []);
      return { variant: { case: "signalWorkflow", value: { signalName: operation.signal, input } } };
    }),
  );
}

/**
 * The event that a reset names: the end of the workflow task at which the new run begins.
 *
 * @throws {ClientUsageError} If the workflow has no such task.
 */
export async function findResetEvent(
  context: CallsContext,
  target: WorkflowTarget & { readonly call: CallOptions },
  point: ResetPoint,
): Promise<number> {
  if (typeof point === "object" && "eventId" in point) return point.eventId;
  const found =
    typeof point === "object"
      ? await findBuildEvent(context, target, point.buildId)
      : await findTaskEvent(context, target, point);
  if (found !== undefined) return found;
  const wanted = typeof point === "object" ? `a task taken by build "${point.buildId}"` : "a workflow task";
  throw new ClientUsageError(
    `Cannot reset workflow "${target.workflowId}": its history has no such point, expected ${wanted}`,
  );
}

async function findTaskEvent(
  context: CallsContext,
  target: WorkflowTarget & { readonly call: CallOptions },
  which: "firstWorkflowTask" | "lastWorkflowTask",
): Promise<number | undefined> {
  const events = fetchHistoryEvents(context, {
    ...target,
    filter: "allEvent",
    skipArchival: false,
    waitNewEvent: false,
    pageSize: undefined,
    nextPageToken: undefined,
  });
  let completed: number | undefined;
  let scheduled: number | undefined;
  for await (const event of events) {
    if (isOf(event, EventType.WORKFLOW_TASK_COMPLETED)) completed = event.eventId;
    else if (isOf(event, EventType.WORKFLOW_TASK_SCHEDULED)) scheduled ??= event.eventId;
    if (which === "firstWorkflowTask" && completed !== undefined) break;
  }
  // Before any worker has answered, the first task is named by the event that follows its scheduling.
  return completed ?? (scheduled === undefined ? undefined : scheduled + 1);
}

async function findBuildEvent(
  context: CallsContext,
  target: WorkflowTarget & { readonly call: CallOptions },
  buildId: string,
): Promise<number | undefined> {
  const { rawInfo } = await describeWorkflow(context, target);
  const points = rawInfo.autoResetPoints?.points ?? [];
  return points.find((point) => point.buildId === buildId && point.resettable)?.firstWorkflowTaskCompletedId;
}

function isOf(event: HistoryEvent, type: EventType): boolean {
  return event.eventType === type;
}
