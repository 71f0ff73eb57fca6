import type { HistoryEvent } from "../../proto/gen/history.ts";

/** An event and its bytes: encoded once, when it is made. */
export interface EncodedEvent {
  readonly event: HistoryEvent;
  readonly bytes: Uint8Array;
}
