import type { CallSignal } from "../../rpc/transport.ts";
import type { RunKey } from "../store/store.ts";

/** Those who wait for something to happen to a run. */
export class Watchers {
  readonly #watchers = new Map<RunKey, Set<() => void>>();

  /**
   * Resolves when the run changes next, the instant is reached as told by `schedule`, or the signal aborts; which of
   * them it was, the caller finds out by looking.
   */
  next(key: RunKey, signal: CallSignal, schedule: (fire: () => void) => () => void): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#remove(key, wake);
        cancelTimer();
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const cancelTimer = schedule(wake);
      signal.addEventListener("abort", wake);
      const watchers = this.#watchers.get(key);
      if (watchers === undefined) this.#watchers.set(key, new Set([wake]));
      else watchers.add(wake);
    });
  }

  /** Wakes all who wait for the run. */
  notify(key: RunKey): void {
    const watchers = this.#watchers.get(key);
    if (watchers === undefined) return;
    for (const wake of watchers) wake();
  }

  notifyAll(): void {
    for (const key of this.#watchers.keys()) this.notify(key);
  }

  #remove(key: RunKey, wake: () => void): void {
    const watchers = this.#watchers.get(key);
    watchers?.delete(wake);
    if (watchers?.size === 0) this.#watchers.delete(key);
  }
}
