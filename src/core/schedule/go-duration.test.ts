import { expect, test } from "vitest";
import { parseGoDuration } from "./go-duration.ts";

test.each([
  ["1s", 1000],
  ["1h30m", 5_400_000],
  ["1.5s", 1500],
  [".5m", 30_000],
  ["100ms", 100],
  ["2us", 0.002],
  ["-3s", -3000],
  ["+3s", 3000],
  ["0", 0],
])("%s is %d ms", (text, ms) => {
  expect(parseGoDuration(text)).toBeCloseTo(ms, 9);
});

test.each(["", "-", "1", "s", "1 s", "1d", "1s2", "..s"])("%j is no duration", (text) => {
  expect(parseGoDuration(text)).toBeUndefined();
});
