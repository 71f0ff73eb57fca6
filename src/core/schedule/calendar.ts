import type { Range, StructuredCalendarSpec } from "../../proto/gen/schedule.ts";
import { CALENDAR_YEARS } from "./calendar-text.ts";
import { dateOfDays, daysOfDate } from "./time-zone.ts";
import type { ZoneOffsets } from "./zone-offset.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

type Matches = (value: number) => boolean;

/** The least value from a given one up that matches; the field's end if there is none. */
type NextMatch = (value: number) => number;

/** A calendar that can be searched. */
export interface Calendar {
  readonly zone: ZoneOffsets;
  readonly year: Matches;
  readonly month: Matches;
  readonly dayOfMonth: Matches;
  readonly dayOfWeek: Matches;
  readonly hour: NextMatch;
  readonly minute: NextMatch;
  readonly second: NextMatch;
  /** Length of the whole days, hours, minutes or seconds that either match or do not, by their beginnings. */
  readonly unitMs: number;
}

/** Prepares a calendar of a canonical spec. */
export function compileCalendar(spec: StructuredCalendarSpec, zone: ZoneOffsets): Calendar {
  const hour = nextMatcher(spec.hour, 24);
  const minute = nextMatcher(spec.minute, 60);
  const second = nextMatcher(spec.second, 60);
  return {
    zone,
    hour,
    minute,
    second,
    unitMs: unitOf(hour, minute, second),
    // No years mean all of them; of the other fields, none at all.
    year: spec.year.length === 0 ? () => true : matcher(spec.year),
    month: matcher(spec.month),
    dayOfMonth: matcher(spec.dayOfMonth),
    dayOfWeek: matcher(spec.dayOfWeek),
  };
}

function unitOf(hour: NextMatch, minute: NextMatch, second: NextMatch): number {
  if (!matchesAll(second, 60)) return 1000;
  if (!matchesAll(minute, 60)) return MINUTE_MS;
  return matchesAll(hour, 24) ? DAY_MS : HOUR_MS;
}

function matchesAll(next: NextMatch, end: number): boolean {
  for (let value = 0; value < end; value++) if (next(value) !== value) return false;
  return true;
}

/** Times of the day are jumped to: by single steps, the next full hour would be a hundred steps away. */
function nextMatcher(ranges: readonly Range[], end: number): NextMatch {
  const matches = matcher(ranges);
  const following = new Uint8Array(end).fill(end);
  for (let value = end - 1; value >= 0; value--) {
    following[value] = matches(value) ? value : (following[value + 1] ?? end);
  }
  return (value) => following[value] ?? end;
}

function matcher(ranges: readonly Range[]): Matches {
  const values = new Set<number>();
  for (const { start, end, step } of ranges) {
    for (let value = start; value <= Math.max(start, end); value += step || 1) values.add(value);
  }
  return (value) => values.has(value);
}

