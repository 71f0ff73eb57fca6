import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync } from "node:fs";
import { DatabaseDamagedError } from "../store-error.ts";
import type { Commit } from "../store.ts";
import { encodeFrame, readFrames } from "./commit-frame.ts";
import { DurableFile, type SyncDone } from "./durable-file.ts";

/** First bytes of a commit log; the last one is the version of its format. */
const MAGIC = Buffer.from("PERDLOG\x01", "latin1");
/** The magic bytes and the number of the database that the log belongs to. */
const HEADER_BYTES = MAGIC.length + 8;
/** The file grows by so much, written out beforehand: syncing what the file system has to make room for first takes twice as long. */
const GROWTH_BYTES = 1024 * 1024;
/** A new file is small, so that the first commit has little to wait for. */
const FIRST_BYTES = 64 * 1024;
/** A file that one great commit has blown up beyond this is cut back when the log starts anew. */
const KEPT_BYTES_MAX = 16 * GROWTH_BYTES;

/** Commits found in a log that the tables may not have yet. */
export interface LoggedCommits {
  /** Number of the first of them. */
  readonly firstNumber: number;
  readonly commits: readonly Commit[];
}

export interface CommitLogOptions {
  /** Tells this database's log from that of another one whose file once had the same name. */
  readonly databaseNumber: number;
  /** Number of the newest commit in the tables, 0 if there is none. */
  readonly applied: number;
  /** Whether `sync` waits for the disk. */
  readonly durable: boolean;
}

/** Where the log of a database lies. */
export function commitLogPath(file: string): string {
  return `${file}-commits`;
}

/**
 * What makes commits durable: a file beside the database to which they are appended as they are, in one write and one
 * sync, long before the tables have them. Once the tables have all of them for good, the file is written from its
 * start again.
 */
export class CommitLog {
  readonly #path: string;
  readonly #file: DurableFile;
  #size: number;
  #position = HEADER_BYTES;

  private constructor(path: string, durable: boolean) {
    this.#path = path;
    this.#file = new DurableFile(path, durable);
    this.#size = fstatSync(this.#file.fd).size;
  }

  /**
   * Opens the log of a database file, creating it if it is absent, and reads what the tables do not have yet. The next
   * commit goes behind it.
   *
   * @throws {DatabaseDamagedError} If the log is that of another database or the database is older than its log.
   */
  static open(file: string, options: CommitLogOptions): { readonly log: CommitLog; readonly found: LoggedCommits } {
    const path = commitLogPath(file);
    const fd = openSync(path, "a+");
    closeSync(fd);
    const log = new CommitLog(path, options.durable);
    try {
      const isNew = log.#isBlank();
      const found = isNew ? { firstNumber: options.applied + 1, commits: [] } : log.#readAll(options);
      if (isNew) log.#writeHeader(options.databaseNumber);
      return { log, found };
    } catch (error) {
      log.close();
      throw error;
    }
  }

  /** Bytes written since the log was last started anew. */
  get bytes(): number {
    return this.#position - HEADER_BYTES;
  }

  /** Writes commits behind those before; {@link sync}, to be called next, makes them durable. */
  append(firstNumber: number, commits: readonly Commit[]): void {
    const frame = encodeFrame({ firstNumber, commits });
    if (this.#position + frame.length > this.#size) this.#grow(this.#position + frame.length);
    this.#file.writeForSync(frame, this.#position);
    this.#position += frame.length;
  }

  /** Calls back, at once or later, when all that was appended before is on the disk, or with the reason why it is not. */
  sync(done: SyncDone): void {
    this.#file.sync(done);
  }

  /** Lets the next commit overwrite the first. To be called only when the tables have all commits for good. */
  restart(): void {
    this.#position = HEADER_BYTES;
    if (this.#size <= KEPT_BYTES_MAX) return;
    ftruncateSync(this.#file.fd, GROWTH_BYTES);
    this.#size = GROWTH_BYTES;
  }

  /** Keeps the file, for what the tables do not have. Not to be called while a sync is under way. */
  close(): void {
    this.#file.close();
  }

  /** Removes the file. To be called only when the tables have all commits for good. */
  remove(): void {
    this.close();
    // Somebody may have cleared the folder while the database was open.
    rmSync(this.#path, { force: true });
  }

  /** Whether nothing was ever acknowledged from this file: its making may have been cut short. */
  #isBlank(): boolean {
    const header = Buffer.alloc(HEADER_BYTES);
    readSync(this.#file.fd, header, 0, HEADER_BYTES, 0);
    return header.every((byte) => byte === 0);
  }

  #writeHeader(databaseNumber: number): void {
    const header = Buffer.alloc(HEADER_BYTES);
    MAGIC.copy(header);
    header.writeDoubleLE(databaseNumber, MAGIC.length);
    if (this.#size < HEADER_BYTES) this.#grow(HEADER_BYTES);
    // It becomes durable with the first commit, and until then nothing was acknowledged.
    this.#file.write(header, 0);
  }

  #readAll({ databaseNumber, applied }: CommitLogOptions): LoggedCommits {
    const log = Buffer.alloc(this.#size);
    let read = 0;
    while (read < log.length) {
      const count = readSync(this.#file.fd, log, read, log.length - read, read);
      if (count === 0) break;
      read += count;
    }
    const isOurs = log.length >= HEADER_BYTES && log.subarray(0, MAGIC.length).equals(MAGIC);
    if (!isOurs || log.readDoubleLE(MAGIC.length) !== databaseNumber) {
      throw new DatabaseDamagedError(
        `Cannot open commit log "${this.#path}": it belongs to another database; put back the database that it came with, or move the log away`,
      );
    }
    const commits: Commit[] = [];
    let firstNumber = applied + 1;
    for (const frame of readFrames(log, HEADER_BYTES)) {
      if (commits.length === 0 && frame.firstNumber > applied + 1) throw this.#gap(applied, frame.firstNumber);
      const missing = frame.commits.slice(Math.max(0, applied + 1 - frame.firstNumber));
      if (commits.length === 0) firstNumber = frame.firstNumber + frame.commits.length - missing.length;
      commits.push(...missing);
    }
    return { firstNumber, commits };
  }

  #gap(applied: number, first: number): DatabaseDamagedError {
    return new DatabaseDamagedError(
      `Cannot open commit log "${this.#path}": it begins with commit ${first}, but the database has only those up to ${applied}; put back the database that it came with`,
    );
  }

  #grow(needed: number): void {
    const size = needed <= FIRST_BYTES ? FIRST_BYTES : Math.ceil(needed / GROWTH_BYTES) * GROWTH_BYTES;
    this.#file.write(Buffer.alloc(size - this.#size), this.#size);
    this.#size = size;
  }
}
