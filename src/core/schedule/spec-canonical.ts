import { utf8Length } from "../text/utf8.ts";
import { durationMs } from "../execution/duration.ts";
import { ScheduleSpec, type IntervalSpec, type Range, type StructuredCalendarSpec } from "../../proto/gen/schedule.ts";
import { CALENDAR_YEARS, parseCalendar, parseCronText } from "./calendar-text.ts";
import { isTimeZone } from "./time-zone.ts";

const COMMENT_LENGTH_MAX = 200;
const CONFLICTING_ZONES = "conflicting timezone names";

const bounds: readonly (readonly [keyof StructuredCalendarSpec, name: string, min: number, max: number])[] = [
  ["second", "Second", 0, 59],
  ["minute", "Minute", 0, 59],
  ["hour", "Hour", 0, 23],
  ["dayOfMonth", "DayOfMonth", 1, 31],
  ["month", "Month", 1, 12],
  ["year", "Year", CALENDAR_YEARS.min, CALENDAR_YEARS.max],
  ["dayOfWeek", "DayOfWeek", 0, 6],
];

/**
 * A spec as the service keeps it: calendars of texts and cron strings turned into structured calendars and intervals.
 *
 * @throws {RangeError} If the spec is not valid, with the service's message.
 */
export function canonicalSpec(spec: ScheduleSpec): ScheduleSpec {
  const crons = spec.cronString.map(parseCronText);
  const canonical = ScheduleSpec.create({
    ...spec,
    structuredCalendar: [
      ...spec.structuredCalendar,
      ...spec.calendar.map(parseCalendar),
      ...crons.flatMap(({ calendar }) => (calendar === undefined ? [] : [calendar])),
    ],
    calendar: [],
    excludeStructuredCalendar: [...spec.excludeStructuredCalendar, ...spec.excludeCalendar.map(parseCalendar)],
    excludeCalendar: [],
    interval: [...spec.interval, ...crons.flatMap(({ interval }) => (interval === undefined ? [] : [interval]))],
    cronString: [],
    timezoneName: agreedZone(
      spec,
      crons.map(({ timeZone }) => timeZone),
    ),
  });
  for (const calendar of canonical.structuredCalendar) checkCalendar(calendar);
  for (const interval of canonical.interval) checkInterval(interval);
  checkZone(canonical);
  return canonical;
}

/** The zone that the spec and its cron strings agree on. */
function agreedZone(spec: ScheduleSpec, cronZones: readonly string[]): string {
  const [cronZone = ""] = cronZones;
  if (cronZones.some((zone) => zone !== cronZone)) throw new RangeError(CONFLICTING_ZONES);
  if (cronZone === "") return spec.timezoneName;
  if ((spec.timezoneName !== "" && spec.timezoneName !== cronZone) || spec.timezoneData.length > 0) {
    throw new RangeError(CONFLICTING_ZONES);
  }
  return cronZone;
}

function checkCalendar(calendar: StructuredCalendarSpec): void {
  const faults = bounds.flatMap(([key, name, min, max]) =>
    (calendar[key] as readonly Range[]).flatMap((range) => rangeFaults(range, name, min, max)),
  );
  if (utf8Length(calendar.comment) > COMMENT_LENGTH_MAX) faults.push("comment is too long");
  if (faults.length > 0) throw new RangeError(`invalid calendar spec: ${faults.join(", ")}`);
}

function rangeFaults({ start, end, step }: Range, name: string, min: number, max: number): readonly string[] {
  const faults: string[] = [];
  if (start < min || start > max) faults.push(`${name} Start is not in range [${min}-${max}]`);
  if (end !== 0 && (end < start || end > max)) {
    faults.push(`${name} End is before Start or not in range [${min}-${max}]`);
  }
  if (step < 0) faults.push(`${name} has invalid Step`);
  return faults;
}

function checkInterval({ interval, phase }: IntervalSpec): void {
  const intervalMs = durationMs(interval);
  const phaseMs = durationMs(phase);
  if (intervalMs < 1000) throw new RangeError("interval is too small");
  if (phaseMs < 0) throw new RangeError("phase is negative");
  if (phaseMs >= intervalMs) throw new RangeError("phase cannot be greater than Interval");
}

function checkZone({ timezoneName, timezoneData }: ScheduleSpec): void {
  if (timezoneData.length > 0) {
    throw new RangeError("timezone data is not supported by this server: give the name of a time zone");
  }
  if (timezoneName !== "" && !isTimeZone(timezoneName)) throw new RangeError(`unknown time zone ${timezoneName}`);
}

/** A spec as it is shown: with the ends and steps of ranges that were left out. */
export function shownSpec(spec: ScheduleSpec): ScheduleSpec {
  return {
    ...spec,
    structuredCalendar: spec.structuredCalendar.map(shownCalendar),
    excludeStructuredCalendar: spec.excludeStructuredCalendar.map(shownCalendar),
  };
}

function shownCalendar(calendar: StructuredCalendarSpec): StructuredCalendarSpec {
  const shown = { ...calendar };
  for (const [key] of bounds) {
    const ranges = (calendar[key] as readonly Range[]).map(({ start, end, step }) => ({
      start,
      end: Math.max(start, end),
      step: step || 1,
    }));
    Object.assign(shown, { [key]: ranges });
  }
  return shown;
}
