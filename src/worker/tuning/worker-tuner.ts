import type { Clock } from "../../core/time/clock.ts";
import { hostClock } from "../../rpc/host-clock.ts";
import { FixedSizeSlotSupplier } from "./fixed-size-slot-supplier.ts";
import {
  ResourceBasedSlotSupplier,
  type ResourceSlotOptions,
  type ResourceTargets,
} from "./resource-based-slot-supplier.ts";
import { createHostUsage, type ResourceUsage } from "./resource-usage.ts";
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

/** What {@link createResourceBasedTuner} may be told. */
export interface ResourceBasedTunerOptions extends ResourceTargets {
  readonly workflow?: ResourceSlotOptions;
  readonly activity?: ResourceSlotOptions;
  readonly localActivity?: ResourceSlotOptions;
  readonly nexus?: ResourceSlotOptions;
  /** @default that of the computer */
  readonly usage?: ResourceUsage;
  /** @default the host's clock */
  readonly clock?: Clock;
}

/**
 * A tuner that hands out slots as long as memory and processors have room.
 *
 * @throws {OptionsError} If limits or targets do not fit together.
 */
export function createResourceBasedTuner(options: ResourceBasedTunerOptions): WorkerTuner {
  const { clock = hostClock, usage = createHostUsage(clock) } = options;
  const parts = { targets: options, usage, clock };
  return {
    workflow: new ResourceBasedSlotSupplier(parts, { minimumSlots: 5, rampThrottle: 0, ...options.workflow }),
    activity: new ResourceBasedSlotSupplier(parts, options.activity),
    localActivity: new ResourceBasedSlotSupplier(parts, options.localActivity),
    nexus: new ResourceBasedSlotSupplier(parts, options.nexus),
  };
}
