import { expect, test } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";

test("timers fire in the order of their times, each at its own time", () => {
  const clock = new VirtualClock(1_000);
  const fired: string[] = [];
  clock.schedule(3_000, () => fired.push(`b@${clock.now()}`));
  clock.schedule(2_000, () => fired.push(`a@${clock.now()}`));
  clock.schedule(9_000, () => fired.push("never"));
  clock.advanceTo(5_000);
  expect(fired).toEqual(["a@2000", "b@3000"]);
  expect(clock.now()).toBe(5_000);
  expect(clock.nextMs).toBe(9_000);
});

test("a timer set by a timer fires in the same advance when it is due", () => {
  const clock = new VirtualClock();
  const fired: number[] = [];
  clock.schedule(10, () => clock.schedule(20, () => fired.push(clock.now())));
  clock.advanceTo(30);
  expect(fired).toEqual([20]);
});

test("a timer in the past fires soon, but not inside the call that sets it", async () => {
  const clock = new VirtualClock(100);
  let fired = false;
  clock.schedule(50, () => {
    fired = true;
  });
  expect(fired).toBe(false);
  await Promise.resolve();
  expect(fired).toBe(true);
  expect(clock.now()).toBe(100);
});

test("a cancelled timer does not fire and the clock passes over it", () => {
  const clock = new VirtualClock();
  const cancel = clock.schedule(10, () => expect.unreachable());
  cancel();
  expect(clock.advanceToNext()).toBe(false);
  clock.advanceBy(20);
  expect(clock.now()).toBe(20);
});
