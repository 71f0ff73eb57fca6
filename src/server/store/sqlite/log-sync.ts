import { fdatasync, fdatasyncSync } from "node:fs";
import { performance } from "node:perf_hooks";

/** Up to this long a sync is waited for: handing it to another thread and back costs about as much. In milliseconds. */
const WAITED_SYNC_MS_MAX = 1;
/** How much the latest sync weighs in the estimate of the next. */
const LATEST_WEIGHT = 0.2;

/** Calls back, at once or later, when everything written to a file before the call is on the disk, or with the reason why it is not. */
export type LogSync = (done: (error: Error | null) => void) => void;

/** For users who trade durability for speed: acknowledges what the operating system has taken. */
export const noSync: LogSync = (done) => done(null);

/** Syncs a file: waits for the disk while it is quick, and lets another thread wait while it is slow. */
export function syncOf(fd: number): LogSync {
  let expectedMs = 0;
  const learn = (startedMs: number): void => {
    const tookMs = performance.now() - startedMs;
    expectedMs += (tookMs - expectedMs) * LATEST_WEIGHT;
  };
  return (done) => {
    const startedMs = performance.now();
    if (expectedMs > WAITED_SYNC_MS_MAX) {
      fdatasync(fd, (error) => {
        learn(startedMs);
        done(error);
      });
      return;
    }
    const error = syncNow(fd);
    learn(startedMs);
    done(error);
  };
}

function syncNow(fd: number): Error | null {
  try {
    fdatasyncSync(fd);
    return null;
  } catch (error) {
    return error as Error;
  }
}
