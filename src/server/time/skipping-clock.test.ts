import { expect, test } from "vitest";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { SkippingClock } from "./skipping-clock.ts";

test("a clock that is put forward makes due what lies between, in order, and goes on from there", async () => {
  const host = new VirtualClock(1_000);
  const clock = new SkippingClock(host);
  const fired: string[] = [];
  clock.schedule(9_000, () => fired.push("late"));
  clock.schedule(5_000, () => fired.push("second"));
  clock.schedule(3_000, () => fired.push("first"));
  clock.schedule(4_000, () => fired.push("cancelled"))();
  clock.skipTo(6_000);
  expect([clock.now(), host.now(), fired]).toEqual([6_000, 1_000, []]);
  host.advanceBy(0);
  expect(fired).toEqual(["first", "second"]);
  clock.skipTo(5_000);
  host.advanceBy(3_000);
  expect([clock.now(), fired]).toEqual([9_000, ["first", "second", "late"]]);
});

test("waits last as long as they were meant to, whatever is skipped", () => {
  const host = new VirtualClock(1_000);
  const clock = new SkippingClock(host);
  let ended = 0;
  clock.waits.schedule(clock.waits.now() + 500, () => ended++);
  clock.skipTo(100_000);
  host.advanceBy(499);
  expect([clock.waits.now(), ended]).toEqual([100_499, 0]);
  host.advanceBy(1);
  expect(ended).toBe(1);
});
