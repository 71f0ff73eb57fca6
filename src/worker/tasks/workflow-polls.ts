import type { PollScale } from "./poll-scale.ts";

/** The two queues a worker polls for workflow tasks, as they share its slots. */
export interface WorkflowPollsOptions {
  readonly normal: PollScale;
  readonly sticky: PollScale;
  /** Slots for workflow tasks; unknown with some suppliers. */
  readonly slotsMax: number | undefined;
}

/**
 * Balances polls of the normal and of the sticky queue.
 *
 * Neither may take the slots that the other needs for its first poll, and tasks known to wait in the sticky queue
 * go first: their runs are in the cache already.
 */
export class WorkflowPolls {
  readonly #options: WorkflowPollsOptions;
  #stickyBacklog = 0;

  constructor(options: WorkflowPollsOptions) {
    this.#options = options;
  }

  /** Notes how many tasks wait in the sticky queue. */
  sawStickyBacklog(count: number): void {
    this.#stickyBacklog = count;
  }

  /** Waits until a poll of one queue would not crowd out the other; `undefined` when it does not now. */
  wait(isSticky: boolean, signal: AbortSignal): Promise<void> | undefined {
    return this.#isAllowed(isSticky) ? undefined : this.#waitLong(isSticky, signal);
  }

  async #waitLong(isSticky: boolean, signal: AbortSignal): Promise<void> {
    const { normal, sticky } = this.#options;
    while (!this.#isAllowed(isSticky)) {
      const waited = new AbortController();
      const either = AbortSignal.any([signal, waited.signal]);
      try {
        await Promise.race([normal.changed(either), sticky.changed(either)]);
      } finally {
        waited.abort();
      }
    }
  }

  #isAllowed(isSticky: boolean): boolean {
    const { slotsMax, normal, sticky } = this.#options;
    if (slotsMax === undefined) return true;
    const own = isSticky ? sticky.active : normal.active;
    const other = isSticky ? normal.active : sticky.active;
    if (own === 0) return true;
    if (other === 0 && own + 1 >= slotsMax) return false;
    if (this.#stickyBacklog > 1 && this.#stickyBacklog > sticky.active) return isSticky;
    return own + other < slotsMax;
  }
}
