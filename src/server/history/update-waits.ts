import type { RunKey } from "../store/store.ts";
import type { UpdateEffect } from "./engine-parts.ts";

/** Called with each thing that happens to an update. */
export type UpdateListener = (effect: UpdateEffect) => void;

/** Those who wait for updates, in memory only: the updates themselves are in their run's log. */
export class UpdateWaits {
  readonly #listeners = new Map<string, Set<UpdateListener>>();

  /** Listens until the returned function is called. */
  listen(key: RunKey, updateId: string, listener: UpdateListener): () => void {
    const name = `${key}/${updateId}`;
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) this.#listeners.set(name, new Set([listener]));
    else listeners.add(listener);
    return () => {
      const left = this.#listeners.get(name);
      left?.delete(listener);
      if (left?.size === 0) this.#listeners.delete(name);
    };
  }

  tell(key: RunKey, effect: UpdateEffect): void {
    const listeners = this.#listeners.get(`${key}/${effect.updateId}`);
    if (listeners === undefined) return;
    for (const listener of listeners) listener(effect);
  }
}
