import { currentRun } from "../../../workflow/runtime/current.ts";
import { startDetachedTimer } from "../../../workflow/runtime/timer.ts";
import type { RunningGlobals } from "./realm-state.ts";

export { createInstance } from "../../../workflow/runtime/instance.ts";

/** The globals of the workflow that is running. */
export function runningGlobals(): RunningGlobals {
  return {
    now: () => currentRun("read the time").facts.timestampMs,
    random: () => currentRun("draw a random number").random.random(),
    setTimeout: (callback, delayMs = 0, ...args) => startDetachedTimer(currentRun("start a timer"), delayMs, () => callback(...args)),
    clearTimeout: (stop) => {
      if (typeof stop === "function") stop();
    },
    setInterval: () => undefined,
    clearInterval: () => undefined,
    log: (level, message) => currentRun("write a log").host.log(level, message, {}),
  };
}
