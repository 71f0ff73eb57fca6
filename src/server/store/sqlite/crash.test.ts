import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { texts } from "../sample-rows.test-support.ts";
import { seededRandom } from "../seeded-random.ts";
import { DatabaseLockedError } from "../store-error.ts";
import type { Store } from "../store.ts";
import { loadNodeDriver } from "./node-driver.ts";
import { openSqliteStore } from "./open-sqlite.ts";
import { loadWasmDriver, wasmLockDirectory } from "./wasm-driver.ts";

const directory = mkdtempSync(join(tmpdir(), "perdure-crash-"));
afterAll(() => rmSync(directory, { recursive: true }));
const writer = fileURLToPath(new URL("crash-writer.test-support.ts", import.meta.url));
const kills = 20;

const drivers = { wasm: loadWasmDriver(), node: loadNodeDriver() };
for (const [name, driver] of Object.entries(drivers)) {
  // Node 20 has no SQLite of its own.
  if (driver === undefined) continue;
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

  test(`nothing acknowledged is lost by ${kills} kills, and no commit is there in part, on the ${name} driver (SEED=${seed})`, async () => {
    const random = seededRandom(seed);
    const path = join(directory, `${name}.db`);
    for (let kill = 0; kill < kills; kill += 1) {
      const acknowledged = await runUntilKilled(path, name, Math.floor(random() * 60));
      const store = await openSqliteStore(path, { driver });
      expect(readWhole(store)).toBeGreaterThanOrEqual(acknowledged);
      await store.close();
    }
  }, 180_000);

  test(`a database is locked while its process lives, and free at once when it was killed, on the ${name} driver`, async () => {
    const path = join(directory, `${name}-locked.db`);
    const child = startWriter(path, name);
    for await (const line of createInterface(child.stdout)) {
      if (line === "ready") break;
    }
    await expect(openSqliteStore(path, { driver })).rejects.toThrow(DatabaseLockedError);
    await expect(openSqliteStore(path, { driver })).rejects.toThrow(`process ${child.pid} on host`);
    expect(existsSync(wasmLockDirectory(path))).toBe(name === "wasm");
    child.kill("SIGKILL");
    await once(child, "exit");
    const store = await openSqliteStore(path, { driver });
    await store.close();
    expect(existsSync(wasmLockDirectory(path))).toBe(false);
  }, 60_000);
}

/** Kills the writer once it has acknowledged that many commits, and answers the last number it acknowledged. */
async function runUntilKilled(path: string, driver: string, commits: number): Promise<number> {
  const child = startWriter(path, driver);
  const exit = once(child, "exit");
  let last = 0;
  let seen = 0;
  for await (const line of createInterface(child.stdout)) {
    if (line !== "ready") last = Number(line);
    if (seen === commits) child.kill("SIGKILL");
    seen += 1;
  }
  await exit;
  expect(child.signalCode).toBe("SIGKILL");
  return last;
}

function startWriter(path: string, driver: string) {
  return spawn(process.execPath, ["--import", "tsx", writer, path, driver], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** How many commits the store has, having checked that it has the first ones without gap and each of them whole. */
function readWhole(store: Store): number {
  const range = { fromEventId: 1, toEventId: 1e9, maxEvents: 1e6, maxBytes: 1e9 };
  const events = texts(store.readEvents(1, range));
  expect(events).toEqual(events.map((_, index) => `event ${index + 1}`));
  expect(texts(store.readEvents(2, range))).toEqual(events);
  const newest = store.blobs("number").map((blob) => texts([blob.value])[0]);
  expect(newest).toEqual(events.length === 0 ? [] : [String(events.length)]);
  return events.length;
}
