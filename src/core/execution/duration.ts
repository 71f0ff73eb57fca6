import type { Duration, Timestamp } from "../../proto/gen/google/protobuf.ts";

/** Milliseconds of a duration; an absent one is zero, as everywhere in the protocol. */
export function durationMs(duration: Duration | undefined): number {
  return duration === undefined ? 0 : duration.seconds * 1000 + duration.nanos / 1e6;
}

/** The duration of so many milliseconds. */
export function toDuration(ms: number): Duration {
  const seconds = Math.trunc(ms / 1000);
  return carry(seconds, Math.round((ms - seconds * 1000) * 1e6));
}

/** Milliseconds since the epoch; an absent timestamp is zero. */
export function timestampMs(timestamp: Timestamp | undefined): number {
  return timestamp === undefined ? 0 : timestamp.seconds * 1000 + timestamp.nanos / 1e6;
}

/** The timestamp so many milliseconds after the epoch. */
export function toTimestamp(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return carry(seconds, Math.round((ms - seconds * 1000) * 1e6));
}

/** Rounding may give a whole second of nanoseconds. */
function carry(seconds: number, nanos: number): { seconds: number; nanos: number } {
  return nanos >= 1e9 ? { seconds: seconds + 1, nanos: nanos - 1e9 } : { seconds, nanos };
}
