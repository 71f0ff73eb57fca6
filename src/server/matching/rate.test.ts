import { expect, test } from "vitest";
import { RateLimit } from "./rate.ts";

test("as many pass in a second as may, after a burst of one second's worth", () => {
  const limit = new RateLimit(2, 0);
  expect([limit.take(0), limit.take(0), limit.take(0)]).toEqual([true, true, false]);
  expect(limit.nextMs(0)).toBe(500);
  expect([limit.take(499), limit.take(500), limit.take(500)]).toEqual([false, true, false]);
});

test("a clock set back holds nothing up for longer than it would have taken", () => {
  const limit = new RateLimit(2, 3_600_000);
  expect([limit.take(3_600_000), limit.take(3_600_000)]).toEqual([true, true]);
  expect(limit.take(1_000)).toBe(false);
  expect([limit.take(1_500), limit.take(1_500)]).toEqual([true, false]);
});
