import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createHostClock, fineHostClock } from "./host-clock.ts";

const startMs = Date.UTC(2026, 0, 1);
const hourMs = 3_600_000;

// Node's own timers and time, as they behave when somebody sets the computer's clock.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: startMs });
});
afterEach(() => {
  vi.useRealTimers();
});

// This package keeps the timers that there were when it was loaded; these are the ones of now.
const clock = createHostClock({
  nowMs: () => Date.now(),
  setTimeout: (fire, delayMs) => setTimeout(fire, delayMs),
  clearTimeout: (timer) => clearTimeout(timer),
});

function schedule(waitMs: number): { readonly isDue: () => boolean; readonly cancel: () => void } {
  let isDue = false;
  const cancel = clock.schedule(startMs + waitMs, () => (isDue = true));
  return { isDue: () => isDue, cancel };
}

test("a wait takes as long as it should, however long", () => {
  const long = schedule(72 * hourMs);
  vi.advanceTimersByTime(72 * hourMs - 1);
  expect(long.isDue()).toBe(false);
  vi.advanceTimersByTime(1);
  expect(long.isDue()).toBe(true);
});

test("a clock set forward is noticed by long waits soon", () => {
  const { isDue } = schedule(hourMs);
  vi.setSystemTime(startMs + 2 * hourMs);
  vi.advanceTimersByTime(30_001);
  expect(isDue()).toBe(true);
});

test("a clock set back makes no wait longer", () => {
  const { isDue } = schedule(hourMs);
  vi.setSystemTime(startMs - 10 * hourMs);
  vi.advanceTimersByTime(hourMs);
  expect(isDue()).toBe(true);
});

test("what is cancelled does not fire", () => {
  const { isDue, cancel } = schedule(hourMs);
  vi.advanceTimersByTime(40_000);
  cancel();
  vi.advanceTimersByTime(hourMs);
  expect(isDue()).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

test("the fine clock tells apart what happens within a millisecond, never goes back, and keeps to the computer's", () => {
  vi.useRealTimers();
  const before = Date.now();
  const readings = Array.from({ length: 20_000 }, () => fineHostClock.now());
  const after = Date.now();
  expect(readings).toEqual(readings.toSorted((a, b) => a - b));
  expect(Math.trunc(readings[0] ?? 0)).toBeGreaterThanOrEqual(before);
  expect(Math.trunc(readings.at(-1) ?? 0)).toBeLessThanOrEqual(after);
  expect(new Set(readings).size).toBeGreaterThan(after - before + 1);
});
