import { expect, test } from "vitest";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { createHostUsage } from "./resource-usage.ts";

function setUp(max: string | undefined) {
  const clock = new VirtualClock(1_000_000);
  let usedMs = 5_000;
  const usage = createHostUsage(clock, (name) =>
    name === "cpu.max" ? max : `usage_usec ${usedMs * 1_000}\nuser_usec 1\nsystem_usec 1\n`,
  );
  /** Lets a second pass in which so much of processors' time is used. */
  const work = (busyMs: number): number => {
    usedMs += busyMs;
    clock.advanceBy(1_000);
    return usage.cpu();
  };
  return { clock, usage, work };
}

test("processors' time counts as a share of what the container may use", () => {
  const { clock, usage, work } = setUp("150000 100000\n");
  expect(usage.cpu()).toBe(0);
  expect(work(750)).toBe(0.5);
  expect(work(1_500)).toBe(1);
  expect(work(0)).toBe(0);
  // Asked again at once, there is nothing to measure yet.
  clock.advanceBy(50);
  expect(usage.cpu()).toBe(0);
});

test.each([["max 100000\n"], [undefined], ["nonsense"]])(
  "without a limit of processors (%j), the whole computer counts",
  (max) => {
    const { work } = setUp(max);
    const share = work(1_000_000);
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
  },
);

test("memory is a share, of the container's where it is limited", () => {
  const share = setUp(undefined).usage.memory();
  expect(share).toBeGreaterThan(0);
  expect(share).toBeLessThan(1);
});
