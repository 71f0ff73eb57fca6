import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cronBackoffMs, cronFault, nextCronMs, parseCron } from "./cron.ts";
import { utcMs, utcText } from "./utc.test-support.ts";

function next(spec: string, after: string): string | undefined {
  const schedule = parseCron(spec);
  if (schedule === undefined) throw new Error(`Cannot parse "${spec}"`);
  return utcText(nextCronMs(schedule, utcMs(after)));
}

test.each([
  ["* * * * *", "2024-01-01T10:20:30", "2024-01-01T10:21:00"],
  ["15 * * * *", "2024-01-01T10:15:00", "2024-01-01T11:15:00"],
  ["*/20 9-17 * * *", "2024-01-01T17:40:00", "2024-01-02T09:00:00"],
  ["0 0 29 2 *", "2024-03-01T00:00:00", "2028-02-29T00:00:00"],
  ["0 12 * * MON-FRI", "2024-01-05T12:00:00", "2024-01-08T12:00:00"],
  ["0 0 1 JAN,jul ?", "2024-01-01T00:00:00", "2024-07-01T00:00:00"],
  ["0 0 13 * 5", "2024-01-01T00:00:00", "2024-01-05T00:00:00"],
  ["@daily", "2024-12-31T10:00:00", "2025-01-01T00:00:00"],
  ["@hourly", "2024-12-31T23:59:59", "2025-01-01T00:00:00"],
  ["@every 90s", "2024-01-01T00:00:00", "2024-01-01T00:01:30"],
  ["@every 1h30m", "2024-01-01T00:00:00", "2024-01-01T01:30:00"],
  ["CRON_TZ=Europe/Berlin 0 9 * * *", "2024-07-01T00:00:00", "2024-07-01T07:00:00"],
  ["TZ=Asia/Kolkata 30 8 * * *", "2024-07-01T00:00:00", "2024-07-01T03:00:00"],
])("%s after %s comes at %s", (spec, after, expected) => {
  expect(next(spec, after)).toBe(expected);
});

test("a time that clocks skip in spring is skipped, and one that they show twice comes once", () => {
  const spec = "CRON_TZ=America/New_York 30 2 * * *";
  expect(next(spec, "2024-03-09T12:00:00")).toBe("2024-03-11T06:30:00");
  const twice = "CRON_TZ=America/New_York 30 1 * * *";
  const first = next(twice, "2024-11-03T00:00:00");
  expect(first).toBe("2024-11-03T05:30:00");
});

test.each([
  "",
  "* * * *",
  "60 * * * *",
  "* 24 * * *",
  "* * 0 * *",
  "*/0 * * * *",
  "5-1 * * * *",
  "@every",
  "@sometimes",
  "CRON_TZ=Nowhere/Land 0 * * * *",
  "a b c d e",
])("%j is no cron spec", (spec) => {
  expect(parseCron(spec)).toBeUndefined();
});

test("a spec that never comes, or is none, is refused in the service's words", () => {
  expect(cronFault("", 0)).toBeUndefined();
  expect(cronFault("0 * * * *", 0)).toBeUndefined();
  expect(cronFault("nonsense", 0)).toContain("invalid CronSchedule");
  expect(nextCronMs(parseCron("0 0 30 2 *") ?? { kind: "every", periodMs: 1 }, 0)).toBeUndefined();
});

test("the backoff counts on from when the last run was due, so that a long run skips", () => {
  const due = utcMs("2024-01-01T10:00:00");
  expect(cronBackoffMs("0 * * * *", due, utcMs("2024-01-01T10:10:00"))).toBe(50 * 60_000);
  expect(cronBackoffMs("0 * * * *", due, utcMs("2024-01-01T12:10:00"))).toBe(50 * 60_000);
  expect(cronBackoffMs("@every 60s", due, due + 70_000)).toBe(50_000);
  expect(cronBackoffMs("", due, due)).toBeUndefined();
});

test("what comes next comes after, and fits the minute of the spec", () => {
  const property = fc.property(
    fc.integer({ min: 0, max: 59 }),
    fc.integer({ min: 0, max: 23 }),
    fc.integer({ min: 0, max: 4_000_000_000_000 }),
    (minute, hour, afterMs) => {
      const schedule = parseCron(`${minute} ${hour} * * *`);
      const ms = schedule === undefined ? undefined : nextCronMs(schedule, afterMs);
      expect(ms).toBeGreaterThan(afterMs);
      expect((ms ?? 0) - afterMs).toBeLessThanOrEqual(86_400_000);
      const two = (number: number): string => String(number).padStart(2, "0");
      expect(utcText(ms)?.slice(11)).toBe(`${two(hour)}:${two(minute)}:00`);
    },
  );
  fc.assert(property);
});
