/**
 * Speed of lists: `tsx bench/visibility.ts` fills an SQLite store with 100,000 closed runs, and prints how long a page of
 * 100 takes by each kind of filter. The file lies in the directory for temporary files, or in BENCH_DIR.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../src/server/store/open-store.ts";
import type { RunWrite, VisibilityField, VisibilityFilter, VisibilityRow } from "../src/server/store/store.ts";

const RUNS = 100_000;
const RUNS_PER_COMMIT = 2_000;
const REPEATS = 7;
const NAMESPACE = "namespace";
const STARTED_MS = 1_767_225_600_000;

const directory = mkdtempSync(join(process.env["BENCH_DIR"] ?? tmpdir(), "perdure-bench-"));
const store = await openStore(`sqlite:${join(directory, "visibility.db")}`);
for (let first = 1; first <= RUNS; first += RUNS_PER_COMMIT)
  await store.commit({ runs: Array.from({ length: RUNS_PER_COMMIT }, (_, index) => closedRun(first + index)) });

const city: VisibilityField = { name: "City", attribute: true };
const ownRuns: VisibilityFilter = { kind: "isNull", field: { name: "TemporalNamespaceDivision", attribute: true } };
const filters: Readonly<Record<string, VisibilityFilter>> = {
  none: ownRuns,
  type: equal({ name: "workflowType" }, "type-7"),
  status: equal({ name: "status" }, 3),
  workflowId: equal({ name: "workflowId" }, "order-4711"),
  startTime: { kind: "between", field: { name: "startTimeMs" }, low: STARTED_MS + 5e6, high: STARTED_MS + 6e6 },
  commonAttribute: equal(city, "city-5"),
  rareAttribute: equal(city, "rare"),
  rarePrefix: { kind: "startsWith", field: city, prefix: "rar" },
};
for (const [name, filter] of Object.entries(filters)) {
  const times = Array.from({ length: REPEATS }, () => {
    const started = performance.now();
    store.listRuns({ namespaceId: NAMESPACE, where: { kind: "and", parts: [ownRuns, filter] }, pageSize: 100 });
    return performance.now() - started;
  }).toSorted((one, other) => one - other);
  console.log(`${name}: ${(times[REPEATS >> 1] ?? Number.NaN).toFixed(1)} ms`);
}
await store.close();
rmSync(directory, { recursive: true });

function equal(field: VisibilityField, value: string | number): VisibilityFilter {
  return { kind: "compare", field, operator: "=", value };
}

function closedRun(key: number): RunWrite {
  const row = visibility(key);
  const { namespaceId, workflowId, runId } = row;
  return { key, create: { namespaceId, workflowId, runId, current: true }, visibility: row, closed: true };
}

function visibility(key: number): VisibilityRow {
  const workflowId = `order-${key}`;
  const runId = `01890000-0000-7000-8000-${String(key).padStart(12, "0")}`;
  return {
    namespaceId: NAMESPACE,
    workflowId,
    runId,
    workflowType: `type-${key % 50}`,
    taskQueue: "orders",
    status: key % 100 === 0 ? 3 : 2,
    startTimeMs: STARTED_MS + key * 100,
    executionTimeMs: STARTED_MS + key * 100,
    closeTimeMs: STARTED_MS + key * 100 + 50,
    historyLength: 11,
    historySizeBytes: 1500,
    stateTransitionCount: 6,
    parentWorkflowId: null,
    parentRunId: null,
    rootWorkflowId: workflowId,
    rootRunId: runId,
    searchAttributes: { City: key % 50_000 === 7 ? "rare" : `city-${key % 20}` },
    memo: new Uint8Array(60),
    encodedSearchAttributes: new Uint8Array(60),
  };
}
