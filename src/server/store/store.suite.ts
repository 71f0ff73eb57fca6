import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bytes, commitOf, createRun, eventRecord, texts } from "./sample-rows.test-support.ts";
import type { Store, StoredRun } from "./store.ts";
import { StoreClosedError } from "./store-error.ts";

/** How a suite gets at stores of one implementation. */
export interface StoreHarness {
  /** A new, empty store. */
  readonly open: () => Promise<Store>;
  /** The same contents after a restart; the given store is closed already. */
  readonly reopen: (store: Store) => Promise<Store>;
}

const all = {
  fromEventId: 1,
  toEventId: Number.MAX_SAFE_INTEGER,
  maxEvents: 10_000,
  maxBytes: 1 << 30,
};

/** What every {@link Store} must do with runs, histories and blobs. */
export function describeStore(name: string, harness: StoreHarness): void {
  describe(`contract of ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await harness.open();
    });
    afterEach(() => store.close());
    const reopen = async (): Promise<void> => {
      await store.close();
      store = await harness.reopen(store);
    };

    describeRuns(() => store, reopen);
    describeHistory(() => store, reopen);
    describeBlobs(() => store, reopen);

    test("a closed store refuses every call and closes again without complaint", async () => {
      await store.close();
      await store.close();
      await expect(store.commit(commitOf(createRun(1)))).rejects.toThrow(StoreClosedError);
      expect(() => store.readRun(1)).toThrow(StoreClosedError);
      expect(() => [...store.openRuns()]).toThrow(StoreClosedError);
    });
  });
}

function describeRuns(store: () => Store, reopen: () => Promise<void>): void {
  test("a commit can be read before it is durable, and after a restart", async () => {
    const done = store().commit(commitOf({ ...createRun(1), records: [eventRecord(1, 2, "start")] }));
    const expected = {
      key: 1,
      namespaceId: "namespace-1",
      workflowId: "workflow-1",
      runId: "run-1",
    };
    const check = (): void => {
      expect(plain(store().readRun(1))).toEqual({
        ...expected,
        snapshot: null,
        records: [{ firstEventId: 1, events: ["event 1", "event 2"], ops: "start" }],
      });
      expect(store().findRun("namespace-1", "workflow-1", "run-1")).toEqual(expected);
      expect(store().findCurrentRun("namespace-1", "workflow-1")).toEqual(expected);
      expect(store().lastRunKey()).toBe(1);
    };
    check();
    await done;
    await reopen();
    check();
  });

  test("ids are found exactly: other namespaces, other runs and prefixes are not", async () => {
    await store().commit(
      commitOf(createRun(1), createRun(2, { namespaceId: "namespace-2", workflowId: "workflow-1" })),
    );
    expect(store().findCurrentRun("namespace-2", "workflow-1")?.key).toBe(2);
    expect(store().findCurrentRun("namespace-3", "workflow-1")).toBeUndefined();
    expect(store().findCurrentRun("namespace-1", "workflow-")).toBeUndefined();
    expect(store().findRun("namespace-1", "workflow-1", "run-2")).toBeUndefined();
    expect(store().readRun(3)).toBeUndefined();
  });

  test("ids may hold any characters", async () => {
    const ids = ["a\0b", "a", "a\u0001", "a\u0001\u0001b", "é", "'; DROP TABLE runs; --", "👩‍💻", "a/b", "%_"];
    await store().commit(commitOf(...ids.map((workflowId, index) => createRun(index + 1, { workflowId }))));
    await reopen();
    for (const [index, workflowId] of ids.entries()) {
      expect(store().findCurrentRun("namespace-1", workflowId)).toMatchObject({
        key: index + 1,
        workflowId,
      });
    }
  });

  test("a newer run takes over the workflow id, and its deletion leaves the id without a run", async () => {
    await store().commit(commitOf(createRun(1), createRun(2, { workflowId: "workflow-1" })));
    expect(store().findCurrentRun("namespace-1", "workflow-1")?.key).toBe(2);
    await store().commit(commitOf({ key: 1, closed: true, deleted: true }));
    expect(store().findCurrentRun("namespace-1", "workflow-1")?.key).toBe(2);
    await store().commit(commitOf({ key: 2, deleted: true }));
    expect(store().findCurrentRun("namespace-1", "workflow-1")).toBeUndefined();
    expect(store().readRun(2)).toBeUndefined();
    expect([...store().openRuns()]).toEqual([]);
  });

  test("a run that is created as not current can be found by its run id only", async () => {
    const write = createRun(1);
    await store().commit(commitOf({ ...write, create: { ...write.create!, current: false } }));
    expect(store().findCurrentRun("namespace-1", "workflow-1")).toBeUndefined();
    expect(store().findRun("namespace-1", "workflow-1", "run-1")?.key).toBe(1);
  });

  test("run keys are never given out again, even when the newest run was deleted", async () => {
    await store().commit(commitOf(createRun(7)));
    await store().commit(commitOf({ key: 7, deleted: true }));
    await reopen();
    expect(store().lastRunKey()).toBe(7);
  });

  test("open runs come in key order, without closed and deleted ones", async () => {
    const keys = Array.from({ length: 200 }, (_, index) => index + 1);
    await store().commit(
      commitOf(...keys.toReversed().map((key) => ({ ...createRun(key), records: [eventRecord(1, key % 3)] }))),
    );
    await store().commit(
      commitOf({ key: 5, closed: true }, { key: 70, deleted: true }, { key: 150, snapshot: bytes("s") }),
    );
    await reopen();
    const open = [...store().openRuns()];
    expect(open.map((run) => run.key)).toEqual(keys.filter((key) => key !== 5 && key !== 70));
    for (const run of open) expect(plain(run)).toEqual(plain(store().readRun(run.key)));
  });

  test("runs that are closed while open runs are being read do not disturb the reading", async () => {
    await store().commit(commitOf(...Array.from({ length: 150 }, (_, index) => createRun(index + 1))));
    const seen: number[] = [];
    for (const run of store().openRuns()) {
      seen.push(run.key);
      void store().commit(commitOf({ key: run.key, closed: true }));
    }
    expect(seen).toHaveLength(150);
    expect([...store().openRuns()]).toEqual([]);
  });

  test("commits resolve in the order in which they were handed in", async () => {
    const order: number[] = [];
    const writes = Array.from({ length: 50 }, (_, index) => index + 1);
    await Promise.all(
      writes.map((key) =>
        store()
          .commit(commitOf(createRun(key)))
          .then(() => order.push(key)),
      ),
    );
    expect(order).toEqual(writes);
  });

  test("a commit that is still on its way is written when the store closes", async () => {
    const done = store().commit(commitOf(createRun(1)));
    await reopen();
    await done;
    expect(store().readRun(1)?.runId).toBe("run-1");
  });
}

function describeHistory(store: () => Store, reopen: () => Promise<void>): void {
  test("a snapshot stands for all records up to it, and later records follow it", async () => {
    await store().commit(commitOf({ ...createRun(1), records: [eventRecord(1, 3), eventRecord(4, 0, "timer")] }));
    await store().commit(commitOf({ key: 1, records: [eventRecord(4, 1)], snapshot: bytes("state 1") }));
    expect(plain(store().readRun(1))).toMatchObject({ snapshot: "state 1", records: [] });
    await store().commit(commitOf({ key: 1, records: [eventRecord(5, 0, "op"), eventRecord(5, 1)] }));
    await reopen();
    expect(plain(store().readRun(1))).toMatchObject({
      snapshot: "state 1",
      records: [
        { firstEventId: 5, events: [], ops: "op" },
        { firstEventId: 5, events: ["event 5"], ops: "" },
      ],
    });
    await store().commit(commitOf({ key: 1, snapshot: bytes("state 2") }));
    expect(plain(store().readRun(1))).toMatchObject({ snapshot: "state 2", records: [] });
    expect(texts(store().readEvents(1, all))).toHaveLength(5);
  });

  test("records after a snapshot survive the deletion of the newest records of another run", async () => {
    await store().commit(commitOf({ ...createRun(1), records: [eventRecord(1, 1)], snapshot: bytes("state") }));
    await store().commit(
      commitOf({ ...createRun(2), records: [eventRecord(1, 1)] }, { key: 1, snapshot: bytes("newer") }),
    );
    await store().commit(commitOf({ key: 2, deleted: true }));
    await reopen();
    await store().commit(commitOf({ key: 1, records: [eventRecord(2, 1)] }));
    expect(store().readRun(1)?.records).toHaveLength(1);
  });

  test("events are read by range, whatever records they are in", async () => {
    await store().commit(commitOf({ ...createRun(1), records: [eventRecord(1, 5), eventRecord(6, 0, "op")] }));
    await store().commit(commitOf({ key: 1, records: [eventRecord(6, 1), eventRecord(7, 4)] }));
    await reopen();
    const read = (fromEventId: number, toEventId: number): readonly string[] =>
      texts(store().readEvents(1, { ...all, fromEventId, toEventId }));
    for (let from = 1; from <= 11; from += 1) {
      for (let to = from; to <= 12; to += 1) {
        const ids = Array.from({ length: Math.min(to, 11) - from }, (_, index) => `event ${from + index}`);
        expect(read(from, to)).toEqual(ids);
      }
    }
    expect(store().readEvents(2, all)).toEqual([]);
  });

  test("a page of events ends at the number and at the size that was asked for, but is never empty", async () => {
    const records = Array.from({ length: 50 }, (_, index) => eventRecord(1 + index * 3, 3));
    await store().commit(commitOf({ ...createRun(1), records }));
    for (const maxEvents of [1, 2, 3, 4, 7, 149, 150, 151]) {
      expect(pageThrough(store(), { maxEvents, maxBytes: all.maxBytes })).toEqual(eventTexts(150));
    }
    for (const maxBytes of [0, 1, 8, 100, 10_000]) {
      expect(pageThrough(store(), { maxEvents: all.maxEvents, maxBytes })).toEqual(eventTexts(150));
    }
    expect(store().readEvents(1, { ...all, maxBytes: 0 })).toHaveLength(1);
    expect(store().readEvents(1, { ...all, maxEvents: 4 })).toHaveLength(4);
  });

  test("events and operations keep their bytes at any size", async () => {
    const sizes = [0, 1, 127, 128, 16_383, 16_384, 300_000];
    const events = sizes.map((size) => new Uint8Array(size).fill(size % 251));
    const ops = Uint8Array.from({ length: 256 }, (_, index) => index);
    await store().commit(commitOf({ ...createRun(1), records: [{ firstEventId: 1, events, ops }] }));
    await reopen();
    const [record] = store().readRun(1)?.records ?? [];
    expect(record?.events.map((event) => Buffer.compare(event, events[sizes.indexOf(event.length)]!))).toEqual(
      sizes.map(() => 0),
    );
    expect([...(record?.ops ?? [])]).toEqual([...ops]);
  });
}

function describeBlobs(store: () => Store, reopen: () => Promise<void>): void {
  test("blobs are kept by kind and id, replaced and removed", async () => {
    const put = (kind: string, id: string, value: string | null): Promise<void> =>
      store().commit({
        runs: [],
        blobs: [{ kind, id, value: value === null ? null : bytes(value) }],
      });
    await Promise.all([put("namespace", "b", "1"), put("namespace", "a", "2"), put("schedule", "b", "3")]);
    await Promise.all([
      put("namespace", "b", "4"),
      put("schedule", "b", null),
      put("schedule", "x", null),
      put("schedule", "e", ""),
    ]);
    await reopen();
    const read = (kind: string): unknown =>
      store()
        .blobs(kind)
        .map(({ id, value }) => [id, ...texts([value])]);
    expect(read("namespace")).toEqual([
      ["a", "2"],
      ["b", "4"],
    ]);
    expect(read("schedule")).toEqual([["e", ""]]);
    expect(read("endpoint")).toEqual([]);
  });
}

function pageThrough(
  store: Store,
  limits: { readonly maxEvents: number; readonly maxBytes: number },
): readonly string[] {
  const events: string[] = [];
  for (;;) {
    const page = store.readEvents(1, {
      fromEventId: events.length + 1,
      toEventId: 1000,
      ...limits,
    });
    if (page.length === 0) return events;
    events.push(...texts(page));
  }
}

function eventTexts(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `event ${index + 1}`);
}

function plain(run: StoredRun | undefined): unknown {
  if (run === undefined) return undefined;
  const records = run.records.map(({ firstEventId, events, ops }) => ({
    firstEventId,
    events: texts(events),
    ops: texts([ops])[0],
  }));
  return { ...run, snapshot: run.snapshot === null ? null : texts([run.snapshot])[0], records };
}
