import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { DatabaseLockedError } from "../store-error.ts";
import { ownerFiles, OwnerLock } from "./owner-lock.ts";
import { describeOwner, ownerState, parseOwner } from "./owner-record.ts";

const directory = mkdtempSync(join(tmpdir(), "perdure-lock-"));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => {
  vi.useRealTimers();
});
const fast = { heartbeatMs: 20, heartbeatLostMs: 400 };
const self = describeOwner();
const elsewhere = { ...self, bootId: "another boot" };

test("an owner is alive, dead or beyond knowledge", () => {
  expect(ownerState(self, self)).toBe("alive");
  expect(ownerState({ ...self, pid: 2 ** 30 }, self)).toBe("dead");
  expect(ownerState(elsewhere, self)).toBe("unknown");
  expect(ownerState({ ...self, pidNamespace: "pid:[1]" }, self)).toBe("unknown");
  expect(ownerState({ ...self, startTicks: "" }, self)).toBe("unknown");
  expect(parseOwner("half a fi")).toBeUndefined();
  expect(parseOwner("null")).toBeUndefined();
});

test("an owner whose process id or thread was given to another is dead", () => {
  // What tells them apart is known on Linux only.
  if (self.startTicks === "") return;
  expect(ownerState({ ...self, startTicks: "1" }, self)).toBe("dead");
  expect(ownerState({ ...self, threadId: 2 ** 30 }, self)).toBe("dead");
});

test("an owner beyond knowledge keeps the database while its heart beats", async () => {
  const path = join(directory, "beating.db");
  const first = await OwnerLock.acquire(path, fast);
  const [file = ""] = ownerFiles(path);
  writeFileSync(file, JSON.stringify({ ...elsewhere, pid: 4711, hostname: "other-host" }));
  const second = OwnerLock.acquire(path, fast);
  await expect(second).rejects.toThrow(DatabaseLockedError);
  await expect(second).rejects.toThrow('process 4711 on host "other-host"');
  first.release();
  expect(ownerFiles(path)).toEqual([]);
});

test("an owner beyond knowledge loses the database when its heart has stopped", async () => {
  const path = join(directory, "stopped.db");
  writeFileSync(`${path}.owner-1`, JSON.stringify(elsewhere));
  writeFileSync(`${path}.owner-2`, "not an owner");
  const longAgo = new Date(2020, 1, 1);
  utimesSync(`${path}.owner-2`, longAgo, longAgo);
  const lock = await OwnerLock.acquire(path, fast);
  expect(lock.recovered).toBe(true);
  expect(ownerFiles(path)).toHaveLength(1);
  lock.release();
});

test("a stalled owner that was taken for dead writes no more", async () => {
  const path = join(directory, "stalled.db");
  const lock = await OwnerLock.acquire(path);
  lock.assertHeld();
  for (const file of ownerFiles(path)) rmSync(file);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
  expect(() => lock.assertHeld()).toThrow(DatabaseLockedError);
  lock.release();
});

test("the owner's file says who it is", async () => {
  const path = join(directory, "said.db");
  const lock = await OwnerLock.acquire(path);
  const [file = ""] = ownerFiles(path);
  expect(parseOwner(readFileSync(file, "utf8"))).toMatchObject({
    pid: process.pid,
    hostname: self.hostname,
  });
  lock.release();
});
