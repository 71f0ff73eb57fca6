import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { commitOf, createRun, visibilityRow } from "../sample-rows.test-support.ts";
import type { Store, VisibilityFilter } from "../store.ts";
import { openSqliteStore } from "./open-sqlite.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { loadWasmDriver } from "./wasm-driver.ts";

const directory = mkdtempSync(join(tmpdir(), "perdure-index-"));
afterAll(() => rmSync(directory, { recursive: true }));
const driver = loadWasmDriver();
const namespaceId = "namespace-1";
const city = { name: "City", attribute: true } as const;
const ownRuns: VisibilityFilter = { kind: "isNull", field: { name: "TemporalNamespaceDivision", attribute: true } };

function equal(name: string, value: string | number, attribute?: true): VisibilityFilter {
  return { kind: "compare", field: { name, ...(attribute && { attribute }) }, operator: "=", value };
}

function runIds(store: Store, where: VisibilityFilter, pageSize = 10): readonly string[] {
  const found: string[] = [];
  let pageToken: Uint8Array | undefined;
  do {
    const page = store.listRuns({ namespaceId, where, pageSize, pageToken });
    found.push(...page.rows.map((row) => row.runId));
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return found;
}

test("a file from before there was an index over attributes is filtered as a new one is", async () => {
  const path = join(directory, "old.db");
  writeFileSync(path, gunzipSync(readFileSync(new URL("../../../../test/databases/version-2.db.gz", import.meta.url))));
  const version = (): unknown => {
    const raw = driver(path);
    raw.exec("PRAGMA locking_mode = EXCLUSIVE");
    const [row] = raw.query("PRAGMA user_version", []);
    raw.close();
    return row?.["user_version"];
  };
  expect(version()).toBe(2);
  const store = await openSqliteStore(path, { driver });
  const notes = { name: "Notes", attribute: true } as const;
  expect(runIds(store, equal("City", "Ulm", true))).toEqual(["run-1"]);
  expect(runIds(store, equal("Tags", "y", true))).toEqual(["run-1"]);
  expect(
    runIds(store, { kind: "compare", field: { name: "Count", attribute: true }, operator: ">", value: 2 }),
  ).toEqual(["run-1"]);
  expect(runIds(store, { kind: "matchesText", field: notes, text: "SMALL" })).toEqual(["run-2"]);
  expect(runIds(store, { kind: "not", part: { kind: "isNull", field: city } })).toEqual(["run-1", "run-2"]);
  expect(runIds(store, ownRuns).toSorted()).toEqual(["run-1", "run-2", "run-3"]);
  expect(runIds(store, equal("parentWorkflowId", "workflow-1"))).toEqual(["run-3"]);
  expect(runIds(store, equal("rootWorkflowId", "workflow-1")).toSorted()).toEqual(["run-1", "run-3"]);
  expect(runIds(store, equal("BuildIds", "unversioned", true))).toEqual(["run-2"]);
  await store.commit(commitOf(createRun(store.lastRunKey() + 1, { searchAttributes: { City: "Ulm" } })));
  expect(runIds(store, equal("City", "Ulm", true)).toSorted()).toEqual(["run-1", "run-5"]);
  await store.close();
  expect(version()).toBe(SCHEMA_VERSION);
});

test("an attribute that is changed, removed, or goes with its run is found by its new value alone", async () => {
  const store = await openSqliteStore(join(directory, "changing.db"), { driver });
  const write = async (searchAttributes: Record<string, string | readonly string[]>, status = 1): Promise<void> => {
    const visibility = visibilityRow({ workflowId: "workflow-1", runId: "run-1", status, searchAttributes });
    await store.commit(commitOf({ key: 1, visibility }));
    // A list has everything written to the tables, so that the next commit changes rows, not what is pending.
    store.listRuns({ namespaceId, pageSize: 1 });
  };
  const cities = (): readonly string[] =>
    ["Ulm", "Bonn", "Köln"].filter((name) => runIds(store, equal("City", name, true)).length > 0);
  await store.commit(commitOf(createRun(1, { searchAttributes: { City: "Ulm" } })));
  expect(cities()).toEqual(["Ulm"]);
  await write({ City: "Bonn" });
  expect(cities()).toEqual(["Bonn"]);
  await write({ City: ["Köln", "Ulm", "Köln"] });
  expect(cities()).toEqual(["Ulm", "Köln"]);
  await write({ City: [] });
  expect(cities()).toEqual([]);
  expect(runIds(store, { kind: "not", part: { kind: "isNull", field: city } })).toEqual(["run-1"]);
  await write({});
  expect(runIds(store, { kind: "not", part: { kind: "isNull", field: city } })).toEqual([]);
  await write({ City: "Ulm" });
  await store.commit(commitOf({ key: 1, deleted: true }));
  expect(cities()).toEqual([]);
  await store.close();
});

test("pages by a frequent value, type, status or queue follow the list's order without gaps, whatever else is asked for", async () => {
  const store = await openSqliteStore(join(directory, "frequent.db"), { driver });
  const runs = Array.from({ length: 6000 }, (_, index) => ({
    runId: `run-${String(index).padStart(5, "0")}`,
    startTimeMs: 1000 + (index % 7),
    closeTimeMs: index % 3 === 0 ? null : 2000 + (index % 5),
    searchAttributes: { City: "Ulm", ...(index % 10 === 0 ? { Tags: ["a", "b"] } : {}) },
  }));
  await store.commit(commitOf(...runs.map((row, index) => createRun(index + 1, row))));
  const expected = runs
    .toSorted(
      (left, right) =>
        (right.closeTimeMs ?? Infinity) - (left.closeTimeMs ?? Infinity) ||
        right.startTimeMs - left.startTimeMs ||
        (left.runId < right.runId ? 1 : -1),
    )
    .filter((row) => row.searchAttributes.Tags === undefined)
    .map((row) => row.runId);
  const untagged: VisibilityFilter = { kind: "isNull", field: { name: "Tags", attribute: true } };
  const frequent = [
    equal("City", "Ulm", true),
    equal("workflowType", "greet"),
    equal("status", 1),
    equal("taskQueue", "queue"),
  ];
  for (const part of frequent) {
    expect(runIds(store, { kind: "and", parts: [ownRuns, part, untagged] }, 500)).toEqual(expected);
  }
  const closed: VisibilityFilter = {
    kind: "compare",
    field: { name: "closeTimeMs" },
    operator: "<",
    value: 2002,
  };
  expect(runIds(store, { kind: "and", parts: [closed, untagged] }, 500)).toEqual(
    expected.filter((runId) => {
      const { closeTimeMs } = runs[Number(runId.slice(4))]!;
      return closeTimeMs !== null && closeTimeMs < 2002;
    }),
  );
  expect(runIds(store, { kind: "and", parts: [{ kind: "not", part: closed }, untagged] }, 500)).toHaveLength(
    expected.filter((runId) => (runs[Number(runId.slice(4))]!.closeTimeMs ?? 0) >= 2002).length,
  );
  await store.close();
});
