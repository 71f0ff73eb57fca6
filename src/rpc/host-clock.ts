import type { CancelTimer, Clock } from "../core/time/clock.ts";
import { clearInterval, clearTimeout, hostNowMs, setInterval, setTimeout } from "./host-timers.ts";

// Longer timers fire at once in Node, so a long wait is made of several.
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The computer's clock. */
export const hostClock: Clock = {
  now: hostNowMs,
  schedule: scheduleOnHost,
};

function scheduleOnHost(atMs: number, fire: () => void): CancelTimer {
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const leftMs = Math.max(0, Math.ceil(atMs - hostNowMs()));
    timer = leftMs > TIMER_MS_MAX ? setTimeout(arm, TIMER_MS_MAX) : setTimeout(fire, leftMs);
  };
  arm();
  return () => clearTimeout(timer);
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
