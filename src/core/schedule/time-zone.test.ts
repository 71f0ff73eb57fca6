import * as fc from "fast-check";
import { expect, test } from "vitest";
import { civilTime, dateOfDays, daysOfDate, instantMs, isTimeZone, offsetMs, startOfDayMs } from "./time-zone.ts";
import { utcMs, utcText } from "./utc.test-support.ts";

test("zones are known by their IANA names", () => {
  expect(["UTC", "Europe/Berlin", "Asia/Kolkata"].every(isTimeZone)).toBe(true);
  expect(["", "Nowhere/Land"].some(isTimeZone)).toBe(false);
});

test("civil time is what clocks there show", () => {
  const ms = utcMs("2024-07-01T20:30:15");
  expect(civilTime(ms, "UTC")).toMatchObject({ year: 2024, month: 7, day: 1, hour: 20, minute: 30, second: 15 });
  expect(civilTime(ms, "Asia/Kolkata")).toMatchObject({ day: 2, hour: 2, minute: 0, weekday: 2 });
  expect(offsetMs(ms, "Europe/Berlin")).toBe(2 * 3_600_000);
});

test("a day begins at its first moment, even where midnight is skipped", () => {
  expect(startOfDayMs(2024, 1, 1, "America/New_York")).toBe(utcMs("2024-01-01T05:00:00"));
  // In 2018 clocks in Sao Paulo went from midnight to one.
  expect(startOfDayMs(2018, 11, 4, "America/Sao_Paulo")).toBe(utcMs("2018-11-04T03:00:00"));
});

test("what clocks show leads back to the moment", () => {
  const zone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe");
  const property = fc.property(zone, fc.integer({ min: 0, max: 4_000_000_000_000 }), (timeZone, ms) => {
    const shownMs = ms + offsetMs(ms, timeZone);
    const back = instantMs(shownMs, timeZone);
    expect(back + offsetMs(back, timeZone)).toBe(shownMs);
  });
  fc.assert(property);
});

test("days and dates are two names of the same", () => {
  const property = fc.property(fc.integer({ min: -719_000, max: 2_900_000 }), (days) => {
    const { year, month, day } = dateOfDays(days);
    expect(daysOfDate(year, month, day)).toBe(days);
    const [date = ""] = utcText(days * 86_400_000)?.split("T") ?? [];
    expect([year, month, day]).toEqual(date.split("-").map(Number));
  });
  fc.assert(property);
});
