import type { Client, WorkflowHistory } from "perdure/client";
import type { Replayer } from "perdure/worker";
import type { AcknowledgedCompletion } from "./acknowledgements.ts";
import { Ledger } from "./workflows.ts";

/** With the server up again, a workflow that has not ended after so long never will. */
const END_TIMEOUT_MS = 60_000;

/** What callers were told of one workflow. */
export interface Told {
  readonly id: string;
  readonly runId: string;
  /** Entries whose signal was acknowledged. */
  readonly acknowledged: readonly number[];
}

/** Compares a workflow with what callers and worker were told of it. */
export async function findLedgerFaults(
  client: Client,
  replayer: Replayer,
  told: Told,
  completions: readonly AcknowledgedCompletion[],
): Promise<{ readonly faults: string[]; readonly events: number }> {
  const handle = client.getWorkflowHandleFor(Ledger, told.id);
  const faults: string[] = [];
  const result = await handle.result({ signal: AbortSignal.timeout(END_TIMEOUT_MS) }).catch((error: unknown) => {
    faults.push(`did not complete: ${String(error)}`);
    return [];
  });
  const history = await handle.fetchHistory().catch(() => undefined);
  if (history === undefined) return { faults: [`${told.id} was acknowledged as started, and is gone`], events: 0 };
  const { count } = await client.countWorkflows(`WorkflowId = '${told.id}'`);
  if (count !== 1) faults.push(`has ${count} runs`);
  for (const entry of told.acknowledged) {
    const times = result.filter((one) => one === entry).length;
    if (times !== 1) faults.push(`was acknowledged signal ${entry}, and has it ${times} times`);
  }
  if (new Set(result).size !== result.length) faults.push(`has signals twice: ${result.join()}`);
  faults.push(...findHistoryFaults(history, told, completions));
  const { replayFailure } = await replayer.replayWorkflow(history, { raiseOnFailure: false });
  if (replayFailure !== undefined) faults.push(`does not replay: ${String(replayFailure)}`);
  return { faults: faults.map((fault) => `${told.id} ${fault}`), events: history.events.length };
}

function findHistoryFaults(
  { events }: WorkflowHistory,
  { runId }: Told,
  completions: readonly AcknowledgedCompletion[],
): string[] {
  const faults: string[] = [];
  if (events.some((event, index) => event.eventId !== index + 1)) faults.push("has a gap in its event ids");
  const activityIds = new Map<number, string>();
  const ended: string[] = [];
  let starts = 0;
  for (const { eventId, attributes } of events) {
    if (attributes?.case === "workflowExecutionStartedEventAttributes") {
      starts++;
      if (attributes.value.originalExecutionRunId !== runId)
        faults.push(`was acknowledged as run ${runId}, and is run ${attributes.value.originalExecutionRunId}`);
    } else if (attributes?.case === "activityTaskScheduledEventAttributes")
      activityIds.set(eventId, attributes.value.activityId);
    else if (attributes?.case === "activityTaskCompletedEventAttributes")
      ended.push(`activity ${activityIds.get(attributes.value.scheduledEventId)}`);
    else if (attributes?.case === "workflowTaskCompletedEventAttributes")
      ended.push(`workflowTask ${attributes.value.startedEventId}`);
  }
  if (starts !== 1) faults.push(`has ${starts} started events`);
  if (new Set(ended).size !== ended.length) faults.push("has a completion twice");
  for (const { kind, task } of completions)
    if (!ended.includes(`${kind} ${task}`))
      faults.push(`was acknowledged the completion of ${kind} ${task}, and does not have it`);
  const last = events.at(-1)?.attributes?.case;
  if (last !== "workflowExecutionCompletedEventAttributes") faults.push(`ends with ${last}`);
  return faults;
}
