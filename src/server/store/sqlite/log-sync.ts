import { closeSync, fdatasync, fdatasyncSync, openSync } from "node:fs";
import { performance } from "node:perf_hooks";

/** Up to this long a sync is waited for: handing it to another thread and back costs about as much. In milliseconds. */
const WAITED_SYNC_MS_MAX = 1;
/** How much the latest sync weighs in the estimate of the next. */
const LATEST_WEIGHT = 0.2;

/** Makes what SQLite has written to its write-ahead log durable. */
export interface LogSync {
  /** Calls back, at once or later, when everything written before the call is on the disk, or with the reason why it is not. */
  sync(done: (error: Error | null) => void): void;
  /** Not to be called while a sync is under way. */
  close(): void;
}

/** Syncs the write-ahead log of a database, which must be open and stays the same file until it is closed. */
export function openLogSync(file: string): LogSync {
  return new FileLogSync(openSync(`${file}-wal`, "r+"));
}

/** For users who trade durability for speed: acknowledges what the operating system has taken. */
export const noLogSync: LogSync = {
  sync: (done) => done(null),
  close: () => undefined,
};

/** Waits for the disk while it is quick, and lets another thread wait while it is slow. */
class FileLogSync implements LogSync {
  readonly #fd: number;
  #expectedMs = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  sync(done: (error: Error | null) => void): void {
    const startedMs = performance.now();
    if (this.#expectedMs <= WAITED_SYNC_MS_MAX) {
      const error = syncNow(this.#fd);
      this.#learn(startedMs);
      done(error);
      return;
    }
    fdatasync(this.#fd, (error) => {
      this.#learn(startedMs);
      done(error);
    });
  }

  close(): void {
    closeSync(this.#fd);
  }

  #learn(startedMs: number): void {
    const tookMs = performance.now() - startedMs;
    this.#expectedMs += (tookMs - this.#expectedMs) * LATEST_WEIGHT;
  }
}

function syncNow(fd: number): Error | null {
  try {
    fdatasyncSync(fd);
    return null;
  } catch (error) {
    return error as Error;
  }
}
