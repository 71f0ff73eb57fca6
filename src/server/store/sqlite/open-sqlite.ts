import assert from "node:assert";
import {
  accessSync,
  closeSync,
  constants,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { uptime } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { DatabaseDamagedError, DatabaseLockedError, StoreError, StoreOpenError } from "../store-error.ts";
import type { OpenDriver, SqliteDriver } from "./driver.ts";
import { loadNodeDriver } from "./node-driver.ts";
import { OwnerLock } from "./owner-lock.ts";
import { CommitLog } from "./commit-log.ts";
import { migrate } from "./schema.ts";
import { SqliteStore } from "./sqlite-store.ts";
import { loadWasmDriver, wasmLockDirectory } from "./wasm-driver.ts";

/** A file whose last owner died is checked as a whole when it has at most this many bytes: about a second's work. */
const CHECKED_BYTES_MAX = 64 * 1024 * 1024;

/** What users may tune. The rest would break what the store promises. */
const TUNABLE_PRAGMAS = ["synchronous", "cache_size", "wal_autocheckpoint", "journal_size_limit", "temp_store"];

export interface OpenSqliteOptions {
  /** Settings of SQLite by name: synchronous, cache_size, wal_autocheckpoint, journal_size_limit, temp_store. @default none */
  readonly pragmas?: Readonly<Record<string, string>> | undefined;
  /** @default Node's own SQLite, or the WebAssembly one where Node has none */
  readonly driver?: OpenDriver | undefined;
}

/**
 * Opens a database file, creating it if it is absent.
 *
 * @throws {StoreOpenError} If the directory is missing or not writable, or an option is wrong.
 * @throws {DatabaseLockedError} If another process or thread has the file open.
 * @throws {DatabaseDamagedError} If the file is no database of this package or is damaged.
 * @throws {SchemaTooNewError} If a newer version of this package wrote it.
 */
export async function openSqliteStore(path: string, options: OpenSqliteOptions = {}): Promise<SqliteStore> {
  const pragmas = toPragmaStatements(options.pragmas ?? {});
  const file = resolvePath(path);
  const openDriver = options.driver ?? loadNodeDriver() ?? loadWasmDriver();
  const lock = await OwnerLock.acquire(file);
  let driver: SqliteDriver | undefined;
  try {
    checkHeader(file);
    removeDeadLock(file, lock.recovered);
    driver = openDriver(file);
    prepareDatabase(driver, file, pragmas, lock.recovered);
    return openTables(file, { driver, ownership: lock, durable: isDurable(options.pragmas) });
  } catch (error) {
    driver?.close();
    lock.release();
    throw toOpenError(file, error);
  }
}

/** The store over a prepared database, up to date with its log. */
function openTables(
  file: string,
  { driver, ownership, durable }: { driver: SqliteDriver; ownership: OwnerLock; durable: boolean },
): SqliteStore {
  const databaseNumber = readMeta(driver, "log");
  const { log, found } = CommitLog.open(file, { databaseNumber, applied: readMeta(driver, "applied"), durable });
  const syncTables = durable ? () => syncFile(`${file}-wal`) : () => undefined;
  try {
    // The log's name must be durable before anything in it is acknowledged.
    syncDirectory(dirname(file));
    return new SqliteStore({ path: file, driver, ownership, log, found, syncTables });
  } catch (error) {
    log.close();
    throw error;
  }
}

function readMeta(driver: SqliteDriver, name: string): number {
  const value = driver.query("SELECT value FROM meta WHERE name = ?", [name])[0]?.["value"];
  assert(typeof value === "number", `Database has no number "${name}"`);
  return value;
}

/** The real path, so that one file has one lock whatever links lead to it. */
function resolvePath(path: string): string {
  const absolute = resolve(path);
  const directory = dirname(absolute);
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new StoreOpenError(
      `Cannot open database "${absolute}": its directory ${missing ? "does not exist, create it first" : "cannot be written to, change its permissions"}`,
      { cause: error },
    );
  }
  const found = statSync(absolute, { throwIfNoEntry: false });
  if (found === undefined) return join(realpathSync(directory), basename(absolute));
  if (found.isFile()) return realpathSync(absolute);
  throw new StoreOpenError(`Cannot open database "${absolute}": it is no file, expected a file or a name that is free`);
}

