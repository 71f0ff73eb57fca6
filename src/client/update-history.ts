import { UNFINISHED_OUTCOME } from "../core/execution/update/outcome.ts";
import type { HistoryEvent } from "../proto/gen/history.ts";
import type { Outcome } from "../proto/gen/update.ts";
import type { CallOptions } from "./call-options.ts";
import type { CallsContext } from "./calls-context.ts";
import { fetchHistoryEvents } from "./workflow-calls.ts";

/** An update of a workflow by its ids. */
export interface UpdateRef {
  readonly updateId: string;
  readonly workflowId: string;
  readonly workflowRunId: string | undefined;
}

/**
 * Waits for the outcome of an update by reading its run's history as it grows; `undefined` if history knows of no such
 * update, which may be one that was not accepted yet.
 */
export async function outcomeFromHistory(
  context: CallsContext,
  { updateId, workflowId, workflowRunId: runId }: UpdateRef,
  call: CallOptions,
): Promise<Outcome | undefined> {
  const reading = { pageSize: undefined, nextPageToken: undefined, filter: "allEvent", skipArchival: false } as const;
  const input = { ...reading, workflowId, runId, call };
  let isAccepted = false;
  for await (const event of fetchHistoryEvents(context, { ...input, waitNewEvent: false })) {
    const outcome = outcomeIn(event, updateId);
    if (outcome !== undefined) return outcome;
    isAccepted ||= accepts(event, updateId);
  }
  if (!isAccepted) return undefined;
  for await (const event of fetchHistoryEvents(context, { ...input, waitNewEvent: true })) {
    const outcome = outcomeIn(event, updateId);
    if (outcome !== undefined) return outcome;
  }
  return UNFINISHED_OUTCOME;
}

function accepts({ attributes }: HistoryEvent, updateId: string): boolean {
  if (attributes?.case !== "workflowExecutionUpdateAcceptedEventAttributes") return false;
  return attributes.value.protocolInstanceId === updateId;
}

function outcomeIn({ attributes }: HistoryEvent, updateId: string): Outcome | undefined {
  if (attributes?.case !== "workflowExecutionUpdateCompletedEventAttributes") return undefined;
  return attributes.value.meta?.updateId === updateId ? attributes.value.outcome : undefined;
}
