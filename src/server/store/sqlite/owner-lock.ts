import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseLockedError } from "../store-error.ts";
import { describeOwner, ownerState, parseOwner, type OwnerRecord } from "./owner-record.ts";

/** How often an owner shows that it lives, in milliseconds. */
const HEARTBEAT_MS = 1000;
/** An owner of whom only the heartbeat is known counts as dead after this long without one, in milliseconds. */
const HEARTBEAT_LOST_MS = 10_000;
/** A heartbeat this long ago needs no further watching, in milliseconds. */
const HEARTBEAT_LONG_GONE_MS = 60_000;
/** An owner that was stalled for this long looks after its file before it writes again, in milliseconds. */
const STALL_MS = 5000;
/** Tries of contenders that step back for each other. */
const ATTEMPTS_MAX = 8;
/** Longest pause between two tries, in milliseconds. */
const RETRY_PAUSE_MS = 40;

/** What the lock needs to know of time; tests make it pass faster. */
export interface LockTiming {
  readonly heartbeatMs: number;
  readonly heartbeatLostMs: number;
}

interface OtherOwner {
  readonly file: string;
  readonly record: OwnerRecord | undefined;
}

/**
 * Ownership of a database file by one thread of one process, without help of native code.
 *
 * Every contender puts a file of its own, with a name never used again, beside the database, and then looks for the
 * files of others: of two contenders, the later one always sees the earlier. Who sees a living other steps back. Files of
 * dead owners are removed, which is safe because nobody will ever write such a name again.
 */
export class OwnerLock {
  readonly #path: string;
  readonly #file: string;
  readonly #timing: LockTiming;
  #heartbeat: NodeJS.Timeout | undefined;
  #lastBeatMs = Date.now();
  #recovered = false;

  private constructor(path: string, timing: LockTiming) {
    this.#path = path;
    this.#file = `${path}.owner-${randomUUID()}`;
    this.#timing = timing;
  }

  /**
   * Takes the database at an absolute path.
   *
   * @throws {DatabaseLockedError} If another process or thread has it.
   */
  static async acquire(
    path: string,
    timing: LockTiming = { heartbeatMs: HEARTBEAT_MS, heartbeatLostMs: HEARTBEAT_LOST_MS },
  ): Promise<OwnerLock> {
    let holder: OtherOwner | undefined;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const lock = new OwnerLock(path, timing);
      lock.#announce();
      try {
        holder = await lock.#findLivingOther();
      } catch (error) {
        lock.release();
        throw error;
      }
      if (holder === undefined) return lock;
      lock.release();
      await sleep(Math.random() * RETRY_PAUSE_MS);
    }
    throw lockedError(path, holder);
  }

  /** Whether an owner before this one died without releasing the database. */
  get recovered(): boolean {
    return this.#recovered;
  }

  /** @throws {DatabaseLockedError} If this owner was taken for dead while it was stalled. */
  assertHeld(): void {
    if (Date.now() - this.#lastBeatMs > STALL_MS) this.#beat();
    if (this.#heartbeat === undefined) {
      throw new DatabaseLockedError(
        `Cannot write to database "${this.#path}": this process was stalled for so long that another has taken it over`,
      );
    }
  }

  release(): void {
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
    rmSync(this.#file, { force: true });
  }

  /** Written aside and renamed, so that nobody sees half a file. */
  #announce(): void {
    writeFileSync(`${this.#file}.tmp`, JSON.stringify(describeOwner()));
    renameSync(`${this.#file}.tmp`, this.#file);
    this.#heartbeat = setInterval(() => this.#beat(), this.#timing.heartbeatMs);
    this.#heartbeat.unref();
  }

  #beat(): void {
    const now = Date.now();
    try {
      utimesSync(this.#file, now / 1000, now / 1000);
      this.#lastBeatMs = now;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") return;
      clearInterval(this.#heartbeat);
      this.#heartbeat = undefined;
    }
  }

  async #findLivingOther(): Promise<OtherOwner | undefined> {
    const self = describeOwner();
    for (const file of ownerFiles(this.#path)) {
      if (file === this.#file) continue;
      const text = readIfThere(file);
      if (text === undefined) continue;
      const record = parseOwner(text);
      const state = record === undefined ? "unknown" : ownerState(record, self);
      if (state === "alive" || (state === "unknown" && (await this.#hasHeartbeat(file)))) {
        return { file, record };
      }
      rmSync(file, { force: true });
      this.#recovered = true;
    }
    return undefined;
  }

  async #hasHeartbeat(file: string): Promise<boolean> {
    const first = modifiedMs(file);
    if (first === undefined || Date.now() - first > HEARTBEAT_LONG_GONE_MS) return false;
    const { heartbeatMs, heartbeatLostMs } = this.#timing;
    for (let waitedMs = 0; waitedMs < heartbeatLostMs; waitedMs += heartbeatMs / 4) {
      await sleep(heartbeatMs / 4);
      const modified = modifiedMs(file);
      if (modified !== first) return modified !== undefined;
    }
    return false;
  }
}

/** The files of all who own the database or try to, left-overs of the dead included. */
export function ownerFiles(path: string): readonly string[] {
  const prefix = `${basename(path)}.owner-`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && !name.endsWith(".tmp"))
    .map((name) => join(dirname(path), name));
}

function lockedError(path: string, holder: OtherOwner | undefined): DatabaseLockedError {
  const owner = holder?.record;
  const who =
    owner === undefined
      ? `the owner of "${holder?.file ?? ""}"`
      : `process ${owner.pid} on host "${owner.hostname}" since ${owner.openedAt}`;
  return new DatabaseLockedError(
    `Cannot open database "${path}": ${who} has it open; stop that process or use another file`,
  );
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function modifiedMs(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
