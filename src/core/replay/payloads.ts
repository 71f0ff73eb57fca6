import type { Payload, Payloads } from "../../proto/gen/common.ts";
import type { HistoryEvent } from "../../proto/gen/history.ts";
import { HistoryError } from "./history-error.ts";
import { describeEvent } from "./mismatch.ts";

/**
 * The one payload of a result; absent where nothing was returned.
 *
 * @throws {HistoryError} If there are several.
 */
export function toSinglePayload(payloads: Payloads | undefined, event: HistoryEvent): Payload | undefined {
  if (payloads !== undefined && payloads.payloads.length > 1)
    throw new HistoryError(
      `Cannot apply event ${event.eventId} (${describeEvent(event)}): found ${payloads.payloads.length} payloads in its result, wanted at most one`,
    );
  return payloads?.payloads[0];
}

/** Arguments as the wire has them: absent rather than empty. */
export function toPayloads(payloads: readonly Payload[]): Payloads | undefined {
  return payloads.length === 0 ? undefined : { payloads: [...payloads] };
}
