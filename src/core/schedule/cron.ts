import { parseGoDuration } from "./go-duration.ts";
import { civilTime, isTimeZone, startOfDayMs, startOfMonthMs } from "./time-zone.ts";

/** When something recurs: by the fields of a calendar, or every so often. */
export type CronSchedule =
  | { readonly kind: "every"; readonly periodMs: number }
  | {
      readonly kind: "calendar";
      /** IANA name. */
      readonly timeZone: string;
      readonly minutes: ReadonlySet<number>;
      readonly hours: ReadonlySet<number>;
      readonly daysOfMonth: ReadonlySet<number>;
      readonly months: ReadonlySet<number>;
      readonly daysOfWeek: ReadonlySet<number>;
      /** Both kinds of day must match; otherwise one is enough. */
      readonly bothDays: boolean;
    };

interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names?: readonly string[];
}

const MINUTE: Bounds = { min: 0, max: 59 };
const HOUR: Bounds = { min: 0, max: 23 };
const DAY_OF_MONTH: Bounds = { min: 1, max: 31 };
const MONTH: Bounds = {
  min: 1,
  max: 12,
  names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const DAY_OF_WEEK: Bounds = {
  min: 0,
  max: 6,
  names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

const DESCRIPTORS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** A schedule that does not recur within so many years never does. */
const YEARS_AHEAD_MAX = 5;
const SPECS_KEPT_MAX = 256;
const parsed = new Map<string, CronSchedule | undefined>();

/** Reads a cron spec as the service does: five fields, `@hourly` and the like, `@every 90s`, with `CRON_TZ=Zone` before it; undefined if it is none. */
export function parseCron(spec: string): CronSchedule | undefined {
  if (!parsed.has(spec)) {
    if (parsed.size >= SPECS_KEPT_MAX) parsed.clear();
    parsed.set(spec, parseSpec(spec));
  }
  return parsed.get(spec);
}

function parseSpec(spec: string): CronSchedule | undefined {
  const prefix = /^(?:CRON_)?TZ=(\S*)\s+(.*)$/s.exec(spec);
  const timeZone = prefix?.[1] ?? "UTC";
  const text = (prefix?.[2] ?? spec).trim();
  if (/^(?:CRON_)?TZ=/.test(text) || !isTimeZone(timeZone)) return undefined;
  if (text.startsWith("@every ")) {
    const periodMs = parseGoDuration(text.slice("@every ".length));
    return periodMs === undefined
      ? undefined
      : { kind: "every", periodMs: Math.max(1000, Math.floor(periodMs / 1000) * 1000) };
  }
  const fields = (text.startsWith("@") ? (DESCRIPTORS[text] ?? "") : text).split(/\s+/);
  const bounds = [MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK];
  if (fields.length !== bounds.length) return undefined;
  const [minutes, hours, days, months, weekdays] = bounds.map((bound, index) => parseField(fields[index] ?? "", bound));
  if (
    minutes === undefined ||
    hours === undefined ||
    days === undefined ||
    months === undefined ||
    weekdays === undefined
  )
    return undefined;
  return {
    kind: "calendar",
    timeZone,
    minutes: minutes.values,
    hours: hours.values,
    daysOfMonth: days.values,
    months: months.values,
    daysOfWeek: weekdays.values,
    bothDays: days.star || weekdays.star,
  };
}

interface Field {
  readonly values: ReadonlySet<number>;
  /** Any value will do, and the writer said so. */
  readonly star: boolean;
}

function parseField(text: string, bounds: Bounds): Field | undefined {
  const values = new Set<number>();
  let star = false;
  for (const part of text.split(",")) {
    const range = parseRange(part, bounds);
    if (range === undefined) return undefined;
    for (let value = range.from; value <= range.to; value += range.step) values.add(value);
    star ||= range.star;
  }
  return { values, star };
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly star: boolean;
}

function parseRange(text: string, bounds: Bounds): Range | undefined {
  const [span = "", stepText, ...tooMany] = text.split("/");
  const [low = "", high, ...more] = span.split("-");
  if (tooMany.length > 0 || more.length > 0) return undefined;
  const any = low === "*" || low === "?";
  const from = any ? bounds.min : parseValue(low, bounds);
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  // "5/15" means from five to the end in steps.
  const single = stepText === undefined ? from : bounds.max;
  const to = any ? bounds.max : high === undefined ? single : parseValue(high, bounds);
  if (from === undefined || to === undefined || step === undefined || step === 0) return undefined;
  if (from < bounds.min || to > bounds.max || from > to) return undefined;
  return { from, to, step, star: any && step === 1 };
}

function parseValue(text: string, bounds: Bounds): number | undefined {
  const named = bounds.names?.indexOf(text.toLowerCase()) ?? -1;
  return named >= 0 ? named + bounds.min : parseNumber(text);
}

function parseNumber(text: string): number | undefined {
  return /^\+?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** The first time after `afterMs` (milliseconds since the epoch); undefined if there is none for years. */
export function nextCronMs(schedule: CronSchedule, afterMs: number): number | undefined {
  const secondMs = Math.floor(afterMs / 1000) * 1000;
  if (schedule.kind === "every") return secondMs + schedule.periodMs;
  const { timeZone } = schedule;
  let atMs = secondMs + 1000;
  const lastYear = civilTime(atMs, timeZone).year + YEARS_AHEAD_MAX;
  for (;;) {
    const time = civilTime(atMs, timeZone);
    if (time.year > lastYear) return undefined;
    if (!schedule.months.has(time.month)) atMs = startOfMonthMs(time.year, time.month + 1, timeZone);
    else if (!isDay(schedule, time.day, time.weekday))
      atMs = startOfDayMs(time.year, time.month, time.day + 1, timeZone);
    else if (!schedule.hours.has(time.hour)) atMs += (60 - time.minute) * 60_000 - time.second * 1000;
    else if (!schedule.minutes.has(time.minute) || time.second !== 0) atMs += (60 - time.second) * 1000;
    else return atMs;
  }
}

function isDay(schedule: Extract<CronSchedule, { kind: "calendar" }>, day: number, weekday: number): boolean {
  const ofMonth = schedule.daysOfMonth.has(day);
  const ofWeek = schedule.daysOfWeek.has(weekday);
  return schedule.bothDays ? ofMonth && ofWeek : ofMonth || ofWeek;
}

/**
 * How long from now until a cron workflow's next run, in whole seconds rounded up; undefined without a (valid) spec.
 *
 * Counted on from `scheduledMs`, when the last run was due: a run that takes longer than a period skips, not queues.
 */
export function cronBackoffMs(spec: string, scheduledMs: number, nowMs: number): number | undefined {
  const schedule = spec === "" ? undefined : parseCron(spec);
  if (schedule === undefined) return undefined;
  let nextMs: number | undefined = scheduledMs;
  if (nowMs >= scheduledMs) {
    nextMs = nextCronMs(schedule, scheduledMs);
    if (nextMs !== undefined && nextMs < nowMs && schedule.kind === "every") {
      nextMs += Math.ceil((nowMs - nextMs) / schedule.periodMs) * schedule.periodMs;
    }
    while (nextMs !== undefined && nextMs < nowMs) nextMs = nextCronMs(schedule, Math.max(nextMs, nowMs - 1));
  }
  return nextMs === undefined ? undefined : Math.ceil((nextMs - nowMs) / 1000) * 1000;
}

/** Why a cron spec is not valid, in the service's words; undefined if it is, or empty. */
export function cronFault(spec: string, nowMs: number): string | undefined {
  if (spec === "") return undefined;
  const schedule = parseCron(spec);
  if (schedule === undefined) return "invalid CronSchedule.";
  return nextCronMs(schedule, nowMs) === undefined
    ? "invalid CronSchedule, no time can be found to satisfy the schedule"
    : undefined;
}
