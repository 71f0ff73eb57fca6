import { takeFromBuffer } from "../../core/schedule/buffer.ts";
import { bufferBackfills, bufferDue } from "../../core/schedule/due.ts";
import { recordStart } from "../../core/schedule/outcome.ts";
import { takeAction, type BufferedStart, type ScheduleState } from "../../core/schedule/schedule-state.ts";
import type { CompiledSpec } from "../../core/schedule/spec.ts";
import type { Transaction } from "../history/transaction.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import { endRun, findOpen, startAction, type ActionHost } from "./action-runs.ts";

/** Backfilled starts of one turn; the next turn comes after a pause, so that others get theirs. */
const BACKFILLS_PER_TURN = 100;
const BACKFILL_PAUSE_MS = 1000;

/** What a schedule acts with. */
export interface TurnHost extends ActionHost {
  readonly namespace: Namespace;
}

/**
 * Does all that a schedule can do now, in one transaction, and answers when it next needs a turn, in milliseconds since
 * the epoch; `undefined` if only a request or the end of a run brings one about.
 */
export function takeTurn(
  transaction: Transaction,
  host: TurnHost,
  state: ScheduleState,
  spec: CompiledSpec,
): number | undefined {
  const { nowMs } = transaction;
  const nextMs = bufferDue(state, spec, nowMs);
  bufferBackfills(state, spec, BACKFILLS_PER_TURN);
  // Each round takes starts out of the buffer; one that was not made gives its place to the next.
  while (startBuffered(transaction, host, state));
  // Without room, the end of a run brings on the next turn.
  const moreMs = state.backfills.length > 0 ? nowMs + BACKFILL_PAUSE_MS : Infinity;
  const soonestMs = Math.min(nextMs ?? Infinity, moreMs);
  return soonestMs === Infinity ? undefined : soonestMs;
}

/** Makes the starts that the overlap policy allows. Returns whether the rest of the buffer is worth another look. */
function startBuffered(transaction: Transaction, host: TurnHost, state: ScheduleState): boolean {
  if (state.buffer.length === 0) return false;
  // Without an action there is nothing to start, and what is due is forgotten: it counts as neither taken nor skipped.
  if (state.schedule.action.action === undefined) {
    state.buffer = [];
    return false;
  }
  // A run may have been deleted, or its chain have ended where nobody told the schedule.
  const running = state.running.filter((run) => findOpen(transaction, state.namespaceId, run) !== undefined);
  if (running.length < state.running.length) state.running = running;
  const { overlapping, single, end } = takeFromBuffer(state);
  for (const start of overlapping) makeStart(transaction, host, state, { start, overlapping: true });
  const made = single === undefined || makeStart(transaction, host, state, { start: single, overlapping: false });
  if (end !== "nothing") {
    for (const action of state.running) endRun(transaction, host, host.namespace, state, { action, end });
  }
  return !made;
}

function makeStart(
  transaction: Transaction,
  host: TurnHost,
  state: ScheduleState,
  { start, overlapping }: { readonly start: BufferedStart; readonly overlapping: boolean },
): boolean {
  if (!start.manual && !takeAction(state)) return false;
  const run = startAction(transaction, host, host.namespace, state, start);
  if (run === undefined) return false;
  recordStart(state, start, run, { nowMs: transaction.nowMs, overlapping });
  return true;
}
