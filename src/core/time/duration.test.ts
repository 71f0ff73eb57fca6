import { expect, test } from "vitest";
import { DurationError, toDurationMs } from "./duration.ts";

test("numbers are milliseconds and text has units", () => {
  expect(toDurationMs(1_500)).toBe(1_500);
  expect(toDurationMs("5s")).toBe(5_000);
  expect(toDurationMs("10 minutes")).toBe(600_000);
  expect(toDurationMs("1h 30m")).toBe(5_400_000);
  expect(toDurationMs("1.5 Days")).toBe(129_600_000);
});

test.each([-1, NaN, Infinity, "", "5", "s", "5 parsecs", "-5s", "5s tomorrow"])("%j is no duration", (duration) => {
  expect(() => toDurationMs(duration)).toThrow(DurationError);
});
