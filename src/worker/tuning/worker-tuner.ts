import { FixedSizeSlotSupplier } from "./fixed-size-slot-supplier.ts";
import type { SlotSupplier } from "./slot-supplier.ts";

/** Slots of each kind when nothing is said. */
const DEFAULT_SLOTS = 100;

/** The slot suppliers of a worker, one for each kind of task. They may be shared between workers. */
export interface WorkerTuner {
  readonly workflow: SlotSupplier;
  readonly activity: SlotSupplier;
  readonly localActivity: SlotSupplier;
  readonly nexus: SlotSupplier;
}

/** Numbers of slots for {@link createFixedTuner}. */
export interface FixedTunerOptions {
  /** @default 100 */
  readonly workflowSlots?: number | undefined;
  /** @default 100 */
  readonly activitySlots?: number | undefined;
  /** @default 100 */
  readonly localActivitySlots?: number | undefined;
  /** @default 100 */
  readonly nexusSlots?: number | undefined;
}

/**
 * A tuner with constant numbers of slots.
 *
 * @throws {OptionsError} If a number is no positive integer.
 */
export function createFixedTuner(options: FixedTunerOptions = {}): WorkerTuner {
  return {
    workflow: new FixedSizeSlotSupplier(options.workflowSlots ?? DEFAULT_SLOTS),
    activity: new FixedSizeSlotSupplier(options.activitySlots ?? DEFAULT_SLOTS),
    localActivity: new FixedSizeSlotSupplier(options.localActivitySlots ?? DEFAULT_SLOTS),
    nexus: new FixedSizeSlotSupplier(options.nexusSlots ?? DEFAULT_SLOTS),
  };
}
