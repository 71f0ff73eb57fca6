import { closeSync, constants, fdatasync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { performance } from "node:perf_hooks";

/** Up to this long a sync is waited for: handing it to another thread and back costs about as much. In milliseconds. */
const WAITED_SYNC_MS_MAX = 1;
/** How much the latest sync weighs in the estimate of the next. */
const LATEST_WEIGHT = 0.2;

/** Calls back, at once or later, with the reason why what was written is not on the disk, if it is not. */
export type SyncDone = (error: Error | null) => void;

/** A file whose writes are made durable: waits for the disk while it is quick, and lets another thread wait while it is slow. */
export class DurableFile {
  readonly #fd: number;
  /** What is written through it is on the disk when the call returns, which takes a sixth less than a write and a sync. */
  readonly #syncedFd: number | undefined;
  readonly #durable: boolean;
  #expectedMs = 0;
  #isDirty = false;

  /** @param durable Whether `sync` waits for the disk; users may trade durability for speed. */
  constructor(path: string, durable: boolean) {
    this.#fd = openSync(path, "r+");
    this.#durable = durable;
    // Elsewhere the flag is absent, or promises less than a sync.
    this.#syncedFd =
      durable && process.platform === "linux" ? openSync(path, constants.O_RDWR | constants.O_DSYNC) : undefined;
  }

  get fd(): number {
    return this.#fd;
  }

  /** Writes what {@link sync} then makes durable. */
  write(bytes: Buffer, position: number): void {
    writeWhole(this.#fd, bytes, position);
    this.#isDirty = this.#durable;
  }

  /** As {@link write}, for what is synced at once: it may be durable already when this returns. */
  writeForSync(bytes: Buffer, position: number): void {
    if (this.#syncedFd === undefined || this.#isDirty || this.#expectedMs > WAITED_SYNC_MS_MAX) {
      this.write(bytes, position);
      return;
    }
    const startedMs = performance.now();
    writeWhole(this.#syncedFd, bytes, position);
    this.#learn(startedMs);
  }

  /** Calls back, at once or later, when everything written before the call is on the disk, or with the reason why it is not. */
  sync(done: SyncDone): void {
    if (!this.#isDirty) {
      done(null);
      return;
    }
    this.#isDirty = false;
    const startedMs = performance.now();
    if (this.#expectedMs > WAITED_SYNC_MS_MAX) {
      fdatasync(this.#fd, (error) => {
        this.#learn(startedMs);
        done(error);
      });
      return;
    }
    const error = syncNow(this.#fd);
    this.#learn(startedMs);
    done(error);
  }

  /** Not to be called while a sync is under way. */
  close(): void {
    closeSync(this.#fd);
    if (this.#syncedFd !== undefined) closeSync(this.#syncedFd);
  }

  #learn(startedMs: number): void {
    const tookMs = performance.now() - startedMs;
    this.#expectedMs += (tookMs - this.#expectedMs) * LATEST_WEIGHT;
  }
}

function writeWhole(fd: number, bytes: Buffer, position: number): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(fd, bytes, written, bytes.length - written, position + written);
}

function syncNow(fd: number): Error | null {
  try {
    fdatasyncSync(fd);
    return null;
  } catch (error) {
    return error as Error;
  }
}
