import type { CancelTimer, Clock } from "../core/time/clock.ts";
import { clearInterval, clearTimeout, hostNowMs, hostTickMs, setInterval, setTimeout } from "./host-timers.ts";

/** Longer timers fire at once in Node. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** A longer wait looks at the time so often: timers know nothing of a clock that is set forward, or of a computer that slept. */
const LOOK_MS = 30_000;

/** The timers and the time that a clock goes by. */
export interface HostTime {
  readonly nowMs: () => number;
  readonly setTimeout: (fire: () => void, delayMs: number) => NodeJS.Timeout;
  readonly clearTimeout: (timer: NodeJS.Timeout) => void;
}

/** A clock of the computer's time. */
export function createHostClock({ nowMs, setTimeout: startTimer, clearTimeout: stopTimer }: HostTime): Clock {
  const untilMs = (atMs: number): number => Math.max(0, Math.ceil(atMs - nowMs()));
  const schedule = (atMs: number, fire: () => void): CancelTimer => {
    let timer: NodeJS.Timeout;
    let leftMs = untilMs(atMs);
    const look = (): void => {
      // A clock that was set back makes no wait longer: most of them are durations.
      leftMs = Math.min(leftMs - LOOK_MS, untilMs(atMs));
      arm();
    };
    const arm = (): void => {
      timer = leftMs > LOOK_MS ? startTimer(look, LOOK_MS) : startTimer(fire, leftMs);
    };
    arm();
    return () => stopTimer(timer);
  };
  return { now: nowMs, schedule };
}

/** The computer's clock. */
export const hostClock: Clock = createHostClock({ nowMs: hostNowMs, setTimeout, clearTimeout });

/** The computer's clock in microseconds, so that what happens within one millisecond has an order. */
export const fineHostClock: Clock = createHostClock({ nowMs: fineNowMs, setTimeout, clearTimeout });

const begun = { ms: 0, tickMs: 0 };

function fineNowMs(): number {
  const ms = hostNowMs();
  const tickMs = hostTickMs();
  // The ticks tell how far the millisecond has gone since it was first seen; they are no clock of their own.
  if (ms !== begun.ms) Object.assign(begun, { ms, tickMs });
  return ms + Math.min(Math.floor((tickMs - begun.tickMs) * 1_000), 999) / 1_000;
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
