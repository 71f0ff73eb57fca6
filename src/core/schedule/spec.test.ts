import { expect, test } from "vitest";
import { ScheduleSpec } from "../../proto/gen/schedule.ts";
import type { Init } from "../../proto/message.ts";
import { compileSpec, nextTime } from "./spec.ts";
import { canonicalSpec } from "./spec-canonical.ts";

// Dates are only written and read here.
const { Date } = globalThis;
const SEED = "00000000-0000-4000-8000-000000000001-schedule";

function timesOf(spec: Init<ScheduleSpec>, after: string, count: number): readonly string[] {
  const compiled = compileSpec(canonicalSpec(ScheduleSpec.create(spec)));
  const times: string[] = [];
  let afterMs = Date.parse(after);
  while (times.length < count) {
    const next = nextTime(compiled, SEED, afterMs);
    if (next === undefined) break;
    afterMs = next.actualMs;
    times.push(new Date(afterMs).toISOString().replace(".000", ""));
  }
  return times;
}

test("a cron string is a calendar with its second at zero", () => {
  expect(timesOf({ cronString: ["30 9 * * MON-FRI"] }, "2026-01-02T09:30:00Z", 2)).toEqual([
    "2026-01-05T09:30:00Z",
    "2026-01-06T09:30:00Z",
  ]);
});

test("an interval counts from the epoch, moved on by its phase", () => {
  const interval = [{ interval: { seconds: 3600, nanos: 0 }, phase: { seconds: 900, nanos: 0 } }];
  expect(timesOf({ interval }, "2026-01-01T00:15:00Z", 2)).toEqual(["2026-01-01T01:15:00Z", "2026-01-01T02:15:00Z"]);
  expect(timesOf({ cronString: ["@every 1h/15m"] }, "2026-01-01T00:15:00Z", 1)).toEqual(["2026-01-01T01:15:00Z"]);
});

test("an hour that clocks skip is skipped, and one that they show twice comes twice", () => {
  const zone = { timezoneName: "America/New_York" };
  expect(timesOf({ ...zone, cronString: ["30 2 * * *"] }, "2026-03-07T08:00:00Z", 2)).toEqual([
    "2026-03-09T06:30:00Z",
    "2026-03-10T06:30:00Z",
  ]);
  expect(timesOf({ ...zone, cronString: ["30 1 * * *"] }, "2026-11-01T00:00:00Z", 3)).toEqual([
    "2026-11-01T05:30:00Z",
    "2026-11-01T06:30:00Z",
    "2026-11-02T06:30:00Z",
  ]);
});

test("what an excluded calendar matches is left out", () => {
  const spec = { cronString: ["@hourly"], excludeCalendar: [{ hour: "1-22", minute: "*", second: "*" }] };
  expect(timesOf(spec, "2026-01-01T00:00:00Z", 2)).toEqual(["2026-01-01T23:00:00Z", "2026-01-02T00:00:00Z"]);
});

test("times lie within start and end, both included", () => {
  const spec = {
    cronString: ["@hourly"],
    startTime: { seconds: Date.UTC(2026, 0, 1, 5) / 1000, nanos: 0 },
    endTime: { seconds: Date.UTC(2026, 0, 1, 6) / 1000, nanos: 0 },
  };
  expect(timesOf(spec, "2026-01-01T00:00:00Z", 9)).toEqual(["2026-01-01T05:00:00Z", "2026-01-01T06:00:00Z"]);
});

test("jitter is the same each time, and stays before the next time", () => {
  const spec = { cronString: ["@hourly"], jitter: { seconds: 86_400, nanos: 0 } };
  const times = timesOf(spec, "2026-01-01T00:00:00Z", 50);
  expect(timesOf(spec, "2026-01-01T00:00:00Z", 50)).toEqual(times);
  expect(times.map((time) => time.slice(0, 13))).toEqual([...new Set(times.map((time) => time.slice(0, 13)))]);
  expect(times.some((time) => !time.endsWith(":00:00Z"))).toBe(true);
});

test("a spec that excludes all its times is given up", () => {
  const everySecond = { second: "*", minute: "*", hour: "*" };
  const spec = { interval: [{ interval: { seconds: 1, nanos: 0 } }], excludeCalendar: [everySecond] };
  expect(() => timesOf(spec, "2026-01-01T00:00:00Z", 1)).toThrow("too many exclusions");
});

test("a spec that excludes all its times has none if those are not too many", () => {
  const spec = { cronString: ["@hourly"], excludeCalendar: [{ second: "*", minute: "*", hour: "*" }] };
  expect(timesOf(spec, "2026-01-01T00:00:00Z", 1)).toEqual([]);
});

test("times after a long row of excluded ones are found", () => {
  const excludeCalendar = [{ second: "*", minute: "*", hour: "*", dayOfMonth: "1-9" }];
  const spec = { interval: [{ interval: { seconds: 1, nanos: 0 } }], excludeCalendar };
  expect(timesOf(spec, "2026-01-01T00:00:00Z", 1)).toEqual(["2026-01-10T00:00:00Z"]);
});

test("a spec whose exclusions take turns second by second is given up", () => {
  const always = { year: "*", month: "*", dayOfMonth: "*", dayOfWeek: "*", hour: "*", minute: "*" };
  const turns = [
    { ...always, second: "*/2" },
    { ...always, second: "1/2" },
  ];
  const spec = { interval: [{ interval: { seconds: 1, nanos: 0 } }], excludeCalendar: turns };
  expect(() => timesOf(spec, "2026-01-01T00:00:00Z", 1)).toThrow("too many exclusions");
});

test.each([
  [{ cronString: ["* * *"] }, "CronString does not have 5-7 fields"],
  [{ cronString: ["61 * * * *"] }, "Minute is not in range [0-59]"],
  [{ cronString: ["1/2/3 * * * *"] }, "Minute has too many slashes"],
  [{ cronString: ["5-1 * * * *"] }, "Minute End is before Start or not in range [0-59]"],
  [{ cronString: ["TZ=UTC @daily", "TZ=Asia/Tokyo @daily"] }, "conflicting timezone names"],
  [{ timezoneName: "Nowhere/Land" }, "unknown time zone Nowhere/Land"],
  [{ interval: [{ interval: { seconds: 0, nanos: 1 } }] }, "interval is too small"],
  [
    { interval: [{ interval: { seconds: 5, nanos: 0 }, phase: { seconds: 5, nanos: 0 } }] },
    "phase cannot be greater than Interval",
  ],
  [{ structuredCalendar: [{ hour: [{ start: 24 }] }] }, "invalid calendar spec: Hour Start is not in range [0-23]"],
])("spec %j is refused: %s", (spec, message) => {
  expect(() => canonicalSpec(ScheduleSpec.create(spec))).toThrow(new RangeError(message));
});

test("Sunday is the seventh day as well as the first", () => {
  const { structuredCalendar } = canonicalSpec(ScheduleSpec.create({ calendar: [{ dayOfWeek: "5-7" }] }));
  expect(structuredCalendar[0]?.dayOfWeek.map(({ start, end }) => [start, end])).toEqual([
    [0, 0],
    [5, 6],
  ]);
});
