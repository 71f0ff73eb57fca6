import { toDuration } from "../execution/duration.ts";
import type { CalendarSpec, IntervalSpec, StructuredCalendarSpec } from "../../proto/gen/schedule.ts";
import type { Init } from "../../proto/message.ts";
import { parseGoDuration } from "./go-duration.ts";
import { parseRanges, type CalendarField } from "./range-text.ts";

/** Years that a calendar may name; nothing is ever scheduled after the last one. */
export const CALENDAR_YEARS = { min: 2000, max: 2100 };

const months = "january february march april may june july august september october november december".split(" ");
const weekdays = "sunday monday tuesday wednesday thursday friday saturday".split(" ");

const fields = {
  second: { name: "Second", default: "0", min: 0, max: 59 },
  minute: { name: "Minute", default: "0", min: 0, max: 59 },
  hour: { name: "Hour", default: "0", min: 0, max: 23 },
  dayOfWeek: {
    name: "DayOfWeek",
    default: "*",
    min: 0,
    max: 7,
    names: weekdays,
    nameLettersMin: 2,
    sevenIsZero: true,
  },
  dayOfMonth: { name: "DayOfMonth", default: "*", min: 1, max: 31 },
  month: { name: "Month", default: "*", min: 1, max: 12, names: months, nameLettersMin: 3 },
  year: { name: "Year", default: "*", ...CALENDAR_YEARS, emptyMeansAll: true },
} satisfies Record<string, CalendarField>;
type FieldName = keyof typeof fields;
const fieldNames = Object.keys(fields) as readonly FieldName[];

/**
 * Reads a calendar whose fields are texts.
 *
 * @throws {RangeError} With the service's message, of all fields that are wrong.
 */
export function parseCalendar(calendar: Partial<CalendarSpec>): Init<StructuredCalendarSpec> {
  const faults: string[] = [];
  const parsed: Partial<Record<FieldName, ReturnType<typeof parseRanges>>> = {};
  for (const name of fieldNames) {
    try {
      parsed[name] = parseRanges(calendar[name] ?? "", fields[name]);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      faults.push(error.message);
    }
  }
  if (faults.length > 0) throw new RangeError(faults.join(", "));
  return { ...parsed, comment: calendar.comment ?? "" };
}

/** What a cron string says: a calendar or an interval, and the time zone if it names one. */
export interface CronText {
  readonly calendar?: Init<StructuredCalendarSpec>;
  readonly interval?: Init<IntervalSpec>;
  readonly timeZone: string;
}

const descriptors: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

const columns: Readonly<Record<number, readonly FieldName[]>> = {
  5: ["minute", "hour", "dayOfMonth", "month", "dayOfWeek"],
  6: ["minute", "hour", "dayOfMonth", "month", "dayOfWeek", "year"],
  7: ["second", "minute", "hour", "dayOfMonth", "month", "dayOfWeek", "year"],
};

/**
 * Reads a schedule's cron string: five to seven fields, `@hourly` and the like or `@every 1h/10m`, with `TZ=Zone `
 * before it and `#comment` after it.
 *
 * @throws {RangeError} With the service's message.
 */
export function parseCronText(text: string): CronText {
  let rest = text.trim();
  let timeZone = "";
  if (/^(?:CRON_)?TZ=/.test(rest)) {
    const space = rest.indexOf(" ");
    if (space < 0) throw new RangeError("CronString has time zone but missing fields");
    timeZone = rest.slice(rest.indexOf("=") + 1, space);
    rest = rest.slice(space + 1);
  }
  const hash = rest.indexOf("#");
  const comment = hash < 0 ? "" : rest.slice(hash + 1).trim();
  const body = (hash < 0 ? rest : rest.slice(0, hash)).trim();
  if (body.startsWith("@every")) return { interval: parseEvery(body), timeZone: "" };
  const described = Object.hasOwn(descriptors, body) ? descriptors[body] : undefined;
  const words = (described ?? body).split(/\s+/).filter((word) => word !== "");
  const names = columns[words.length];
  if (names === undefined) throw new RangeError("CronString does not have 5-7 fields");
  const calendar = Object.fromEntries(names.map((name, index) => [name, words[index] ?? ""]));
  return { calendar: parseCalendar({ ...calendar, comment }), timeZone };
}

function parseEvery(text: string): Init<IntervalSpec> {
  const space = text.indexOf(" ");
  if (space < 0) throw new RangeError("CronString does not have interval after @every");
  const rest = text.slice(space + 1);
  const slash = rest.indexOf("/");
  const interval = parseDuration(slash < 0 ? rest : rest.slice(0, slash));
  const phase = slash < 0 ? "" : rest.slice(slash + 1);
  return { interval, ...(phase === "" ? {} : { phase: parseDuration(phase) }) };
}

function parseDuration(text: string): ReturnType<typeof toDuration> {
  const days = /^(\d{1,9})d(.*)$/s.exec(text);
  const rest = days === null ? text : (days[2] ?? "");
  const restMs = rest === "" && days !== null ? 0 : parseGoDuration(rest);
  if (restMs === undefined) throw new RangeError(`time: invalid duration ${JSON.stringify(text)}`);
  return toDuration(Number(days?.[1] ?? 0) * 86_400_000 + restMs);
}
