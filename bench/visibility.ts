/**
 * Speed of lists: fills an SQLite file with 100,000 runs, and prints how long a page of 100 takes by each kind of
 * filter, its 50th and 99th percentile; the last line is the slowest filter's 50th. The file lies in BENCH_FOLDER, or in
 * the directory for temporary files. Filters go the way that they go in the server, from their text on.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IndexedValueType } from "../src/proto/gen/enums.ts";
import { openStore } from "../src/server/store/open-store.ts";
import type { RunWrite, VisibilityRow } from "../src/server/store/store.ts";
import { parseListFilter } from "../src/server/visibility/list-filter.ts";
import { percentile } from "./measure.ts";

const RUNS = 100_000;
const OPEN_RUNS = 1000;
const RUNS_PER_COMMIT = 2_000;
const REPEATS = 30;
const PAGE_SIZE = 100;
const NAMESPACE = "namespace";
const STARTED_MS = 1_767_225_600_000;
const attributes = {
  City: IndexedValueType.KEYWORD,
  Amount: IndexedValueType.DOUBLE,
  Tags: IndexedValueType.KEYWORD_LIST,
  Notes: IndexedValueType.TEXT,
  Vip: IndexedValueType.BOOL,
};
const shapes: Readonly<Record<string, string>> = {
  all: "",
  type: "WorkflowType = 'type-7'",
  "rare type": "WorkflowType = 'rare'",
  status: "ExecutionStatus = 'Failed'",
  "status open": "ExecutionStatus = 'Running'",
  "task queue": "TaskQueue = 'rare'",
  "workflow id": "WorkflowId = 'order-4711'",
  "workflow id prefix": "WorkflowId STARTS_WITH 'order-471'",
  "wide prefix": "WorkflowId STARTS_WITH 'order'",
  "run id": "RunId = '01890000-0000-7000-8000-000000004711'",
  parent: "ParentWorkflowId = 'order-4000'",
  root: "RootWorkflowId = 'order-4000'",
  "start time": `StartTime > '${iso(5e6)}' AND StartTime < '${iso(6e6)}'`,
  "oldest start time": `StartTime < '${iso(1e4)}'`,
  "oldest close time": `CloseTime < '${iso(1e4)}'`,
  keyword: "City = 'city-5'",
  "rare keyword": "City = 'rare'",
  "absent keyword": "City = 'nowhere'",
  "keyword prefix": "City STARTS_WITH 'rar'",
  "keywords in": "City IN ('rare', 'nowhere', 'oldest')",
  "oldest keyword": "City = 'oldest'",
  "keyword not": "City != 'city-5'",
  "keyword absent": "City IS NULL",
  "keyword list": "Tags = 'tag-3' AND Tags IN ('x', 'even')",
  "rare list element": "Tags = 'tag-50007'",
  number: "Amount > 99990",
  "number between": "Amount BETWEEN 10 AND 20",
  bool: "Vip = true",
  text: "Notes = 'delivered'",
  "rare text": "Notes = 'parcel-50007'",
  or: "City = 'rare' OR WorkflowId = 'order-4711' OR Amount = 17",
  not: "NOT (WorkflowType = 'type-7' OR City = 'city-5') AND ExecutionStatus = 'Failed'",
  "type and keyword": "WorkflowType = 'type-7' AND City = 'city-8'",
};

const directory = mkdtempSync(join(process.env["BENCH_FOLDER"] ?? tmpdir(), "perdure-bench-"));
const store = await openStore(`sqlite:${join(directory, "visibility.db")}`);
for (let first = 1; first <= RUNS; first += RUNS_PER_COMMIT)
  await store.commit({ runs: Array.from({ length: RUNS_PER_COMMIT }, (_, index) => toWrite(first + index)) });
store.listRuns({ namespaceId: NAMESPACE, pageSize: 1 });
let worstMs = 0;
for (const [name, query] of Object.entries(shapes)) report(name, query);
for (const query of ["", "City = 'city-5'", "City = 'rare'", "ExecutionStatus = 'Failed'"]) {
  const { where } = parseListFilter(query, attributes);
  print(`count ${query}`, () => store.countRuns({ namespaceId: NAMESPACE, where }));
}
const { where: own, groupBy } = parseListFilter("GROUP BY ExecutionStatus", attributes);
print("count by status", () => store.countRuns({ namespaceId: NAMESPACE, where: own }, groupBy));
await store.close();
rmSync(directory, { recursive: true });
console.log(worstMs.toFixed(1));

/** Times a shape's first page, then a page from the middle of what it finds. */
function report(name: string, query: string): void {
  const { where } = parseListFilter(query, attributes);
  const page = (pageToken?: Uint8Array) =>
    store.listRuns({ namespaceId: NAMESPACE, where, pageSize: PAGE_SIZE, pageToken });
  print(name, () => page());
  const { nextPageToken } = store.listRuns({ namespaceId: NAMESPACE, where, pageSize: RUNS / 2 });
  if (nextPageToken !== undefined) print(`${name}, deep`, () => page(nextPageToken));
}

function print(name: string, run: () => unknown): void {
  const times = Array.from({ length: REPEATS }, () => {
    const started = performance.now();
    run();
    return performance.now() - started;
  });
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  if (!name.startsWith("count")) worstMs = Math.max(worstMs, p50);
  console.log(`${name}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
}

function iso(offsetMs: number): string {
  return new Date(STARTED_MS + offsetMs).toISOString();
}

function toWrite(key: number): RunWrite {
  const row = visibility(key);
  const { namespaceId, workflowId, runId } = row;
  const create = { namespaceId, workflowId, runId, current: true };
  return { key, create, visibility: row, ...(row.closeTimeMs === null ? {} : { closed: true }) };
}

function visibility(key: number): VisibilityRow {
  const workflowId = `order-${key}`;
  const runId = `01890000-0000-7000-8000-${String(key).padStart(12, "0")}`;
  const open = key > RUNS - OPEN_RUNS;
  const child = key % 1000 === 1 && key > 1;
  return {
    namespaceId: NAMESPACE,
    workflowId,
    runId,
    workflowType: key === 77 ? "rare" : `type-${key % 50}`,
    taskQueue: key === 78 ? "rare" : "orders",
    status: open ? 1 : key % 100 === 0 ? 3 : 2,
    startTimeMs: STARTED_MS + key * 100,
    executionTimeMs: STARTED_MS + key * 100,
    closeTimeMs: open ? null : STARTED_MS + key * 100 + 50,
    historyLength: 11,
    historySizeBytes: 1500,
    stateTransitionCount: 6,
    parentWorkflowId: child ? `order-${key - 1}` : null,
    parentRunId: child ? "run" : null,
    rootWorkflowId: child ? `order-${key - 1}` : workflowId,
    rootRunId: child ? "run" : runId,
    searchAttributes: searchAttributes(key),
    textAttributes: ["Notes"],
    memo: new Uint8Array(60),
    encodedSearchAttributes: new Uint8Array(60),
  };
}

function searchAttributes(key: number): VisibilityRow["searchAttributes"] {
  if (key % 10 === 9) return {};
  return {
    City: key % 50_000 === 7 ? "rare" : key < 8000 ? "oldest" : `city-${key % 20}`,
    Amount: key,
    Tags: [`tag-${key % 7 === 0 ? key : key % 7}`, key % 2 === 0 ? "even" : "odd"],
    Notes: `The parcel-${key} was delivered on time`,
    Vip: key % 3 === 0,
    BuildIds: ["unversioned", "unversioned:1f0a"],
  };
}
