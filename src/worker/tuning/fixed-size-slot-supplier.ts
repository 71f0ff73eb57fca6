import { OptionsError } from "../worker-error.ts";
import type { SlotPermit, SlotReserveContext, SlotSupplier } from "./slot-supplier.ts";

const permit: SlotPermit = Object.freeze({});

/** A constant number of slots. */
export class FixedSizeSlotSupplier implements SlotSupplier {
  readonly slotsMax: number;
  #free: number;
  readonly #waiting = new Set<() => void>();

  /** @throws {OptionsError} If the number is no positive integer. */
  constructor(slotsMax: number) {
    if (!Number.isSafeInteger(slotsMax) || slotsMax < 1) {
      throw new OptionsError(
        `Cannot create a slot supplier: number of slots is ${slotsMax}, expected a positive integer`,
      );
    }
    this.slotsMax = slotsMax;
    this.#free = slotsMax;
  }

  reserveSlot(_context: SlotReserveContext, signal: AbortSignal): Promise<SlotPermit> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve(permit);
    }
    return new Promise((resolve, reject) => {
      const grant = (): void => {
        signal.removeEventListener("abort", abort);
        resolve(permit);
      };
      const abort = (): void => {
        this.#waiting.delete(grant);
        reject(signal.reason as Error);
      };
      this.#waiting.add(grant);
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  tryReserveSlot(): SlotPermit | undefined {
    if (this.#free === 0) return undefined;
    this.#free--;
    return permit;
  }

  markSlotUsed(): void {
    // A reserved slot counts as taken already.
  }

  releaseSlot(): void {
    // Whoever waited longest gets the slot; only when nobody waits is it free.
    for (const grant of this.#waiting) {
      this.#waiting.delete(grant);
      grant();
      return;
    }
    this.#free++;
  }
}
