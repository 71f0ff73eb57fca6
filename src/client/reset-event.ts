import { EventType } from "../proto/gen/enums.ts";
import type { HistoryEvent } from "../proto/gen/history.ts";
import type { PostResetOperation as OperationMessage } from "../proto/gen/workflow.ts";
import type { Init } from "../proto/message.ts";
import type { CallOptions } from "./call-options.ts";
import type { WorkflowTarget } from "./call-parts.ts";
import type { CallsContext } from "./calls-context.ts";
import { converterFor, encodeArgs } from "./calls-context.ts";
import { ClientUsageError } from "./client-error.ts";
import { describeWorkflow, fetchHistoryEvents } from "./workflow-calls.ts";
import { toOptionsChangeMessage } from "./workflow-options-change.ts";
import type { PostResetOperation, ResetPoint } from "./workflow-reset.ts";

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
