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

/** What workers have to do for a run. */
interface Work {
  readonly hasTask: boolean;
  /** That run or wait for a worker. */
  readonly activities: number;
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
  readonly #lostUpToMs: number;
  readonly #work = new Map<RunKey, Work>();
  readonly #sleepsUntilMs = new Set<{ readonly atMs: number }>();
  #server: TimeSkippingHost | undefined;
  #locks: number;
  #unlockedSleeps = 0;
  #cancelCheck: CancelTimer | undefined;

  /**
   * @param locks How often it is locked at first: once, as in Temporal's test server, if time is skipped only where somebody asks.
   * @param lostUpToMs What workers took up until then has gone with them: time does not stand still for it.
   */
  constructor(host: Clock, locks: 0 | 1, lostUpToMs = -Infinity) {
    this.#host = host;
    this.#locks = locks;
    this.#lostUpToMs = lostUpToMs;
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

  /** Takes back one lock, or one that is still to come: waits for several results may overlap. */
  unlock(): void {
    this.#locks -= 1;
    this.#checkSoon();
  }

  /** As {@link sleepUntil}, with one lock less meanwhile. An activity that sleeps so does not keep time from passing. */
  async sleepUnlocked(atMs: number, signal: CallSignal): Promise<void> {
    this.#unlockedSleeps += 1;
    try {
      await this.sleepUntil(atMs, signal);
    } finally {
      this.#unlockedSleeps -= 1;
    }
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
    this.#note(key, over ? undefined : workOf(state, this.#lostUpToMs));
  }

  /**
   * Told whenever something that is kept like a run has changed, and whether time must stand still for it.
   *
   * @param startedMs When a worker took it up; `undefined` if none has.
   */
  note(key: RunKey, busy: boolean, startedMs: number | undefined): void {
    const isHeld = busy && (startedMs === undefined || startedMs > this.#lostUpToMs);
    this.#note(key, isHeld ? { hasTask: true, activities: 0 } : undefined);
  }

  #note(key: RunKey, work: Work | undefined): void {
    if (work === undefined) this.#work.delete(key);
    else this.#work.set(key, work);
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
    if (server === undefined || this.#isHeld()) return;
    if (server.hasPendingQueries()) {
      this.#checkSoon(QUERY_PAUSE_MS);
      return;
    }
    const nextMs = Math.min(server.nextDeadlineMs() ?? Infinity, ...[...this.#sleepsUntilMs].map(({ atMs }) => atMs));
    if (nextMs < Infinity) this.clock.skipTo(nextMs);
  }

  #isHeld(): boolean {
    const locks = Math.max(this.#locks, 0);
    if (locks > this.#unlockedSleeps) return true;
    let activities = 0;
    for (const work of this.#work.values()) {
      if (work.hasTask) return true;
      activities += work.activities;
    }
    return activities > this.#unlockedSleeps - locks;
  }
}

function workOf(
  { phase, workflowTask, activities, nexusOperations }: ExecutionState,
  lostUpToMs: number,
): Work | undefined {
  if (phase !== "running") return undefined;
  let running = 0;
  for (const activity of activities.values()) {
    const isOffered = activity.phase === "scheduled" && activity.paused === undefined;
    const isHeld = activity.phase === "started" && (activity.startedMs ?? Infinity) > lostUpToMs;
    if (isHeld || isOffered) running += 1;
  }
  const isTaskLost = workflowTask?.phase === "started" && workflowTask.startedMs <= lostUpToMs;
  let hasTask = workflowTask !== undefined && !isTaskLost;
  // A Nexus handler that is being asked answers soon, as a worker does.
  for (const { phase: operation, cancel } of nexusOperations.values()) {
    hasTask ||= operation === "scheduled" || cancel?.phase === "scheduled";
  }
  return hasTask || running > 0 ? { hasTask, activities: running } : undefined;
}
