import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadNodeDriver } from "../src/server/store/sqlite/node-driver.ts";
import { openSqliteStore } from "../src/server/store/sqlite/open-sqlite.ts";
import { loadWasmDriver } from "../src/server/store/sqlite/wasm-driver.ts";
import type { RunRecord, RunWrite, Store, VisibilityRow } from "../src/server/store/store.ts";

/**
 * Speed of the SQLite store: `tsx bench/store.ts [wasm|node] [seconds per load]`.
 * The file lies in the directory for temporary files, or in BENCH_DIR; results depend on that disk's speed of fsync.
 */
const driverName = process.argv[2] ?? "wasm";
const seconds = Number(process.argv[3] ?? 2);
const directory = mkdtempSync(join(process.env["BENCH_DIR"] ?? tmpdir(), "perdure-bench-"));
const driver = driverName === "node" ? loadNodeDriver() : loadWasmDriver();
if (driver === undefined) throw new Error("This Node has no SQLite of its own");
const store = await openSqliteStore(join(directory, "bench.db"), { driver });
let nextKey = 1;
const lastEvent = new Map<number, number>();

await load("commit of 1 record, one at a time", async () => {
  await store.commit({ runs: [append(1)] });
  return 1;
});
await load("commit of 1 record, 20 runs at a time: records", async () => {
  await Promise.all(Array.from({ length: 20 }, (_, run) => store.commit({ runs: [append(run + 2)] })));
  return 20;
});
await load("commit of 1 record, 200 runs at a time: records", async () => {
  await Promise.all(Array.from({ length: 200 }, (_, run) => store.commit({ runs: [append(run + 100)] })));
  return 200;
});
await load("whole runs (create, 2 appends, close with visibility), 20 at a time: runs", async () => {
  const keys = Array.from({ length: 20 }, () => (nextKey += 1) + 1_000_000);
  await Promise.all(keys.map((key) => store.commit({ runs: [create(key)] })));
  await Promise.all(keys.map((key) => store.commit({ runs: [append(key)] })));
  await Promise.all(keys.map((key) => store.commit({ runs: [append(key)] })));
  await Promise.all(keys.map((key) => store.commit({ runs: [close(key)] })));
  return 20;
});
await load("tail of a history: reads", () => {
  store.readEvents(1, { fromEventId: 100, toEventId: 104, maxEvents: 1000, maxBytes: 4_000_000 });
  return 1;
});
await load("run with its records: reads", () => {
  store.readRun(1_000_005);
  return 1;
});
await load("first page of 100 in a list: pages", () => {
  store.listRuns({ namespaceId: "namespace", pageSize: 100 });
  return 1;
});
await pageThroughLongHistory(store);
await store.close();
rmSync(directory, { recursive: true });

async function load(name: string, step: () => Promise<number> | number): Promise<void> {
  const started = performance.now();
  let done = 0;
  while (performance.now() - started < seconds * 1000) done += await step();
  report(name, done / ((performance.now() - started) / 1000));
}

async function pageThroughLongHistory(target: Store): Promise<void> {
  const key = 9_000_000;
  await target.commit({ runs: [create(key)] });
  for (let event = 4; event < 50_000; event += 500) {
    const records = Array.from({ length: 125 }, (_, index) => record(event + index * 4));
    await target.commit({ runs: [{ key, records }] });
  }
  const started = performance.now();
  let next = 1;
  for (;;) {
    const page = target.readEvents(key, {
      fromEventId: next,
      toEventId: 1e9,
      maxEvents: 1000,
      maxBytes: 4_000_000,
    });
    if (page.length === 0) break;
    next += page.length;
  }
  report("a history of 50,000 events in pages of 1,000: events", (next - 1) / ((performance.now() - started) / 1000));
}

function report(name: string, perSecond: number): void {
  console.log(`${driverName}  ${Math.round(perSecond).toLocaleString("en").padStart(12)}/s  ${name}`);
}

function record(firstEventId: number, events = 4): RunRecord {
  return {
    firstEventId,
    events: Array.from({ length: events }, () => new Uint8Array(80).fill(7)),
    ops: new Uint8Array(0),
  };
}

function append(key: number): RunWrite {
  const firstEventId = (lastEvent.get(key) ?? 0) + 1;
  lastEvent.set(key, firstEventId + 3);
  return { key, records: [record(firstEventId)] };
}

function create(key: number): RunWrite {
  const row = visibility(key);
  const { namespaceId, workflowId, runId } = row;
  lastEvent.set(key, 3);
  return {
    key,
    create: { namespaceId, workflowId, runId, current: true },
    records: [record(1, 3)],
    visibility: row,
  };
}

function close(key: number): RunWrite {
  return {
    ...append(key),
    visibility: { ...visibility(key), status: 2, closeTimeMs: Date.now() },
    closed: true,
  };
}

function visibility(key: number): VisibilityRow {
  return {
    namespaceId: "namespace",
    workflowId: `order-${(key * 7919) % 1_000_003}`,
    runId: `01890000-0000-7000-8000-${String(key).padStart(12, "0")}`,
    workflowType: "processOrder",
    taskQueue: "orders",
    status: 1,
    startTimeMs: Date.now(),
    executionTimeMs: Date.now(),
    closeTimeMs: null,
    historyLength: 3,
    historySizeBytes: 500,
    stateTransitionCount: 3,
    parentWorkflowId: null,
    parentRunId: null,
    rootWorkflowId: `order-${(key * 7919) % 1_000_003}`,
    rootRunId: `01890000-0000-7000-8000-${String(key).padStart(12, "0")}`,
    searchAttributes: { City: "Ulm" },
    memo: new Uint8Array(60),
    encodedSearchAttributes: new Uint8Array(60),
  };
}
