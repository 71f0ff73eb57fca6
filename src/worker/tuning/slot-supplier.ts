/** Kinds of task that a worker holds slots for. */
export type SlotType = "workflow" | "activity" | "localActivity" | "nexus";

/** Leave to run one task. A supplier may hand out a subclass of its own with more on it. */
export interface SlotPermit {
  readonly [key: string]: unknown;
}

/** What a slot is asked for. */
export interface SlotReserveContext {
  readonly slotType: SlotType;
  readonly taskQueue: string;
  readonly workerIdentity: string;
  readonly workerBuildId: string;
  /** True when the slot is for the sticky queue of workflow tasks. */
  readonly isSticky: boolean;
}

/** What a used slot runs. */
export type SlotInfo =
  | { readonly slotType: "workflow"; readonly workflowType: string; readonly isSticky: boolean }
  | { readonly slotType: "activity" | "localActivity"; readonly activityType: string }
  | { readonly slotType: "nexus"; readonly service: string; readonly operation: string };

/** A slot as it begins to run a task. */
export interface SlotMarkUsedContext {
  readonly permit: SlotPermit;
  readonly slotInfo: SlotInfo;
}

/** A slot as it is given back; `slotInfo` is absent when no task came. */
export interface SlotReleaseContext {
  readonly permit: SlotPermit;
  readonly slotInfo?: SlotInfo | undefined;
}

/** Decides how many tasks of a kind a worker runs at once. Implement it for a policy of your own. */
export interface SlotSupplier {
  /** Waits for a free slot. A rejection is logged and asked again after a second. */
  reserveSlot(context: SlotReserveContext, signal: AbortSignal): Promise<SlotPermit>;
  /** A slot at once, or none. */
  tryReserveSlot(context: SlotReserveContext): SlotPermit | undefined;
  markSlotUsed(context: SlotMarkUsedContext): void;
  releaseSlot(context: SlotReleaseContext): void;
  /** Most slots there can be at a time, when that is known. */
  readonly slotsMax?: number | undefined;
}
