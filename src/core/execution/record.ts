import { HistoryEvent } from "../../proto/gen/history.ts";
import type { Operation, StepRecord } from "./contract.ts";
import { decodePlain, encodePlain } from "./plain-json.ts";

const noOps = new Uint8Array(0);

/** A record as the store keeps it. */
export interface StoredRecord {
  readonly firstEventId: number;
  /** Encoded `HistoryEvent`s. */
  readonly events: readonly Uint8Array[];
  /** What {@link encodeOps} wrote; empty for none. */
  readonly ops: Uint8Array;
}

/** A record's operations as bytes; none at all when there are none. */
export function encodeOps(ops: readonly Operation[]): Uint8Array {
  return ops.length === 0 ? noOps : encodePlain(ops);
}

/**
 * A stored record, ready to fold.
 *
 * @throws {Error} If the bytes were not written by {@link encodeOps} or are no events.
 */
export function decodeRecord(stored: StoredRecord): StepRecord {
  return {
    firstEventId: stored.firstEventId,
    events: stored.events.map((bytes) => ({ event: HistoryEvent.decode(bytes), bytes })),
    ops: stored.ops.length === 0 ? [] : (decodePlain(stored.ops) as Operation[]),
  };
}
