import type { ExecutionState } from "../../core/execution/state.ts";
import type { CancelTimer, Clock } from "../../core/time/clock.ts";
import type { Run } from "../history/run.ts";
import type { RunKey } from "../store/store.ts";
import type { CallSignal } from "../../rpc/transport.ts";
import { SkippingClock } from "./skipping-clock.ts";

// A query's end is no change of a run, so it is looked for.
const QUERY_PAUSE_MS = 10;

/** What time skipping must know of the server. */
export interface TimeSkippingHost {
  /** When a run next needs time to have passed, in milliseconds since the epoch; `undefined` if none does. */
  nextDeadlineMs(): number | undefined;
  /** Whether a worker is being asked something that leaves no trace in a run. */
  hasPendingQueries(): boolean;
}

/**
 * Lets time pass at once while nothing happens.
 *
 * The clock is put forward to the next instant that somebody waits for, as long as skipping is not locked, no workflow
 * task is outstanding, no activity runs or waits for a worker and no Nexus handler is being asked.
 */
export class TimeSkipping {
  readonly clock: SkippingClock;
  readonly #host: Clock;
  readonly #busy = new Set<RunKey>();
  readonly #sleepsUntilMs = new Set<{ readonly atMs: number }>();
  #server: TimeSkippingHost | undefined;
  // As in Temporal's test server: time is skipped only where somebody asks for it.
  #locks = 1;
  #cancelCheck: CancelTimer | undefined;

  constructor(host: Clock) {
    this.#host = host;
    this.clock = new SkippingClock(host);
  }

  /** Begins to look at the server. */
  start(server: TimeSkippingHost): void {
    this.#server = server;
  }

  stop(): void {
    this.#server = undefined;
    this.#cancelCheck?.();
  }

  lock(): void {
    this.#locks += 1;
  }

  /** Takes back one lock. Returns `false` if there is none. */
  unlock(): boolean {
    if (this.#locks === 0) return false;
    this.#locks -= 1;
    this.#checkSoon();
    return true;
  }

  /** Waits until the clock has moved on; resolves early when `signal` aborts. */
  async sleepUntil(atMs: number, signal: CallSignal): Promise<void> {
    const sleep = { atMs };
    this.#sleepsUntilMs.add(sleep);
    this.#checkSoon();
    await new Promise<void>((resolve) => {
      const end = (): void => {
        cancel();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const cancel = this.clock.schedule(atMs, end);
      signal.addEventListener("abort", end, { once: true });
      if (signal.aborted) end();
    });
    this.#sleepsUntilMs.delete(sleep);
  }

  /** Told whenever a run has changed or is gone. */
  noteRun({ key, state }: Run, over: boolean): void {
    this.note(key, !over && isBusy(state));
  }

  /** Told whenever something that is kept like a run has changed, and whether time must stand still for it. */
  note(key: RunKey, busy: boolean): void {
    if (busy) this.#busy.add(key);
    else this.#busy.delete(key);
    this.#checkSoon();
  }

  // Answers on their way must arrive first: what a caller does on them counts as happening at the same instant.
  #checkSoon(pauseMs = 0): void {
    this.#cancelCheck ??= this.#host.schedule(this.#host.now() + pauseMs, () => {
      this.#cancelCheck = undefined;
      this.#skip();
    });
  }

  #skip(): void {
    const server = this.#server;
    if (server === undefined || this.#locks > 0 || this.#busy.size > 0) return;
    if (server.hasPendingQueries()) {
      this.#checkSoon(QUERY_PAUSE_MS);
      return;
    }
    const nextMs = Math.min(server.nextDeadlineMs() ?? Infinity, ...[...this.#sleepsUntilMs].map(({ atMs }) => atMs));
    if (nextMs < Infinity) this.clock.skipTo(nextMs);
  }
}

function isBusy({ phase, workflowTask, activities, nexusOperations }: ExecutionState): boolean {
  if (phase !== "running") return false;
  if (workflowTask !== undefined) return true;
  for (const activity of activities.values()) {
    if (activity.phase === "started" || (activity.phase === "scheduled" && activity.paused === undefined)) return true;
  }
  for (const { phase: operation, cancel } of nexusOperations.values()) {
    if (operation === "scheduled" || cancel?.phase === "scheduled") return true;
  }
  return false;
}
