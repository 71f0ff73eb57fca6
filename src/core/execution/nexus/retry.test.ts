import { expect, test } from "vitest";
import { uuidFraction } from "../uuid-fraction.ts";
import { nexusBackoffMs } from "./retry.ts";

test("back-offs double up to a longest one, and chance makes them up to a fifth shorter", () => {
  const delays = (spread: number) => [1, 2, 3, 4].map((failed) => nexusBackoffMs(failed, 1_000, 4_000, spread));
  expect(delays(0)).toEqual([800, 1_600, 3_200, 3_200]);
  expect(delays(0.5)).toEqual([900, 1_800, 3_600, 3_600]);
  expect(delays(uuidFraction("ffffffff-ffff-4fff-8fff-ffffffffffff")).map(Math.round)).toEqual([
    1_000, 2_000, 4_000, 4_000,
  ]);
});
