import { expect, test } from "vitest";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { RateLimit } from "./rate-limit.ts";

const { signal } = new AbortController();

test("turns are an interval apart", async () => {
  const clock = new VirtualClock(1_000);
  const limit = new RateLimit(4, clock);
  expect(limit.wait(signal)).toBeUndefined();
  const second = limit.wait(signal);
  expect(clock.nextMs).toBe(1_250);
  clock.advanceToNext();
  await second;
  expect(clock.now()).toBe(1_250);
});

test("a clock set back makes no turn further away than an interval", () => {
  const clock = new VirtualClock(1_000);
  let backMs = 0;
  const limit = new RateLimit(4, {
    now: () => clock.now() - backMs,
    schedule: (atMs, fire) => clock.schedule(atMs + backMs, fire),
  });
  expect(limit.wait(signal)).toBeUndefined();
  backMs = 900;
  void limit.wait(signal);
  expect(clock.nextMs).toBe(1_250);
});