interface Civil {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/** Whether an instant, in milliseconds since the epoch, matches. */
export function matchesCalendar(calendar: Calendar, atMs: number): boolean {
  const { year, month, day, hour, minute, second } = civilOf(calendar, atMs);
  return (
    calendar.year(year) &&
    calendar.month(month) &&
    calendar.dayOfMonth(day) &&
    calendar.dayOfWeek(weekdayOf(calendar, atMs)) &&
    calendar.hour(hour) === hour &&
    calendar.minute(minute) === minute &&
    calendar.second(second) === second
  );
}

/** An instant up to which a calendar matches without a gap, given one that it matches. */
export function matchesUntilMs({ zone, unitMs }: Calendar, atMs: number): number {
  const offsetMs = zone.offsetMs(atMs);
  const endMs = (Math.floor((atMs + offsetMs) / unitMs) + 1) * unitMs - offsetMs;
  // Where clocks change meanwhile, the next second will do.
  return zone.offsetMs(endMs - 1000) === offsetMs ? endMs : atMs + 1000;
}

/**
 * The first whole second after an instant that matches; `undefined` if there is none up to the last year.
 *
 * A search for the next matching civil time. An hour that clocks show twice counts twice: `repeatMs` is an hour while
 * the search is in its second copy. An hour that they skip does not count.
 */
export function nextInCalendar(calendar: Calendar, afterMs: number): number | undefined {
  const at = civilOf(calendar, afterMs);
  const hourBefore = civilOf(calendar, afterMs - HOUR_MS).hour;
  let repeatMs = hourBefore === at.hour ? HOUR_MS : 0;
  at.second += 1;
  for (;;) {
    repeatMs = carry(calendar, at, repeatMs);
    if (at.year > CALENDAR_YEARS.max) return undefined;
    const step = findMismatch(calendar, at);
    if (step === "date") repeatMs = 0;
    if (step !== "none") continue;
    const nextMs = instantOf(calendar, at);
    // Clocks that do not show this hour skip it.
    if (civilOf(calendar, nextMs).hour === at.hour) return nextMs + repeatMs;
    set(at, { hour: at.hour + 1, minute: 0, second: 0 });
  }
}

/** Carries what a field has over its end to the next one, and finds out about hours that clocks show twice. */
function carry(calendar: Calendar, at: Civil, repeatMs: number): number {
  let repeats = repeatMs;
  if (at.second >= 60) set(at, { minute: at.minute + 1, second: 0 });
  if (at.minute >= 60) {
    const beforeMs = instantOf(calendar, { ...at, minute: 0, second: 0 });
    set(at, { hour: at.hour + 1, minute: 0 });
    const skippedCopy = repeats === 0 && instantOf(calendar, { ...at, minute: 0, second: 0 }) - beforeMs > HOUR_MS;
    repeats = skippedCopy ? HOUR_MS : 0;
    if (skippedCopy) at.hour -= 1;
  }
  if (at.hour >= 24) set(at, { day: at.day + 1, hour: 0 });
  if (at.day > daysInMonth(at.year, at.month)) set(at, { month: at.month + 1, day: 1 });
  if (at.month > 12) set(at, { year: at.year + 1, month: 1 });
  return repeats;
}

/** Moves on past the first field, from the largest down, that does not match; says whether that ended the hour. */
function findMismatch(calendar: Calendar, at: Civil): "date" | "time" | "none" {
  if (!calendar.year(at.year)) {
    set(at, { year: at.year + 1, month: 1, day: 1, hour: 0, minute: 0, second: 0 });
    return "date";
  }
  if (!calendar.month(at.month)) {
    set(at, { month: at.month + 1, day: 1, hour: 0, minute: 0, second: 0 });
    return "date";
  }
  if (!calendar.dayOfMonth(at.day) || !calendar.dayOfWeek(weekdayOf(calendar, instantOf(calendar, at)))) {
    set(at, { day: at.day + 1, hour: 0, minute: 0, second: 0 });
    return "date";
  }
  const hour = calendar.hour(at.hour);
  if (hour !== at.hour) {
    set(at, { hour, minute: 0, second: 0 });
    return "date";
  }
  const minute = calendar.minute(at.minute);
  if (minute !== at.minute) {
    set(at, { minute, second: 0 });
    return "time";
  }
  const second = calendar.second(at.second);
  if (second !== at.second) {
    set(at, { second });
    return "time";
  }
  return "none";
}

function set(at: Civil, changes: Partial<Civil>): void {
  Object.assign(at, changes);
}

function civilOf({ zone }: Calendar, atMs: number): Civil {
  const localMs = atMs + zone.offsetMs(atMs);
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
  };
}

function weekdayOf({ zone }: Calendar, atMs: number): number {
  const days = Math.floor((atMs + zone.offsetMs(atMs)) / DAY_MS);
  return (((days + 4) % 7) + 7) % 7;
}

function instantOf({ zone }: Calendar, { year, month, day, hour, minute, second }: Civil): number {
  const seconds = (hour * 60 + minute) * 60 + second;
  return zone.instantMs(daysOfDate(year, month, day) * DAY_MS + seconds * 1000);
}

function daysInMonth(year: number, month: number): number {
  return month > 12 ? 31 : daysOfDate(year, month + 1, 1) - daysOfDate(year, month, 1);
}
