// As the service has them where nobody says otherwise.
const IDLE_MS = 1_000;
const BACKLOG_AGE_MS = 200;
const ADDED_TO_DISPATCHED = 1.2;
/** Suggestions a second for each worker that polls. */
const DECISIONS_PER_SECOND = 10;

/** What a queue knows when it hands out a task. */
export interface QueueLoad {
  readonly nowMs: number;
  /** How long the poll had waited. */
  readonly waitedMs: number;
  /** Whether the task had to wait for the poll. */
  readonly wasWaiting: boolean;
  /** Workers that have polled lately. */
  readonly workers: number;
  /** Age of the oldest task that waits; undefined if none does. */
  readonly backlogAgeMs: number | undefined;
  /** The queue may hand out no more for now, however many poll. */
  readonly isLimited: boolean;
  addedPerSecond(): number;
  dispatchedPerSecond(): number;
}

/** Suggests to workers to poll more or less, by how polls and tasks wait for each other. */
export class PollScaling {
  #allowance = 1;
  #refilledMs: number;

  constructor(nowMs: number) {
    this.#refilledMs = nowMs;
  }

  /** By how many polls the worker whose poll gets a task should have more or less; undefined says nothing. */
  suggest(load: QueueLoad): number | undefined {
    if (load.waitedMs >= IDLE_MS && !load.wasWaiting) return -1;
    if (!this.#allows(load) || load.isLimited) return undefined;
    const { backlogAgeMs } = load;
    if (backlogAgeMs !== undefined && backlogAgeMs > BACKLOG_AGE_MS) return 1;
    return load.addedPerSecond() / load.dispatchedPerSecond() > ADDED_TO_DISPATCHED ? 1 : undefined;
  }

  #allows({ nowMs, workers }: QueueLoad): boolean {
    const gained = (Math.max(0, nowMs - this.#refilledMs) * DECISIONS_PER_SECOND) / 1_000;
    this.#allowance = Math.min(1, this.#allowance + gained);
    this.#refilledMs = nowMs;
    const cost = 1 / Math.max(1, workers);
    if (this.#allowance < cost) return false;
    this.#allowance -= cost;
    return true;
  }
}
