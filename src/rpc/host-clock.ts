import type { CancelTimer, Clock } from "../core/time/clock.ts";

/** Longer timers fire at once in Node. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** A longer wait looks at the time so often: timers know nothing of a clock that is set forward, or of a computer that slept. */
const LOOK_MS = 30_000;

/** The computer's clock. */
export const hostClock: Clock = {
  now: () => Date.now(),
  schedule: scheduleOnHost,
};

/** The computer's clock in microseconds, so that what happens within one millisecond has an order. */
export const fineHostClock: Clock = {
  now: fineNow,
  schedule: scheduleOnHost,
};

const begun = { ms: 0, tickMs: 0 };

function fineNow(): number {
  const ms = Date.now();
  const tickMs = performance.now();
  // The ticks tell how far the millisecond has gone since it was first seen; they are no clock of their own.
  if (ms !== begun.ms) Object.assign(begun, { ms, tickMs });
  return ms + Math.min(Math.floor((tickMs - begun.tickMs) * 1_000), 999) / 1_000;
}

function scheduleOnHost(atMs: number, fire: () => void): CancelTimer {
  let timer: NodeJS.Timeout;
  let leftMs = untilMs(atMs);
  const look = (): void => {
    // A clock that was set back makes no wait longer: most of them are durations.
    leftMs = Math.min(leftMs - LOOK_MS, untilMs(atMs));
    arm();
  };
  const arm = (): void => {
    timer = leftMs > LOOK_MS ? setTimeout(look, LOOK_MS) : setTimeout(fire, leftMs);
  };
  arm();
  return () => clearTimeout(timer);
}

function untilMs(atMs: number): number {
  return Math.max(0, Math.ceil(atMs - Date.now()));
}

/**
 * Calls `fire` every `intervalMs` for upkeep that must not keep the process alive.
 *
 * It is for connections to the real world, whose time no virtual clock can move.
 */
export function repeatInBackground(intervalMs: number, fire: () => void): CancelTimer {
  const timer = setInterval(fire, Math.min(intervalMs, TIMER_MS_MAX));
  timer.unref();
  return () => clearInterval(timer);
}

/** Calls `fire` once after `delayMs`, without keeping the process alive; see {@link repeatInBackground}. */
export function onceInBackground(delayMs: number, fire: () => void): CancelTimer {
  const timer = setTimeout(fire, Math.min(delayMs, TIMER_MS_MAX));
  timer.unref();
  return () => clearTimeout(timer);
}
