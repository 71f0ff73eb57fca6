import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { Store } from "../store.ts";
import { describeStore, type StoreHarness } from "../store.suite.ts";
import { describeVisibility } from "../visibility.suite.ts";
import { loadNodeDriver } from "./node-driver.ts";
import { openSqliteStore } from "./open-sqlite.ts";
import { loadWasmDriver } from "./wasm-driver.ts";

const directory = mkdtempSync(join(tmpdir(), "perdure-store-"));
afterAll(() => rmSync(directory, { recursive: true }));

const drivers = { wasm: loadWasmDriver(), node: loadNodeDriver() };

for (const [name, driver] of Object.entries(drivers)) {
  // Node 20 has no SQLite of its own.
  if (driver === undefined) continue;
  const paths = new Map<Store, string>();
  let files = 0;
  const openAt = async (path: string): Promise<Store> => {
    const store = await openSqliteStore(path, { driver });
    paths.set(store, path);
    return store;
  };
  const harness: StoreHarness = {
    open: () => openAt(join(directory, `${name}-${(files += 1)}.db`)),
    reopen: (store) => openAt(paths.get(store) ?? ""),
  };
  describeStore(`the SQLite store on the ${name} driver`, harness);
  describeVisibility(`the SQLite store on the ${name} driver`, harness);
}
