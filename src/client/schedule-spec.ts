import { fromMs, toMs } from "../core/replay/proto-time.ts";
import type { Duration } from "../core/time/duration.ts";
import { toDurationMs } from "../core/time/duration.ts";
import type { Timestamp } from "../proto/gen/google/protobuf.ts";
import type {
  Range as RangeMessage,
  ScheduleSpec as SpecMessage,
  StructuredCalendarSpec as CalendarMessage,
} from "../proto/gen/schedule.ts";
import type { Init } from "../proto/message.ts";
import { ClientUsageError } from "./client-error.ts";

/** Numbers from one to another, both included. */
export interface ScheduleRange {
  readonly start: number;
  /** @default start, also if it is less */
  readonly end?: number | undefined;
  /** Which of them: every one, every second, … @default 1 */
  readonly step?: number | undefined;
}

/** Times by the calendar: those that every field matches. */
export interface ScheduleCalendarSpec {
  /** 0 to 59. @default 0 */
  readonly second?: readonly ScheduleRange[] | undefined;
  /** 0 to 59. @default 0 */
  readonly minute?: readonly ScheduleRange[] | undefined;
  /** 0 to 23. @default 0 */
  readonly hour?: readonly ScheduleRange[] | undefined;
  /** 1 to 31. @default every day */
  readonly dayOfMonth?: readonly ScheduleRange[] | undefined;
  /** 1 to 12. @default every month */
  readonly month?: readonly ScheduleRange[] | undefined;
  /** @default every year */
  readonly year?: readonly ScheduleRange[] | undefined;
  /** 0 to 6, from Sunday. @default every day */
  readonly dayOfWeek?: readonly ScheduleRange[] | undefined;
  /** For people. @default none */
  readonly comment?: string | undefined;
}

/** Times at equal distances, counted from the epoch. */
export interface ScheduleIntervalSpec {
  readonly every: Duration;
  /** Added to each. @default 0 */
  readonly offset?: Duration | undefined;
}

/** When a schedule starts its workflow: all times of calendars, intervals and cron expressions but the skipped ones. */
export interface ScheduleSpec {
  readonly calendars?: readonly ScheduleCalendarSpec[] | undefined;
  readonly intervals?: readonly ScheduleIntervalSpec[] | undefined;
  /** Which the service turns into calendars and intervals. */
  readonly cronExpressions?: readonly string[] | undefined;
  readonly skip?: readonly ScheduleCalendarSpec[] | undefined;
  /** Times before it are left out. @default none are */
  readonly startAt?: Date | undefined;
  /** Times after it are left out. @default none are */
  readonly endAt?: Date | undefined;
  /** Each start is put off by a random time of at most this, but not past the next one. @default 0 */
  readonly jitter?: Duration | undefined;
  /** IANA name of the time zone of calendars. @default UTC */
  readonly timeZoneName?: string | undefined;
}

/** A spec as the service describes it: with all defaults, and lengths of time in milliseconds. */
export interface DescribedScheduleSpec extends ScheduleSpec {
  readonly calendars: readonly ScheduleCalendarSpec[];
  readonly intervals: readonly { readonly every: number; readonly offset: number }[];
  readonly cronExpressions: readonly string[];
  readonly skip: readonly ScheduleCalendarSpec[];
  readonly jitter: number | undefined;
}

const defaultRanges = {
  second: [{ start: 0 }],
  minute: [{ start: 0 }],
  hour: [{ start: 0 }],
  dayOfMonth: [{ start: 1, end: 31 }],
  month: [{ start: 1, end: 12 }],
  year: [],
  dayOfWeek: [{ start: 0, end: 6 }],
} as const satisfies Record<string, readonly ScheduleRange[]>;

type CalendarField = keyof typeof defaultRanges;
const calendarFields = Object.keys(defaultRanges) as CalendarField[];

/** A spec as a message. @throws {ClientUsageError} If one of its dates is none. */
export function toSpecMessage(spec: ScheduleSpec): Init<SpecMessage> {
  const { calendars = [], intervals = [], cronExpressions = [], skip = [], startAt, endAt, jitter } = spec;
  return {
    structuredCalendar: calendars.map(toCalendarMessage),
    cronString: [...cronExpressions],
    interval: intervals.map(({ every, offset }) => ({
      interval: fromMs(toDurationMs(every)),
      phase: offset === undefined ? undefined : fromMs(toDurationMs(offset)),
    })),
    excludeStructuredCalendar: skip.map(toCalendarMessage),
    startTime: startAt === undefined ? undefined : toTimestamp(startAt, "startAt"),
    endTime: endAt === undefined ? undefined : toTimestamp(endAt, "endAt"),
    jitter: jitter === undefined ? undefined : fromMs(toDurationMs(jitter)),
    timezoneName: spec.timeZoneName ?? "",
  };
}

/** The spec of a message. */
export function fromSpecMessage(message: SpecMessage): DescribedScheduleSpec {
  const { startTime, endTime, jitter } = message;
  return {
    calendars: message.structuredCalendar.map(fromCalendarMessage),
    intervals: message.interval.map(({ interval, phase }) => ({
      every: interval === undefined ? 0 : toMs(interval),
      offset: phase === undefined ? 0 : toMs(phase),
    })),
    cronExpressions: message.cronString,
    skip: message.excludeStructuredCalendar.map(fromCalendarMessage),
    startAt: startTime && new Date(toMs(startTime)),
    endAt: endTime && new Date(toMs(endTime)),
    jitter: jitter && toMs(jitter),
    timeZoneName: message.timezoneName === "" ? undefined : message.timezoneName,
  };
}

/** A date as a message. @throws {ClientUsageError} If it is no date. */
export function toTimestamp(date: Date, name: string): Init<Timestamp> {
  const ms = date.getTime();
  if (Number.isNaN(ms)) {
    throw new ClientUsageError(`Cannot send "${name}" of a schedule: it is an invalid date, expected a valid one`);
  }
  return fromMs(ms);
}

function toCalendarMessage(calendar: ScheduleCalendarSpec): Init<CalendarMessage> {
  const ranges = calendarFields.map((field): [CalendarField, Init<RangeMessage>[]] => [
    field,
    (calendar[field] ?? defaultRanges[field]).map(toRangeMessage),
  ]);
  return { ...Object.fromEntries(ranges), comment: calendar.comment ?? "" };
}

function toRangeMessage({ start, end = start, step }: ScheduleRange): Init<RangeMessage> {
  return { start, end: Math.max(start, end), step: step === undefined || step === 0 ? 1 : step };
}

function fromCalendarMessage(message: CalendarMessage): ScheduleCalendarSpec {
  const ranges = calendarFields.map((field) => [field, message[field].map(fromRangeMessage)] as const);
  return { ...Object.fromEntries(ranges), comment: message.comment === "" ? undefined : message.comment };
}

function fromRangeMessage({ start, end, step }: RangeMessage): ScheduleRange {
  return { start, end: Math.max(start, end), step: step === 0 ? 1 : step };
}
