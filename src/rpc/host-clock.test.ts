import { expect, test } from "vitest";
import { fineHostClock } from "./host-clock.ts";

test("the fine clock tells apart what happens within a millisecond, never goes back, and keeps to the computer's", () => {
  const before = Date.now();
  const readings = Array.from({ length: 20_000 }, () => fineHostClock.now());
  const after = Date.now();
  expect(readings).toEqual(readings.toSorted((a, b) => a - b));
  expect(Math.trunc(readings[0] ?? 0)).toBeGreaterThanOrEqual(before);
  expect(Math.trunc(readings.at(-1) ?? 0)).toBeLessThanOrEqual(after);
  expect(new Set(readings).size).toBeGreaterThan(after - before + 1);
});
