import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commitOf, createRun, visibilityRow } from "./sample-rows.test-support.ts";
import { StoreQueryError } from "./store-error.ts";
import type { Store, VisibilityFilter, VisibilityRow } from "./store.ts";
import type { StoreHarness } from "./store.suite.ts";

const namespaceId = "namespace-1";

/** What every {@link Store} must do with lists and counts of runs. */
export function describeVisibility(name: string, harness: StoreHarness): void {
  describe(`lists of ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await harness.open();
    });
    afterEach(() => store.close());

    describeLists(() => store, harness);
    describe("filters", () => {
      describeFilters(() => store);
    });
  });
}

function describeLists(store: () => Store, harness: StoreHarness): void {
  test("a row is listed as it was written, also after a restart", async () => {
    const row = visibilityRow({
      status: 2,
      closeTimeMs: 1_700_000_009_000.5,
      parentWorkflowId: "p\0arent",
      parentRunId: "parent-run",
      searchAttributes: {
        City: "Ulm",
        Count: 3,
        Rate: 0.5,
        Ok: true,
        Tags: ["a\0", "b"],
        'odd "name\\ 50%34': "x",
        Empty: [],
      },
    });
    await store().commit(commitOf({ ...createRun(1, row), closed: true }));
    await store().close();
    const again = await harness.reopen(store());
    const { rows } = again.listRuns({ namespaceId, pageSize: 10 });
    expect(rows.map(readable)).toEqual([readable(row)]);
    await again.close();
  });

  test("lists show open runs first, then the latest closed; pages follow on without gaps", async () => {
    const rows = Array.from({ length: 60 }, (_, index) => ({
      runId: `run-${index}`,
      startTimeMs: 1000 + (index % 7),
      closeTimeMs: index % 3 === 0 ? null : 2000 + (index % 5),
    }));
    await store().commit(commitOf(...rows.map((row, index) => createRun(index + 1, row))));
    const expected = rows
      .toSorted(
        (left, right) =>
          (right.closeTimeMs ?? Infinity) - (left.closeTimeMs ?? Infinity) ||
          right.startTimeMs - left.startTimeMs ||
          (left.runId < right.runId ? 1 : -1),
      )
      .map((row) => row.runId);
    for (const pageSize of [1, 7, 59, 60, 61]) expect(listAll(store(), pageSize)).toEqual(expected);
  });

  test("a changed row moves in the list, a deleted run leaves it, other namespaces are not in it", async () => {
    await store().commit(
      commitOf(createRun(1), createRun(2, { startTimeMs: 5 }), createRun(3, { namespaceId: "other" })),
    );
    expect(listAll(store(), 10)).toEqual(["run-1", "run-2"]);
    const closed = visibilityRow({ status: 2, closeTimeMs: 9 });
    await store().commit(commitOf({ key: 1, visibility: closed, closed: true }));
    expect(listAll(store(), 10)).toEqual(["run-2", "run-1"]);
    await store().commit(commitOf({ key: 1, deleted: true }));
    expect(listAll(store(), 10)).toEqual(["run-2"]);
    expect(store().listRuns({ namespaceId: "unknown", pageSize: 3 }).rows).toEqual([]);
  });

  test("what cannot be queried is refused, and the store stays usable", () => {
    const all: VisibilityFilter = { kind: "and", parts: [] };
    const deep = Array.from({ length: 5000 }).reduce<VisibilityFilter>((part) => ({ kind: "not", part }), all);
    const wide: VisibilityFilter = {
      kind: "in",
      field: { name: "runId" },
      values: Array.from({ length: 40_000 }, String),
    };
    const unknown: VisibilityFilter = { kind: "isNull", field: { name: "memo" } };
    for (const where of [deep, wide, unknown]) {
      expect(() => store().listRuns({ namespaceId, pageSize: 1, where })).toThrow(StoreQueryError);
      expect(() => store().countRuns({ namespaceId, where })).toThrow(StoreQueryError);
    }

    for (const token of ["", "x", "[1]", "[1,2,3]"]) {
      const pageToken = new TextEncoder().encode(token);
      expect(() => store().listRuns({ namespaceId, pageSize: 1, pageToken })).toThrow(StoreQueryError);
    }
    const nested = Array.from({ length: 210 }).reduce<VisibilityFilter>((part) => ({ kind: "not", part }), {
      kind: "or",
      parts: Array.from({ length: 4000 }, () => all),
    });
    expect(store().listRuns({ namespaceId, pageSize: 1, where: nested }).rows).toEqual([]);
  });

  test("closed runs before an instant come oldest first, up to a limit", async () => {
    await store().commit(
      commitOf(
        createRun(1),
        ...[30, 10, 20, 40].map((closeTimeMs, index) => ({
          ...createRun(index + 2, { closeTimeMs, status: 2 }),
          closed: true as const,
        })),
        { ...createRun(6, { closeTimeMs: 1, namespaceId: "other" }), closed: true as const },
      ),
    );
    const keys = (before: number, limit: number): readonly number[] =>
      store()
        .closedRunsBefore(namespaceId, before, limit)
        .map((run) => run.key);
    expect(keys(40, 10)).toEqual([3, 4, 2]);
    expect(keys(40, 2)).toEqual([3, 4]);
    expect(keys(10, 10)).toEqual([]);
    expect(store().closedRunsBefore("unknown", 40, 10)).toEqual([]);
  });

  test("counts are grouped by a column or an attribute", async () => {
    await store().commit(
      commitOf(
        ...[1, 2, 2, 3, 2].map((status, index) =>
          createRun(index + 1, { status, searchAttributes: index < 2 ? { City: "Ulm" } : {} }),
        ),
      ),
    );
    expect(store().countRuns({ namespaceId })).toEqual([{ group: null, count: 5 }]);
    expect(store().countRuns({ namespaceId }, { name: "status" })).toEqual([
      { group: 1, count: 1 },
      { group: 2, count: 3 },
      { group: 3, count: 1 },
    ]);
    expect(store().countRuns({ namespaceId }, { name: "City", attribute: true })).toEqual([
      { group: null, count: 3 },
      { group: "Ulm", count: 2 },
    ]);
    expect(store().countRuns({ namespaceId: "unknown" })).toEqual([{ group: null, count: 0 }]);
  });
}

function describeFilters(store: () => Store): void {
  const city = { name: "City", attribute: true } as const;
  const tags = { name: "Tags", attribute: true } as const;
  const count = { name: "Count", attribute: true } as const;
  const notes = { name: "Notes", attribute: true } as const;
  const ok = { name: "Ok", attribute: true } as const;
  const type = { name: "workflowType" } as const;
  const start = { name: "startTimeMs" } as const;

  beforeEach(async () => {
    await store().commit(
      commitOf(
        createRun(1, {
          workflowType: "order",
          startTimeMs: 10,
          searchAttributes: {
            City: "Ulm",
            Count: 3,
            Ok: true,
            Tags: ["x", "y"],
            Notes: "hello big_world, Ünïcode",
          },
          textAttributes: ["Notes"],
        }),
        createRun(2, {
          workflowType: "orders",
          startTimeMs: 20,
          searchAttributes: { City: "Bonn", Count: 5, Ok: false, Notes: "A big one" },
          textAttributes: ["Notes"],
        }),
        createRun(3, {
          workflowType: "Order",
          startTimeMs: 30,
          status: 2,
          closeTimeMs: 40,
          executionTimeMs: 35,
        }),
        createRun(4, {
          workflowType: "greet%",
          startTimeMs: 40,
          searchAttributes: { Tags: ["y"], City: "" },
        }),
      ),
    );
  });

  const cases: readonly (readonly [string, VisibilityFilter, readonly number[]])[] = [
    ["equal", { kind: "compare", field: type, operator: "=", value: "order" }, [1]],
    ["not equal", { kind: "compare", field: type, operator: "!=", value: "order" }, [2, 3, 4]],
    ["less", { kind: "compare", field: start, operator: "<", value: 20 }, [1]],
    ["at most", { kind: "compare", field: start, operator: "<=", value: 20 }, [1, 2]],
    ["greater", { kind: "compare", field: start, operator: ">", value: 20.5 }, [3, 4]],
    ["at least", { kind: "compare", field: start, operator: ">=", value: 30 }, [3, 4]],
    ["in a list", { kind: "in", field: type, values: ["order", "greet%"] }, [1, 4]],
    ["in an empty list", { kind: "in", field: type, values: [] }, []],
    ["between", { kind: "between", field: start, low: 20, high: 30 }, [2, 3]],
    ["prefix, told by case", { kind: "startsWith", field: type, prefix: "order" }, [1, 2]],
    ["prefix without wildcards", { kind: "startsWith", field: type, prefix: "greet_" }, []],
    ["empty prefix", { kind: "startsWith", field: type, prefix: "" }, [1, 2, 3, 4]],
    ["absent column", { kind: "isNull", field: { name: "closeTimeMs" } }, [1, 2, 4]],
    ["derived duration", { kind: "compare", field: { name: "executionDurationMs" }, operator: "=", value: 5 }, [3]],
    [
      "length of a history, once closed",
      { kind: "compare", field: { name: "historyLength" }, operator: ">", value: 0 },
      [3],
    ],
    ["unknown length of a history", { kind: "isNull", field: { name: "historyLength" } }, [1, 2, 4]],
    ["absent attribute", { kind: "isNull", field: city }, [3]],
    ["attribute equal", { kind: "compare", field: city, operator: "=", value: "Ulm" }, [1]],
    [
      "attribute not equal leaves out rows without it",
      { kind: "compare", field: city, operator: "!=", value: "Ulm" },
      [2, 4],
    ],
    [
      "not over an absent attribute stays unknown",
      { kind: "not", part: { kind: "compare", field: city, operator: "=", value: "Ulm" } },
      [2, 4],
    ],
    ["number attribute", { kind: "compare", field: count, operator: ">", value: 3 }, [2]],
    ["boolean attribute", { kind: "compare", field: ok, operator: "=", value: false }, [2]],
    ["attribute between", { kind: "between", field: count, low: 3, high: 4 }, [1]],
    ["attribute prefix", { kind: "startsWith", field: city, prefix: "U" }, [1]],
    ["any element equal", { kind: "compare", field: tags, operator: "=", value: "y" }, [1, 4]],
    ["no element equal", { kind: "compare", field: tags, operator: "!=", value: "x" }, [4]],
    ["words", { kind: "matchesText", field: notes, text: "nothing BIG" }, [1, 2]],
    ["words in a row", { kind: "matchesText", field: notes, text: "big-world" }, [1]],
    ["words without accents", { kind: "matchesText", field: notes, text: "unicode" }, [1]],
    ["no part of a word", { kind: "matchesText", field: notes, text: "hell" }, []],
    ["no words at all", { kind: "matchesText", field: notes, text: "--" }, []],
    ["any element in", { kind: "in", field: tags, values: ["x", "z"] }, [1]],
    [
      "or",
      {
        kind: "or",
        parts: [
          { kind: "compare", field: type, operator: "=", value: "order" },
          { kind: "isNull", field: city },
        ],
      },
      [1, 3],
    ],
    [
      "and",
      {
        kind: "and",
        parts: [
          { kind: "compare", field: tags, operator: "=", value: "y" },
          { kind: "compare", field: start, operator: ">", value: 10 },
        ],
      },
      [4],
    ],
    [
      "not or",
      {
        kind: "not",
        part: {
          kind: "or",
          parts: [
            { kind: "compare", field: start, operator: ">", value: 20 },
            { kind: "compare", field: type, operator: "=", value: "order" },
          ],
        },
      },
      [2],
    ],
    ["empty and", { kind: "and", parts: [] }, [1, 2, 3, 4]],
    ["empty or", { kind: "or", parts: [] }, []],
    ["text against number", { kind: "compare", field: city, operator: ">", value: 7 }, [1, 2, 4]],
  ];

  test.each(cases)("filters by %s", (_, where, keys) => {
    const runIds = store()
      .listRuns({ namespaceId, pageSize: 10, where })
      .rows.map((row) => row.runId);
    expect(runIds.toSorted()).toEqual(keys.map((key) => `run-${key}`));
    expect(store().countRuns({ namespaceId, where })).toEqual([{ group: null, count: keys.length }]);
  });
}

function listAll(store: Store, pageSize: number): readonly string[] {
  const runIds: string[] = [];
  let pageToken: Uint8Array | undefined;
  do {
    const page = store.listRuns({ namespaceId, pageSize, pageToken });
    runIds.push(...page.rows.map((row) => row.runId));
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return runIds;
}

function readable(row: VisibilityRow): unknown {
  return { ...row, memo: [...row.memo], encodedSearchAttributes: [...row.encodedSearchAttributes] };
}
