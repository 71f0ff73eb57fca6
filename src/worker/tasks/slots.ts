import type { Clock } from "../../core/time/clock.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import type { SlotMetrics } from "../metrics/worker-metrics.ts";
import type { SlotInfo, SlotPermit, SlotReserveContext, SlotSupplier, SlotType } from "../tuning/slot-supplier.ts";
import { FixedSizeSlotSupplier } from "../tuning/fixed-size-slot-supplier.ts";
import { ResourceBasedSlotSupplier } from "../tuning/resource-based-slot-supplier.ts";
import { sleep } from "./waiting.ts";

/** Wait before a supplier that failed is asked again. */
const SUPPLIER_RETRY_MS = 1_000;

/** What came of a slot's task. */
type SlotUse = "unused" | "done" | "failed";

/** Leave to run one task; give it back exactly once. */
export class Slot {
  readonly #supplier: SlotSupplier;
  readonly #permit: SlotPermit;
  readonly #released: (use: SlotUse) => void;
  readonly #used: (() => void) | undefined;
  #slotInfo: SlotInfo | undefined;
  #hasFailed = false;
  #isReleased = false;

  constructor(supplier: SlotSupplier, permit: SlotPermit, released: (use: SlotUse) => void, used?: () => void) {
    this.#supplier = supplier;
    this.#permit = permit;
    this.#released = released;
    this.#used = used;
  }

  /** Tells the supplier what the slot is used for. */
  use(slotInfo: SlotInfo): void {
    this.#slotInfo = slotInfo;
    this.#used?.();
    this.#supplier.markSlotUsed({ permit: this.#permit, slotInfo });
  }

  /** Counts the task that the slot was used for as failed. */
  fail(): void {
    this.#hasFailed = true;
  }

  /** Idempotent. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#released(this.#slotInfo === undefined ? "unused" : this.#hasFailed ? "failed" : "done");
    this.#supplier.releaseSlot({ permit: this.#permit, slotInfo: this.#slotInfo });
  }
}

/** What {@link Slots} are made of. */
export interface SlotsOptions {
  readonly slotType: SlotType;
  readonly supplier: SlotSupplier;
  readonly taskQueue: string;
  readonly identity: string;
  readonly buildId: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics?: SlotMetrics | undefined;
}

/** The slots of one kind of task. */
export class Slots {
  readonly #options: SlotsOptions;
  readonly #context: SlotReserveContext;
  readonly #stickyContext: SlotReserveContext;
  readonly #noteUsed: (() => void) | undefined;
  #taken = 0;
  /** Counted only for metrics. */
  #used = 0;
  #processed = 0;
  #failed = 0;

  constructor(options: SlotsOptions) {
    this.#options = options;
    this.#context = {
      slotType: options.slotType,
      taskQueue: options.taskQueue,
      workerIdentity: options.identity,
      workerBuildId: options.buildId,
      isSticky: false,
    };
    this.#stickyContext = { ...this.#context, isSticky: true };
    this.#noteUsed = options.metrics && (() => this.#countUsed(1));
    options.metrics?.changed(0, options.supplier.slotsMax);
  }

  /** Slots reserved or in use now. */
  get taken(): number {
    return this.#taken;
  }

  /** Tasks that slots were used for so far. */
  get processed(): number {
    return this.#processed;
  }

  /** Those of them that failed. */
  get failed(): number {
    return this.#failed;
  }

  /** Class of the supplier, for reports. */
  get supplierKind(): string {
    const { supplier } = this.#options;
    if (supplier instanceof FixedSizeSlotSupplier) return "Fixed";
    return supplier instanceof ResourceBasedSlotSupplier ? "ResourceBased" : supplier.constructor.name;
  }

  get slotsMax(): number | undefined {
    return this.#options.supplier.slotsMax;
  }

  /** Waits for a slot. Rejects only when the signal aborts. */
  async reserve(signal: AbortSignal, isSticky = false): Promise<Slot> {
    const { supplier, logger, clock } = this.#options;
    const context = isSticky ? this.#stickyContext : this.#context;
    for (;;) {
      try {
        return this.#grant(await supplier.reserveSlot(context, signal));
      } catch (error) {
        signal.throwIfAborted();
        logger.warn("Slot supplier failed to reserve a slot, will ask again", { error });
        await sleep(clock, SUPPLIER_RETRY_MS, signal);
      }
    }
  }

  /** A slot if one is free now. */
  tryReserve(): Slot | undefined {
    try {
      const permit = this.#options.supplier.tryReserveSlot(this.#context);
      return permit === undefined ? undefined : this.#grant(permit);
    } catch (error) {
      this.#options.logger.warn("Slot supplier failed to try to reserve a slot", { error });
      return undefined;
    }
  }

  #grant(permit: SlotPermit): Slot {
    this.#taken++;
    const released = (use: SlotUse): void => {
      this.#taken--;
      if (use === "unused") return;
      this.#processed++;
      if (use === "failed") this.#failed++;
      if (this.#noteUsed !== undefined) this.#countUsed(-1);
    };
    return new Slot(this.#options.supplier, permit, released, this.#noteUsed);
  }

  #countUsed(change: number): void {
    const { metrics, supplier } = this.#options;
    this.#used += change;
    metrics?.changed(this.#used, supplier.slotsMax);
  }
}
