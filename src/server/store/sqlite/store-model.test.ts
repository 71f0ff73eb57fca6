import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { MemoryStore } from "../memory-store.ts";
import { bytes, createRun, eventRecord, texts, visibilityRow } from "../sample-rows.test-support.ts";
import type { Commit, RunWrite, Store, VisibilityFilter, VisibilityPage, VisibilityRow } from "../store.ts";
import { openSqliteStore } from "./open-sqlite.ts";

const directory = mkdtempSync(join(tmpdir(), "perdure-model-"));
afterAll(() => rmSync(directory, { recursive: true }));
const namespaceId = "namespace-1";
const keys = [1, 2, 3, 4, 5];

type Step =
  | { readonly kind: "create"; readonly workflow: number; readonly current: boolean }
  | {
      readonly kind: "write";
      readonly run: number;
      readonly events: number;
      readonly snapshot: boolean;
      readonly status: number | null;
    }
  | { readonly kind: "close" | "delete"; readonly run: number }
  | { readonly kind: "blob"; readonly id: string; readonly value: string | null }
  | { readonly kind: "reopen" };

const run = fc.nat(4);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("create" as const), workflow: fc.nat(2), current: fc.boolean() }),
  fc.record({
    kind: fc.constant("write" as const),
    run,
    events: fc.nat(3),
    snapshot: fc.boolean(),
    status: fc.option(fc.nat(3)),
  }),
  fc.record({ kind: fc.constantFrom("close" as const, "delete" as const), run }),
  fc.record({
    kind: fc.constant("blob" as const),
    id: fc.constantFrom("a", "b", "\u{1F600}", "\uFFFD"),
    value: fc.option(fc.constantFrom("", "x")),
  }),
  fc.record({ kind: fc.constant("reopen" as const) }),
);

const field = fc.constantFrom(
  { name: "status" },
  { name: "workflowId" },
  { name: "closeTimeMs" },
  { name: "Tags", attribute: true as const },
  { name: "Count", attribute: true as const },
  { name: "TemporalNamespaceDivision", attribute: true as const },
);
const value = fc.oneof(fc.nat(3), fc.constantFrom("workflow-1", "a", "b", "", true));
const filter: fc.Arbitrary<VisibilityFilter> = fc.letrec<{ filter: VisibilityFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4 },
    fc.record({
      kind: fc.constant("compare" as const),
      field,
      operator: fc.constantFrom("=", "!=", "<", "<=", ">", ">="),
      value,
    }),
    fc.record({
      kind: fc.constant("in" as const),
      field,
      values: fc.array(value, { maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant("between" as const),
      field,
      low: fc.nat(2),
      high: fc.constantFrom(1, 2, "b"),
    }),
    fc.record({
      kind: fc.constant("startsWith" as const),
      field,
      prefix: fc.constantFrom("", "work", "a"),
    }),
    fc.record({ kind: fc.constant("isNull" as const), field }),
    fc.record({
      kind: fc.constant("matchesText" as const),
      field: fc.constantFrom({ name: "workflowId" }, { name: "Notes", attribute: true as const }),
      text: fc.constantFrom("", "A", "workflow 1", "b x", "-"),
    }),
    fc.record({ kind: fc.constant("not" as const), part: tie("filter") }),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      parts: fc.array(tie("filter"), { maxLength: 3 }),
    }),
  ),
})).filter;

let files = 0;

