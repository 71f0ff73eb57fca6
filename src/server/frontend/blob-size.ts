import type { Memo, Payload, Payloads } from "../../proto/gen/common.ts";
import { invalidArgument } from "../failures.ts";
import type { Services } from "../services.ts";

// Tags and lengths around a payload's data; an estimate is enough for a limit of megabytes.
const PAYLOAD_OVERHEAD_BYTES = 16;

/** As the service says it. */
export const BLOB_TOO_LARGE = "Blob data size exceeds limit.";

/** Refuses payloads that are too large to be kept. */
export function checkBlobSize(services: Services, payloads: Payloads | undefined): void {
  if (isTooLarge(services, payloads)) throw invalidArgument(BLOB_TOO_LARGE);
}

/** Whether payloads are too large to be kept. */
export function isTooLarge({ settings }: Services, payloads: Payloads | undefined): boolean {
  return payloads !== undefined && sizeOf(payloads.payloads) > settings.blobSizeMaxBytes;
}

/** Refuses a memo that is too large to be kept. */
export function checkMemoSize({ settings }: Services, memo: Memo | undefined): void {
  if (memo === undefined) return;
  if (sizeOf(Object.values(memo.fields)) > settings.memoSizeMaxBytes) {
    throw invalidArgument("Memo size exceeds limit.");
  }
}

function sizeOf(payloads: readonly Payload[]): number {
  let bytes = 0;
  for (const { data, metadata } of payloads) {
    bytes += data.length + PAYLOAD_OVERHEAD_BYTES;
    for (const [key, value] of Object.entries(metadata)) bytes += key.length + value.length;
  }
  return bytes;
}
