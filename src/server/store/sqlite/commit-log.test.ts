import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { commitOf, createRun, eventRecord, texts } from "../sample-rows.test-support.ts";
import { DatabaseDamagedError } from "../store-error.ts";
import type { Commit, Store } from "../store.ts";
import { CommitLog, commitLogPath } from "./commit-log.ts";
import { openSqliteStore } from "./open-sqlite.ts";
import { mergeCommits } from "./pending-commits.ts";

const directory = mkdtempSync(join(tmpdir(), "perdure-commits-"));
afterAll(() => rmSync(directory, { recursive: true }));
let files = 0;
const newFile = (): string => join(directory, `${(files += 1)}.db`);
const options = { databaseNumber: 7, applied: 0, durable: false };

function blobCommit(number: number, bytes = 3): Commit {
  return { runs: [], blobs: [{ kind: "number", id: String(number), value: new Uint8Array(bytes).fill(number) }] };
}

function idsOf(commits: readonly Commit[]): (string | undefined)[] {
  return commits.map(({ blobs }) => blobs?.[0]?.id);
}

test("a log cut off at any byte gives back the whole frames before it and nothing else", () => {
  const file = newFile();
  const { log } = CommitLog.open(file, options);
  const ends: number[] = [];
  for (let number = 1; number <= 4; number += 1) {
    log.append(number, [blobCommit(number)]);
    ends.push(log.bytes);
  }
  log.close();
  const whole = readFileSync(commitLogPath(file));
  const headerBytes = 16;
  for (let bytes = headerBytes; bytes <= headerBytes + (ends.at(-1) ?? 0); bytes += 1) {
    const cut = newFile();
    writeFileSync(commitLogPath(cut), Buffer.concat([whole.subarray(0, bytes), Buffer.alloc(64)]));
    const opened = CommitLog.open(cut, options);
    opened.log.close();
    const expected = ends.filter((end) => headerBytes + end <= bytes).length;
    expect(idsOf(opened.found.commits)).toEqual(["1", "2", "3", "4"].slice(0, expected));
    rmSync(commitLogPath(cut));
  }
});

test("a changed byte ends the log before its frame", () => {
  const file = newFile();
  const { log } = CommitLog.open(file, options);
  log.append(1, [blobCommit(1)]);
  const firstEnd = 16 + log.bytes;
  log.append(2, [blobCommit(2)]);
  log.close();
  const bytes = readFileSync(commitLogPath(file));
  bytes.writeUInt8(bytes.readUInt8(firstEnd + 20) ^ 1, firstEnd + 20);
  writeFileSync(commitLogPath(file), bytes);
  const { log: again, found } = CommitLog.open(file, options);
  again.close();
  expect(idsOf(found.commits)).toEqual(["1"]);
});

test("what is left from the round before is not read again", () => {
  const file = newFile();
  const { log } = CommitLog.open(file, options);
  for (let number = 1; number <= 6; number += 1) log.append(number, [blobCommit(number)]);
  log.restart();
  log.append(7, [blobCommit(7)]);
  log.close();
  const { log: again, found } = CommitLog.open(file, { ...options, applied: 6 });
  again.close();
  expect(found.firstNumber).toBe(7);
  expect(idsOf(found.commits)).toEqual(["7"]);
});

test("commits that the tables have are left out, also those in the middle of a frame", () => {
  const file = newFile();
  const { log } = CommitLog.open(file, options);
  log.append(1, [blobCommit(1), blobCommit(2), blobCommit(3)]);
  log.append(4, [blobCommit(4)]);
  log.close();
  const { log: again, found } = CommitLog.open(file, { ...options, applied: 2 });
  again.close();
  expect(found.firstNumber).toBe(3);
  expect(idsOf(found.commits)).toEqual(["3", "4"]);
});

test("the log of another database and one that is newer than its database are refused", () => {
  const file = newFile();
  const { log } = CommitLog.open(file, options);
  log.append(5, [blobCommit(5)]);
  log.close();
  expect(() => CommitLog.open(file, { ...options, databaseNumber: 8 })).toThrow(DatabaseDamagedError);
  expect(() => CommitLog.open(file, { ...options, databaseNumber: 8 })).toThrow("belongs to another database");
  expect(() => CommitLog.open(file, options)).toThrow("begins with commit 5");
  writeFileSync(commitLogPath(file), "text");
  expect(() => CommitLog.open(file, options)).toThrow(DatabaseDamagedError);
});

