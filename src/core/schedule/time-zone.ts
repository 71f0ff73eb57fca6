/** A moment as clocks and calendars show it in some time zone. */
export interface CivilTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** From 0, Sunday. */
  readonly weekday: number;
}

const DAY_MS = 86_400_000;
const ZONES_KEPT_MAX = 64;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether there is a time zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    format(name);
    return true;
  } catch {
    return false;
  }
}

/** @throws {RangeError} If there is no such zone. */
function format(timeZone: string): Intl.DateTimeFormat {
  let found = formats.get(timeZone);
  if (found === undefined) {
    found = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    if (formats.size >= ZONES_KEPT_MAX) formats.clear();
    formats.set(timeZone, found);
  }
  return found;
}

/** Milliseconds since the epoch as civil time. */
export function civilTime(ms: number, timeZone: string): CivilTime {
  const localMs = ms + offsetMs(ms, timeZone);
  const days = Math.floor(localMs / DAY_MS);
  const seconds = Math.floor((localMs - days * DAY_MS) / 1000);
  const { year, month, day } = dateOfDays(days);
  return {
    year,
    month,
    day,
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    weekday: (((days + 4) % 7) + 7) % 7,
  };
}

/** The first moment of a day; a day or month beyond its end counts on. */
export function startOfDayMs(year: number, month: number, day: number, timeZone: string): number {
  return instantMs((daysOfDate(year, month, 1) + day - 1) * DAY_MS, timeZone);
}

/** The first moment of a month; a month beyond December counts on. */
export function startOfMonthMs(year: number, month: number, timeZone: string): number {
  return startOfDayMs(year, month, 1, timeZone);
}

/** The moment at which clocks show `localMs`, counted as if they showed UTC; where they skip it, the first after the gap. */
export function instantMs(localMs: number, timeZone: string): number {
  const early = localMs - offsetMs(localMs - DAY_MS, timeZone);
  const late = localMs - offsetMs(localMs + DAY_MS, timeZone);
  const shownAt = [early, late].filter((ms) => ms + offsetMs(ms, timeZone) === localMs);
  return shownAt.length > 0 ? Math.min(...shownAt) : Math.max(early, late);
}

/** How far clocks are ahead of UTC at a moment. */
export function offsetMs(ms: number, timeZone: string): number {
  if (timeZone === "UTC") return 0;
  const second = Math.floor(ms / 1000) * 1000;
  const parts: Record<string, number> = {};
  let before = 1;
  for (const { type, value } of format(timeZone).formatToParts(second)) {
    if (type === "era") before = value.startsWith("B") ? -1 : 1;
    else parts[type] = Number(value);
  }
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second: shown = 0 } = parts;
  const days = daysOfDate(before < 0 ? 1 - year : year, month, day);
  return days * DAY_MS + ((hour * 60 + minute) * 60 + shown) * 1000 - second;
}

/** Days since the epoch; the calendar repeats every 400 years, which begin in March here so that leap days come last. */
export function daysOfDate(year: number, month: number, day: number): number {
  const months = year * 12 + month - 3;
  const shiftedYear = Math.floor(months / 12);
  const shiftedMonth = months - shiftedYear * 12;
  const leapDays = Math.floor(shiftedYear / 4) - Math.floor(shiftedYear / 100) + Math.floor(shiftedYear / 400);
  return shiftedYear * 365 + leapDays + Math.floor((153 * shiftedMonth + 2) / 5) + day - 1 - 719_468;
}

/** The date that is so many days after the epoch. */
export function dateOfDays(days: number): {
  readonly year: number;
  readonly month: number;
  readonly day: number;
} {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}
