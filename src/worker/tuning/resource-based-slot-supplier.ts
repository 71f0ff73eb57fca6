import { toDurationMs, type Duration } from "../../core/time/duration.ts";
import type { Clock } from "../../core/time/clock.ts";
import { sleep } from "../tasks/waiting.ts";
import { OptionsError } from "../worker-error.ts";
import type { ResourceUsage } from "./resource-usage.ts";
import type { SlotPermit, SlotReserveContext, SlotSupplier } from "./slot-supplier.ts";

/** What usage a resource-based supplier keeps below. */
export interface ResourceTargets {
  /** Share of memory, above 0 up to 1. */
  readonly targetMemoryUsage: number;
  /** Share of processors' time, above 0 up to 1. */
  readonly targetCpuUsage: number;
}

/** Limits of one kind of slot. */
export interface ResourceSlotOptions {
  /** Slots handed out whatever the usage. @default 5 for workflow tasks, else 1 */
  readonly minimumSlots?: number | undefined;
  /** @default 500 */
  readonly maximumSlots?: number | undefined;
  /** Least time between two slots above the minimum, so that the usage can follow. @default 0 for workflow tasks, else "50ms" */
  readonly rampThrottle?: Duration | undefined;
}

/** What a {@link ResourceBasedSlotSupplier} works with. */
export interface ResourceSupplierParts {
  readonly targets: ResourceTargets;
  readonly usage: ResourceUsage;
  readonly clock: Clock;
}

/** How long to wait before usage is looked at again. */
const RETRY_MS = 10;

const permit: SlotPermit = Object.freeze({});

/** Hands out slots as long as the computer's memory and processors have room. */
export class ResourceBasedSlotSupplier implements SlotSupplier {
  readonly #parts: ResourceSupplierParts;
  readonly #minimum: number;
  readonly #rampMs: number;
  readonly slotsMax: number;
  #taken = 0;
  #lastGrantMs = -Infinity;

  /** @throws {OptionsError} If limits or targets do not fit together. */
  constructor(parts: ResourceSupplierParts, options: ResourceSlotOptions = {}) {
    const { minimumSlots = 1, maximumSlots = 500, rampThrottle = 50 } = options;
    checkTargets(parts.targets);
    if (!Number.isSafeInteger(minimumSlots) || minimumSlots < 0 || maximumSlots < Math.max(1, minimumSlots)) {
      throw new OptionsError(
        `Cannot create a slot supplier: found minimumSlots ${minimumSlots} and maximumSlots ${maximumSlots}, expected whole numbers in that order, the second at least 1`,
      );
    }
    this.#parts = parts;
    this.#minimum = minimumSlots;
    this.slotsMax = maximumSlots;
    this.#rampMs = toDurationMs(rampThrottle);
  }

  async reserveSlot(_context: SlotReserveContext, signal: AbortSignal): Promise<SlotPermit> {
    for (;;) {
      const granted = this.tryReserveSlot();
      if (granted !== undefined) return granted;
      await sleep(this.#parts.clock, Math.max(RETRY_MS, this.#rampWaitMs()), signal);
    }
  }

  tryReserveSlot(): SlotPermit | undefined {
    if (this.#taken >= this.slotsMax) return undefined;
    if (this.#taken >= this.#minimum && (this.#rampWaitMs() > 0 || !this.#hasRoom())) return undefined;
    this.#taken++;
    this.#lastGrantMs = this.#parts.clock.now();
    return permit;
  }

  markSlotUsed(): void {
    // What a slot runs makes no difference here.
  }

  releaseSlot(): void {
    this.#taken--;
  }

  #rampWaitMs(): number {
    const waitMs = this.#lastGrantMs + this.#rampMs - this.#parts.clock.now();
    // More than a whole throttle is left only where the clock was set back.
    return waitMs > this.#rampMs ? 0 : waitMs;
  }

  #hasRoom(): boolean {
    const { targets, usage } = this.#parts;
    return usage.memory() < targets.targetMemoryUsage && usage.cpu() < targets.targetCpuUsage;
  }
}

function checkTargets(targets: ResourceTargets): void {
  for (const name of ["targetMemoryUsage", "targetCpuUsage"] as const) {
    const value = targets[name];
    if (!(value > 0 && value <= 1)) {
      throw new OptionsError(
        `Cannot create a slot supplier: found ${name} ${value}, expected a number above 0 up to 1`,
      );
    }
  }
}
