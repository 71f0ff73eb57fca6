import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openStore } from "../open-store.ts";
import { commitOf, createRun } from "../sample-rows.test-support.ts";
import { DatabaseDamagedError, DatabaseLockedError, SchemaTooNewError, StoreOpenError } from "../store-error.ts";
import { openSqliteStore } from "./open-sqlite.ts";
import { ownerFiles } from "./owner-lock.ts";
import { describeOwner } from "./owner-record.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { loadWasmDriver, wasmLockDirectory } from "./wasm-driver.ts";

const directory = realpathSync(mkdtempSync(join(tmpdir(), "perdure-open-")));
afterAll(() => rmSync(directory, { recursive: true }));
const driver = loadWasmDriver();
const deadOwner = JSON.stringify({ ...describeOwner(), startTicks: "1" });

test("an address opens memory or a file, and closing leaves nothing but the database", async () => {
  const folder = join(directory, "clean");
  mkdirSync(folder);
  for (const address of ["memory:", `sqlite:${join(folder, "a.db")}`, join(folder, "b.db")]) {
    const store = await openStore(address);
    await store.commit(commitOf(createRun(1)));
    await store.close();
  }
  expect(readdirSync(folder).toSorted()).toEqual(["a.db", "b.db"]);
  for (const address of ["", "sqlite:", "postgres://host"]) {
    await expect(openStore(address)).rejects.toThrow(StoreOpenError);
  }
});

test("a missing directory, a directory in place of the file and an unknown pragma are refused in words", async () => {
  await expect(openSqliteStore(join(directory, "no", "x.db"))).rejects.toThrow(
    /directory does not exist, create it first/,
  );
  await expect(openSqliteStore(directory)).rejects.toThrow(StoreOpenError);
  const open = (pragmas: Record<string, string>) => openSqliteStore(join(directory, "p.db"), { pragmas });
  await expect(open({ journal_mode: "OFF" })).rejects.toThrow(/"journal_mode": it is not tunable/);
  await expect(open({ cache_size: "1; DROP TABLE runs" })).rejects.toThrow(/"cache_size": its value is not valid/);
  const store = await open({ cache_size: "-2000", synchronous: "OFF" });
  await store.close();
});

test("a file that is no database, or another program's, is refused and left as it is", async () => {
  const text = join(directory, "notes.txt");
  writeFileSync(text, "Dear diary, nothing happened today.");
  await expect(openSqliteStore(text)).rejects.toThrow(DatabaseDamagedError);
  expect(readFileSync(text, "utf8")).toBe("Dear diary, nothing happened today.");

  const foreign = join(directory, "foreign.db");
  const other = driver(foreign);
  other.exec("CREATE TABLE books (title TEXT)");
  other.close();
  await expect(openSqliteStore(foreign)).rejects.toThrow(/SQLite database of another program/);
  expect(ownerFiles(foreign)).toEqual([]);
});

test("a database of a newer version is refused with both versions", async () => {
  const path = join(directory, "newer.db");
  await (await openSqliteStore(path, { driver })).close();
  const raw = driver(path);
  raw.exec("PRAGMA locking_mode = EXCLUSIVE");
  raw.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 7}`);
  raw.close();
  const opening = openSqliteStore(path, { driver });
  await expect(opening).rejects.toThrow(SchemaTooNewError);
  await expect(opening).rejects.toThrow(
    `version ${SCHEMA_VERSION + 7}, this program knows up to version ${SCHEMA_VERSION}`,
  );
});

test("after a crash, damaged contents are found before anything is served", async () => {
  const path = join(directory, "damaged.db");
  const store = await openSqliteStore(path, { driver });
  await store.commit(commitOf(...Array.from({ length: 500 }, (_, index) => createRun(index + 1))));
  await store.close();
  const contents = readFileSync(path);
  writeFileSync(path, contents.fill(0x5a, 8192, contents.length - 4096));
  writeFileSync(`${path}.owner-dead`, deadOwner);
  await expect(openSqliteStore(path, { driver })).rejects.toThrow(DatabaseDamagedError);
  writeFileSync(path, contents.subarray(0, 5000));
  await expect(openSqliteStore(path, { driver })).rejects.toThrow(DatabaseDamagedError);
});

test("a second opening is refused, also through a link, until the first is closed", async () => {
  const path = join(directory, "locked.db");
  const link = join(directory, "link.db");
  const store = await openSqliteStore(path, { driver });
  symlinkSync(path, link);
  await expect(openSqliteStore(path, { driver })).rejects.toThrow(DatabaseLockedError);
  await expect(openSqliteStore(link, { driver })).rejects.toThrow(`process ${process.pid} on host`);
  await store.close();
  const again = await openSqliteStore(link, { driver });
  await again.close();
});

test("of several that open at once, exactly one gets the database", async () => {
  const path = join(directory, "contended.db");
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => openSqliteStore(path, { driver })));
  const opened = outcomes.filter((outcome) => outcome.status === "fulfilled");
  expect(opened).toHaveLength(1);
  for (const outcome of opened) await outcome.value.close();
  expect(ownerFiles(path)).toEqual([]);
});

test("a driver's lock that no dead owner of ours explains is left alone", async () => {
  const path = join(directory, "held.db");
  mkdirSync(wasmLockDirectory(path));
  await expect(openSqliteStore(path, { driver })).rejects.toThrow(/another program holds/);
  writeFileSync(`${path}.owner-dead`, deadOwner);
  const store = await openSqliteStore(path, { driver });
  await store.close();
});
