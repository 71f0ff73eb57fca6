import { writeSync } from "node:fs";
import { commitOf, createRun, eventRecord } from "../sample-rows.test-support.ts";
import { loadNodeDriver } from "./node-driver.ts";
import { openSqliteStore } from "./open-sqlite.ts";
import { loadWasmDriver } from "./wasm-driver.ts";

/**
 * A program that is killed: opens the database named by its argument and commits numbered changes, each to two runs and a
 * blob at once, printing a number once its commit is acknowledged. Never stops by itself.
 */
const [path = "", driverName] = process.argv.slice(2);
const driver = driverName === "node" ? loadNodeDriver() : loadWasmDriver();
const store = await openSqliteStore(path, { driver });
if (store.lastRunKey() === 0) await store.commit(commitOf(createRun(1), createRun(2)));

let number = store.readRun(1)?.records.length ?? 0;
tell("ready");
for (;;) {
  const group = Array.from({ length: 1 + (number % 4) }, () => commitNext());
  await Promise.all(group);
}

async function commitNext(): Promise<void> {
  number += 1;
  const mine = number;
  const records = [eventRecord(mine, 1)];
  await store.commit({
    runs: [
      { key: 1, records },
      { key: 2, records, ...(mine % 50 === 0 ? { snapshot: new Uint8Array(20_000) } : {}) },
    ],
    blobs: [{ kind: "number", id: "newest", value: new TextEncoder().encode(String(mine)) }],
  });
  tell(String(mine));
}

/** Prints a line before anything else happens, however long the reader takes. */
function tell(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}
