import type { Duration, Timestamp } from "../../proto/gen/google/protobuf.ts";

/** Whole milliseconds; finer parts are cut off, as `Date` would. */
export function toMs(time: Timestamp | Duration): number {
  return time.seconds * 1000 + Math.floor(time.nanos / 1e6);
}

/** A timeout in milliseconds; the protocol's "none" is either absent or zero. */
export function toTimeoutMs(duration: Duration | undefined): number | undefined {
  return duration === undefined || (duration.seconds === 0 && duration.nanos === 0) ? undefined : toMs(duration);
}

/** Seconds and nanoseconds of a time since the epoch, or of a length of time, in milliseconds. */
export function fromMs(ms: number): { readonly seconds: number; readonly nanos: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

/** As {@link fromMs}; absent stays absent. */
export function fromOptionalMs(
  ms: number | undefined,
): { readonly seconds: number; readonly nanos: number } | undefined {
  return ms === undefined ? undefined : fromMs(ms);
}