function checkHeader(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return;
  const magic = "SQLite format 3\0";
  const header = Buffer.alloc(magic.length);
  const fd = openSync(file, "r");
  try {
    readSync(fd, header, 0, header.length, 0);
  } finally {
    closeSync(fd);
  }
  if (header.toString("latin1") !== magic) {
    throw new DatabaseDamagedError(
      `Cannot open "${file}": it is no SQLite database, expected a new file or one that Perdure wrote`,
    );
  }
}

/** The WebAssembly driver's lock outlives its process. It is dead for sure if our owner is, or if the machine was started since. */
function removeDeadLock(file: string, recovered: boolean): void {
  const directory = wasmLockDirectory(file);
  const made = statSync(directory, { throwIfNoEntry: false });
  if (made === undefined) return;
  const bootedMs = Date.now() - uptime() * 1000;
  if (!recovered && made.ctimeMs > bootedMs) {
    throw new DatabaseLockedError(
      `Cannot open database "${file}": another program holds "${directory}"; stop it, or remove that directory if none is running`,
    );
  }
  rmSync(directory, { recursive: true });
}

function prepareDatabase(driver: SqliteDriver, file: string, pragmas: readonly string[], recovered: boolean): void {
  // Exclusive locking comes first: it lets the WebAssembly driver, which has no shared memory, use a write-ahead log.
  driver.exec("PRAGMA locking_mode = EXCLUSIVE");
  driver.exec("PRAGMA journal_mode = WAL");
  driver.exec("PRAGMA synchronous = NORMAL");
  driver.exec("PRAGMA temp_store = MEMORY");
  driver.exec("PRAGMA cache_size = -16000");
  for (const pragma of pragmas) driver.exec(pragma);
  migrate(driver, file);
  if (recovered && statSync(file).size <= CHECKED_BYTES_MAX) checkContents(driver, file);
  // A first write shows at once whether the disk takes any, and makes SQLite's own log.
  driver.exec("INSERT INTO meta (name, value) VALUES ('opened', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1");
}

function checkContents(driver: SqliteDriver, file: string): void {
  const problem = driver.query("PRAGMA quick_check(1)", [])[0]?.["quick_check"];
  if (problem !== "ok") {
    throw new DatabaseDamagedError(
      `Cannot open "${file}": its contents are damaged (${String(problem)}); restore a backup`,
    );
  }
}

function syncFile(path: string): void {
  const fd = openSync(path, "r+");
  try {
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncDirectory(directory: string): void {
  // Windows has no way to do this, and none is needed there.
  if (process.platform === "win32") return;
  const fd = openSync(directory, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function toPragmaStatements(pragmas: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(pragmas).map(([name, value]) => {
    if (!TUNABLE_PRAGMAS.includes(name)) {
      throw new StoreOpenError(
        `Cannot set SQLite pragma "${name}": it is not tunable, expected one of ${TUNABLE_PRAGMAS.join(", ")}`,
      );
    }
    if (!/^-?\w+$/.test(value)) {
      throw new StoreOpenError(
        `Cannot set SQLite pragma "${name}": its value is not valid, expected a word or a number`,
      );
    }
    return `PRAGMA ${name} = ${value}`;
  });
}

/** By default the store syncs the log itself; with a lesser setting nobody does. */
function isDurable(pragmas: OpenSqliteOptions["pragmas"]): boolean {
  const level = pragmas?.["synchronous"]?.toUpperCase() ?? "FULL";
  return !["NORMAL", "OFF", "0", "1"].includes(level);
}

function toOpenError(file: string, error: unknown): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  if (/malformed|not a database|corrupt/.test(error.message)) {
    return new DatabaseDamagedError(`Cannot open "${file}": ${error.message}; restore a backup`, {
      cause: error,
    });
  }
  return new StoreOpenError(
    `Cannot open database "${file}": ${error.message}; check the file, its permissions and the disk`,
    {
      cause: error,
    },
  );
}