test("the SQLite store answers as the memory store does after any commits and restarts", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.array(filter, { minLength: 5, maxLength: 5 }),
      async (steps, filters) => {
        const path = join(directory, `${(files += 1)}.db`);
        const open = () => openSqliteStore(path, { pragmas: { synchronous: "OFF" } });
        const model = new MemoryStore();
        let store = await open();
        const writes = new CommitMaker();
        for (const each of steps) {
          if (each.kind === "reopen") {
            await store.close();
            store = await open();
          } else {
            const commit = writes.make(each);
            model.apply(commit);
            void store.commit(commit);
          }
          expect(observe(store)).toEqual(observe(model));
        }
        for (const where of filters) expect(observeFilter(store, where)).toEqual(observeFilter(model, where));
        await store.close();
        rmSync(path);
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

/** Turns random steps into commits that an engine could make. */
class CommitMaker {
  readonly #nextEvent = new Map<number, number>();
  readonly #workflows = new Map<number, string>();
  #lastKey = 0;

  make(change: Exclude<Step, { kind: "reopen" }>): Commit {
    switch (change.kind) {
      case "create": {
        const key = (this.#lastKey += 1);
        this.#nextEvent.set(key, 1);
        const workflowId = `workflow-${change.workflow}`;
        this.#workflows.set(key, workflowId);
        const write = createRun(key, { workflowId, ...attributes(key) });
        return { runs: [{ ...write, create: { ...write.create!, current: change.current } }] };
      }
      case "write":
        return { runs: this.#on(change.run, (key) => this.#append(key, change)) };
      case "close":
        return {
          runs: this.#on(change.run, (key) => ({
            key,
            closed: true,
            visibility: this.#row(key, 2, key % 2),
          })),
        };
      case "delete":
        return {
          runs: this.#on(change.run, (key) => ({
            key,
            deleted: this.#nextEvent.delete(key) as true,
          })),
        };
      case "blob":
        return {
          runs: [],
          blobs: [{ kind: "k", id: change.id, value: change.value === null ? null : bytes(change.value) }],
        };
    }
  }

  #on(choice: number, write: (key: number) => RunWrite): readonly RunWrite[] {
    const known = [...this.#nextEvent.keys()];
    const key = known[choice % Math.max(known.length, 1)];
    return key === undefined ? [] : [write(key)];
  }

  #append(key: number, change: Extract<Step, { kind: "write" }>): RunWrite {
    const first = this.#nextEvent.get(key) ?? 1;
    this.#nextEvent.set(key, first + change.events);
    return {
      key,
      records: [eventRecord(first, change.events, `op ${first}`)],
      ...(change.snapshot ? { snapshot: bytes(`state ${first}`) } : {}),
      ...(change.status === null ? {} : { visibility: this.#row(key, change.status, null) }),
    };
  }

  #row(key: number, status: number, closeTimeMs: number | null): VisibilityRow {
    const workflowId = this.#workflows.get(key) ?? "";
    return visibilityRow({
      workflowId,
      runId: `run-${key}`,
      status,
      closeTimeMs,
      ...attributes(key + status),
    });
  }
}

function attributes(number: number): Pick<VisibilityRow, "searchAttributes" | "textAttributes"> {
  return {
    searchAttributes: {
      ...(number % 2 === 0 ? { Tags: ["a", "b"].slice(0, number % 3) } : {}),
      ...(number % 3 === 0 ? { Count: number } : {}),
      ...(number % 4 === 1 ? { Notes: `B-x ${number}` } : {}),
      ...(number % 5 === 1 ? { TemporalNamespaceDivision: "b" } : {}),
    },
    textAttributes: ["Notes"],
  };
}

function observe(store: Store): unknown {
  const list = store.listRuns({ namespaceId, pageSize: 3 });
  const pageToken = list.nextPageToken;
  return {
    last: store.lastRunKey(),
    open: [...store.openRuns()],
    runs: keys.map((key) => store.readRun(key)),
    events: keys.map((key) =>
      texts(store.readEvents(key, { fromEventId: 2, toEventId: 9, maxEvents: 4, maxBytes: 20 })),
    ),
    current: [0, 1, 2].map((workflow) => store.findCurrentRun(namespaceId, `workflow-${workflow}`)),
    blobs: store.blobs("k"),
    list: readable(list),
    next: pageToken === undefined ? undefined : readable(store.listRuns({ namespaceId, pageSize: 3, pageToken })),
    closed: store.closedRunsBefore(namespaceId, 1, 10),
  };
}

/** A page without what is only written. */
function readable({ rows, ...page }: VisibilityPage): unknown {
  return {
    ...page,
    rows: rows.map((each) => {
      const { textAttributes: _, ...row } = each;
      return row;
    }),
  };
}

function observeFilter(store: Store, where: VisibilityFilter): unknown {
  return {
    rows: store.listRuns({ namespaceId, where, pageSize: 100 }).rows.map((each) => each.runId),
    counts: store.countRuns({ namespaceId, where }, { name: "status" }),
  };
}
