import type { Range, StructuredCalendarSpec } from "../../proto/gen/schedule.ts";
import { CALENDAR_YEARS } from "./calendar-text.ts";
import { dateOfDays, daysOfDate } from "./time-zone.ts";
import type { ZoneOffsets } from "./zone-offset.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

type Matches = (value: number) => boolean;

/** A calendar that can be searched. */
export interface Calendar {
  readonly zone: ZoneOffsets;
  readonly year: Matches;
  readonly month: Matches;
  readonly dayOfMonth: Matches;
  readonly dayOfWeek: Matches;
  readonly hour: Matches;
  readonly minute: Matches;
  readonly second: Matches;
}

/** Prepares a calendar of a canonical spec. */
export function compileCalendar(spec: StructuredCalendarSpec, zone: ZoneOffsets): Calendar {
  return {
    zone,
    // No years mean all of them; of the other fields, none at all.
    year: spec.year.length === 0 ? () => true : matcher(spec.year),
    month: matcher(spec.month),
    dayOfMonth: matcher(spec.dayOfMonth),
    dayOfWeek: matcher(spec.dayOfWeek),
    hour: matcher(spec.hour),
    minute: matcher(spec.minute),
    second: matcher(spec.second),
  };
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
    calendar.hour(hour) &&
    calendar.minute(minute) &&
    calendar.second(second)
  );
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
  if (!calendar.hour(at.hour)) {
    set(at, { hour: at.hour + 1, minute: 0, second: 0 });
    return "date";
  }
  if (!calendar.minute(at.minute)) {
    set(at, { minute: at.minute + 1, second: 0 });
    return "time";
  }
  if (!calendar.second(at.second)) {
    set(at, { second: at.second + 1 });
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
  return {
    ...dateOfDays(days),
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
