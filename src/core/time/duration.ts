import { TemporalError } from "../errors.ts";

/** A length of time: a number of milliseconds, or text such as "5s", "10 minutes" or "1h 30m". */
export type Duration = number | string;

/** A length of time that cannot be understood. */
export class DurationError extends TemporalError {
  static override readonly code: string = "TEMPORAL_DURATION";
  override readonly name = "DurationError";
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  msec: 1,
  msecs: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1_000,
  sec: 1_000,
  secs: 1_000,
  second: 1_000,
  seconds: 1_000,
  m: 60_000,
  min: 60_000,
  mins: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hrs: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  weeks: 604_800_000,
};

const WHOLE = /^(?:\s*\d+(?:\.\d+)?\s*[a-z]+)+\s*$/i;
const PART = /(\d+(?:\.\d+)?)\s*([a-z]+)/gi;
/** Longer text is no length of time that a person wrote. */
const TEXT_LENGTH_MAX = 100;

/**
 * A length of time in milliseconds.
 *
 * @throws {DurationError} If it is negative, not finite, or text that is no length of time.
 */
export function toDurationMs(duration: Duration): number {
  const ms = typeof duration === "number" ? duration : parse(duration);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw new DurationError(
    `Cannot read duration ${JSON.stringify(duration)}: expected milliseconds from 0 up, or text such as "5s" or "1h 30m"`,
  );
}

function parse(text: string): number {
  if (typeof text !== "string" || text.length > TEXT_LENGTH_MAX || !WHOLE.test(text)) return NaN;
  let ms = 0;
  for (const [, amount, unit = ""] of text.matchAll(PART)) {
    ms += Number(amount) * (unitMs[unit.toLowerCase()] ?? NaN);
  }
  return ms;
}
