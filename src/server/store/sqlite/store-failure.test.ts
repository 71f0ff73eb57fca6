import assert from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { commitOf, createRun, eventRecord } from "../sample-rows.test-support.ts";
import { StoreFailedError } from "../store-error.ts";
import type { Store } from "../store.ts";
import type { SqliteDriver } from "./driver.ts";
import type { LogSync } from "./log-sync.ts";
import { openSqliteStore } from "./open-sqlite.ts";
import { migrate } from "./schema.ts";
import { SqliteStore } from "./sqlite-store.ts";
import { loadWasmDriver } from "./wasm-driver.ts";

const directory = mkdtempSync(join(tmpdir(), "perdure-failure-"));
afterAll(() => rmSync(directory, { recursive: true }));
const openDriver = await loadWasmDriver();
const freely = { assertHeld: () => undefined, release: () => undefined };
let files = 0;

/** Fails the statement that `countdown` reaches, once. */
class FaultyDriver implements SqliteDriver {
  readonly #driver: SqliteDriver;
  countdown = Infinity;
  readonly ran: string[] = [];

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
        this.ran.push(sql.split(" ")[0] ?? "");
        statement.run(...params);
      },
      all: (...params) => statement.all(...params),
    };
  };

  close(): void {
    this.#driver.close();
  }
}

/** A log sync whose end the test decides. */
class HeldSync implements LogSync {
  readonly held: ((error: Error | null) => void)[] = [];

  sync(done: (error: Error | null) => void): void {
    this.held.push(done);
  }

  close(): void {
    assert(this.held.length === 0, "Cannot close a log while it is being synced");
  }

  finish(error: Error | null = null): void {
    this.held.shift()?.(error);
  }
}

test("whichever statement fails, waiting commits reject, later calls too, and a reopened store has all or nothing of each commit", async () => {
  for (let failing = 1; ; failing += 1) {
    const path = join(directory, `${(files += 1)}.db`);
    let driver: FaultyDriver | undefined;
    const store = await openSqliteStore(path, {
      driver: (file) => (driver = new FaultyDriver(openDriver(file))),
    });
    await store.commit(commitOf(createRun(1)));
    if (driver !== undefined) driver.countdown = failing;
    const outcomes = await commitThree(store);
    const failed = outcomes.findIndex((outcome) => outcome.status === "rejected");
    if (failed === -1) {
      await store.close();
      return;
    }
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: expect.any(StoreFailedError) as unknown });
    expect(() => store.readRun(1)).toThrow(StoreFailedError);
    expect(() => store.lastRunKey()).toThrow(StoreFailedError);
    await expect(store.commit(commitOf(createRun(9)))).rejects.toThrow("disk I/O error");
    await store.close();

    const again = await openSqliteStore(path, { driver: openDriver });
    expect(again.lastRunKey()).toBe(1);
    expect(again.readRun(1)?.records).toEqual([]);
    await again.close();
  }
});

test("while a sync is under way, commits gather in one transaction and can be read; they resolve after their own sync", async () => {
  const { store, driver, logSync } = openHeld();
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
  expect(store.readRun(4)?.runId).toBe("run-4");
  expect(driver.ran.filter((verb) => verb === "COMMIT")).toHaveLength(1);
  logSync.finish();
  await turn();
  expect(resolved).toEqual([1]);
  expect(driver.ran.filter((verb) => verb === "COMMIT")).toHaveLength(2);
  logSync.finish();
  await turn();
  expect(resolved).toEqual([1, 2, 3, 4]);
  await store.close();
});

test("a failed sync rejects the commits it was for and those that wait behind it", async () => {
  const { store, logSync } = openHeld();
  const first = store.commit(commitOf(createRun(1)));
  await turn();
  const second = store.commit(commitOf(createRun(2)));
  const outcomes = Promise.allSettled([first, second]);
  logSync.finish(new Error("EIO: i/o error, fdatasync"));
  expect(await outcomes).toMatchObject([
    { reason: expect.any(StoreFailedError) as unknown },
    { reason: expect.any(StoreFailedError) as unknown },
  ]);
  expect(() => store.readRun(1)).toThrow("EIO");
  await store.close();
});

test("closing waits for the sync under way and for the commits behind it", async () => {
  const { store, logSync } = openHeld();
  const first = store.commit(commitOf(createRun(1)));
  await turn();
  const second = store.commit(commitOf(createRun(2)));
  let closed = false;
  const closing = store.close().then(() => (closed = true));
  logSync.finish();
  await turn();
  expect(closed).toBe(false);
  logSync.finish();
  await Promise.all([first, second, closing]);
});

function openHeld(): {
  readonly store: SqliteStore;
  readonly driver: FaultyDriver;
  readonly logSync: HeldSync;
} {
  const path = join(directory, `${(files += 1)}.db`);
  const driver = new FaultyDriver(openDriver(path));
  migrate(driver, path);
  const logSync = new HeldSync();
  return { store: new SqliteStore({ path, driver, ownership: freely, logSync }), driver, logSync };
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

/** A transaction ends in the turn of the event loop after the next. */
async function turn(): Promise<void> {
  await nextTurn();
  await nextTurn();
}