test("a commit larger than the file fits, and the file is cut back afterwards", () => {
  const file = newFile();
  const { log } = CommitLog.open(file, options);
  log.append(1, [blobCommit(1, 40 * 1024 * 1024)]);
  expect(statSync(commitLogPath(file)).size).toBeGreaterThan(40 * 1024 * 1024);
  log.restart();
  expect(statSync(commitLogPath(file)).size).toBe(1024 * 1024);
  log.close();
});

test("a database copied together with its log while it is in use has everything acknowledged", async () => {
  const file = newFile();
  const store = await openSqliteStore(file);
  await store.commit(commitOf(createRun(1), { key: 1, records: [eventRecord(1, 2)] }));
  await store.commit(commitOf({ key: 1, records: [eventRecord(3, 1)] }));
  const copy = newFile();
  for (const suffix of ["", "-wal", "-commits"]) copyFileSync(`${file}${suffix}`, `${copy}${suffix}`);
  await store.close();
  expect(existsSync(commitLogPath(file))).toBe(false);
  const again = await openSqliteStore(copy);
  expect(eventsOf(again, 1)).toEqual(eventsOf(await reopened(file), 1));
  await again.close();
});

test("thousands of commits go through the log in rounds, and none is lost when the process ends without closing", async () => {
  const file = newFile();
  const store = await openSqliteStore(file, { pragmas: { synchronous: "OFF" } });
  await store.commit(commitOf(createRun(1)));
  const count = 3000;
  for (let number = 1; number <= count; number += 100) {
    const group = Array.from({ length: 100 }, (_, index) =>
      store.commit({
        runs: [{ key: 1, records: [eventRecord(number + index, 1)] }],
        blobs: [{ kind: "padding", id: "x", value: new Uint8Array(5000) }],
      }),
    );
    await Promise.all(group);
  }
  expect(statSync(commitLogPath(file)).size).toBeLessThan(8 * 1024 * 1024);
  const copy = newFile();
  for (const suffix of ["", "-wal", "-commits"]) copyFileSync(`${file}${suffix}`, `${copy}${suffix}`);
  const again = await openSqliteStore(copy);
  expect(eventsOf(again, 1)).toHaveLength(count);
  await Promise.all([store.close(), again.close()]);
});

test.each([0, 10, 1024 * 1024])("a log of %i zero bytes, whose making was cut short, is begun anew", async (bytes) => {
  const file = newFile();
  const store = await openSqliteStore(file);
  await store.commit(commitOf(createRun(1)));
  await store.close();
  writeFileSync(commitLogPath(file), Buffer.alloc(bytes));
  const again = await openSqliteStore(file);
  expect(again.lastRunKey()).toBe(1);
  await again.commit(commitOf(createRun(2)));
  await again.close();
});

test("merging keeps the last of what is replaced, all of what is appended, and records after a snapshot apart from it", () => {
  const first = eventRecord(1, 1);
  const second = eventRecord(2, 1);
  const snapshot = new Uint8Array(2);
  const merged = mergeCommits([
    commitOf({ key: 1, records: [first] }),
    { runs: [{ key: 2, closed: true }], blobs: [{ kind: "k", id: "a", value: new Uint8Array(1) }] },
    { runs: [{ key: 1, records: [second], snapshot }], blobs: [{ kind: "k", id: "a", value: null }] },
    commitOf({ key: 1, records: [first] }, { key: 2, deleted: true }),
  ]);
  expect(merged.runs).toEqual([
    { key: 1, records: [first, second], snapshot },
    { key: 1, records: [first] },
    { key: 2, closed: true },
    { key: 2, deleted: true },
  ]);
  expect(merged.blobs).toEqual([{ kind: "k", id: "a", value: null }]);
});

async function reopened(file: string): Promise<Store> {
  const store = await openSqliteStore(file);
  setImmediate(() => void store.close());
  return store;
}

function eventsOf(store: Store, key: number): readonly (string | undefined)[] {
  return texts(store.readEvents(key, { fromEventId: 1, toEventId: 1e9, maxEvents: 1e6, maxBytes: 1e9 }));
}
