import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { commitOf, createRun, eventRecord } from "../sample-rows.test-support.ts";
import { StoreFailedError } from "../store-error.ts";
import type { Store } from "../store.ts";
import { CommitLog } from "./commit-log.ts";
import type { SqliteDriver } from "./driver.ts";
import { openSqliteStore } from "./open-sqlite.ts";
import { migrate } from "./schema.ts";
import { SqliteStore } from "./sqlite-store.ts";
import { loadWasmDriver } from "./wasm-driver.ts";

const directory = mkdtempSync(join(tmpdir(), "perdure-failure-"));
afterAll(() => rmSync(directory, { recursive: true }));
const openDriver = loadWasmDriver();
const freely = { assertHeld: () => undefined, release: () => undefined };
let files = 0;

/** Fails the statement that `countdown` reaches, once. */
class FaultyDriver implements SqliteDriver {
  readonly #driver: SqliteDriver;
  countdown = Infinity;

  constructor(driver: SqliteDriver) {
    this.#driver = driver;
  }

  exec(sql: string): void {
    this.#driver.exec(sql);
  }

  defineTest: SqliteDriver["defineTest"] = (name, run) => this.#driver.defineTest(name, run);

  query: SqliteDriver["query"] = (sql, params) => this.#driver.query(sql, params);

  prepare: SqliteDriver["prepare"] = (sql) => {
    const statement = this.#driver.prepare(sql);
    return {
      run: (...params) => {
        this.countdown -= 1;
        if (this.countdown === 0) throw new Error("disk I/O error");
        statement.run(...params);
      },
      all: (...params) => statement.all(...params),
    };
  };

  close(): void {
    this.#driver.close();
  }
}

/** A log in a file whose syncs end when the test says so. */
function holdSyncs(log: CommitLog): HeldLog {
  const held: ((error: Error | null) => void)[] = [];
  log.sync = (done) => void held.push(done);
  return { held, finish: (error = null) => held.shift()?.(error) };
}

interface HeldLog {
  readonly held: readonly unknown[];
  finish(error?: Error | null): void;
}

test("whichever statement fails, what was acknowledged is there after a reopening, and until then every call fails", async () => {
  for (let failing = 1; ; failing += 1) {
    const path = join(directory, `${(files += 1)}.db`);
    let driver: FaultyDriver | undefined;
    const store = await openSqliteStore(path, {
      driver: (file) => (driver = new FaultyDriver(openDriver(file))),
    });
    await store.commit(commitOf(createRun(1)));
    if (driver !== undefined) driver.countdown = failing;
    await commitThree(store);
    const failed = readFailure(store);
    if (failed !== undefined) {
      expect(failed).toBeInstanceOf(StoreFailedError);
      expect(() => store.readRun(1)).toThrow(StoreFailedError);
      expect(() => store.lastRunKey()).toThrow(StoreFailedError);
      await expect(store.commit(commitOf(createRun(9)))).rejects.toThrow("disk I/O error");
    }
    await store.close();

    const again = await openSqliteStore(path, { driver: openDriver });
    expect(again.lastRunKey()).toBe(2);
    expect(again.readRun(1)?.snapshot).toEqual(new Uint8Array(3));
    expect(again.readRun(2)).toBeUndefined();
    expect(again.blobs("k")).toHaveLength(1);
    await again.close();
    if (failed === undefined) {
      expect(failing).toBeGreaterThan(5);
      return;
    }
  }
}, 60_000);

test("while a sync is under way, commits gather and can be read; they resolve after their own sync", async () => {
  const { store, log } = openHeld();
  const resolved: number[] = [];
  const commit = (key: number): void => {
    void store.commit(commitOf(createRun(key))).then(() => resolved.push(key));
  };
  commit(1);
  await turn();
  for (const key of [2, 3, 4]) {
    commit(key);
    await turn();
  }
  expect(resolved).toEqual([]);
  expect(store.findRun("namespace-1", "workflow-4", "run-4")?.key).toBe(4);
  expect(store.readRun(4)?.runId).toBe("run-4");
  expect(log.held).toHaveLength(1);
  log.finish();
  await turn();
  expect(resolved).toEqual([1]);
  expect(log.held).toHaveLength(1);
  log.finish();
  await turn();
  expect(resolved).toEqual([1, 2, 3, 4]);
  await store.close();
});

test("a failed sync rejects the commits it was for and those that wait behind it", async () => {
  const { store, log } = openHeld();
  const first = store.commit(commitOf(createRun(1)));
  await turn();
  const second = store.commit(commitOf(createRun(2)));
  const outcomes = Promise.allSettled([first, second]);
  log.finish(new Error("EIO: i/o error, fdatasync"));
  expect(await outcomes).toMatchObject([
    { reason: expect.any(StoreFailedError) as unknown },
    { reason: expect.any(StoreFailedError) as unknown },
  ]);
  expect(() => store.readRun(1)).toThrow("EIO");
  await store.close();
});

test("closing waits for the sync under way and for the commits behind it", async () => {
  const { store, log } = openHeld();
  const first = store.commit(commitOf(createRun(1)));
  await turn();
  const second = store.commit(commitOf(createRun(2)));
  let closed = false;
  const closing = store.close().then(() => (closed = true));
  log.finish();
  await turn();
  expect(closed).toBe(false);
  log.finish();
  await Promise.all([first, second, closing]);
});

function openHeld(): { readonly store: SqliteStore; readonly log: HeldLog } {
  const path = join(directory, `${(files += 1)}.db`);
  const driver = openDriver(path);
  migrate(driver, path);
  const { log, found } = CommitLog.open(path, { databaseNumber: 1, applied: 0, durable: true });
  const held = holdSyncs(log);
  return {
    store: new SqliteStore({ path, driver, ownership: freely, log, found, syncTables: () => undefined }),
    log: held,
  };
}

function readFailure(store: Store): unknown {
  try {
    store.blobs("k");
    return undefined;
  } catch (error) {
    return error;
  }
}

function commitThree(store: Store): Promise<readonly PromiseSettledResult<void>[]> {
  return Promise.allSettled([
    store.commit(commitOf(createRun(2), { key: 1, records: [eventRecord(1, 1)] })),
    store.commit({
      ...commitOf({ key: 1, snapshot: new Uint8Array(3), closed: true }),
      blobs: [{ kind: "k", id: "i", value: new Uint8Array(1) }],
    }),
    store.commit(commitOf({ key: 2, deleted: true })),
  ]);
}

/** What was handed in is written in the turn of the event loop after the next. */
async function turn(): Promise<void> {
  await nextTurn();
  await nextTurn();
}
