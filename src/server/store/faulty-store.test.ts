import { expect, test } from "vitest";
import { FaultyStore } from "./faulty-store.ts";
import { commitOf, createRun } from "./sample-rows.test-support.ts";
import { seededRandom } from "./seeded-random.ts";
import { StoreFailedError } from "./store-error.ts";
import { describeStore, type StoreHarness } from "./store.suite.ts";
import { describeVisibility } from "./visibility.suite.ts";

const random = seededRandom(1);
const harness: StoreHarness = {
  open: () => Promise.resolve(new FaultyStore({ random })),
  reopen: (store) => Promise.resolve((store as FaultyStore).crash()),
};

describeStore("the faulty store, while nothing fails", harness);
describeVisibility("the faulty store", harness);

test("a power cut keeps all that was acknowledged and a beginning of the rest, in order", async () => {
  const spared = new Set<number>();
  for (let seed = 1; seed <= 50; seed += 1) {
    const writes: (() => void)[] = [];
    const store = new FaultyStore({
      random: seededRandom(seed),
      schedule: (write) => writes.push(write),
    });
    const acknowledged = store.commit(commitOf(createRun(1)));
    writes.shift()?.();
    await acknowledged;
    for (const key of [2, 3, 4]) void store.commit(commitOf(createRun(key)));
    expect(store.lastRunKey()).toBe(4);
    const next = store.crash();
    const keys = [...next.openRuns()].map((run) => run.key);
    expect(keys).toEqual([1, 2, 3, 4].slice(0, keys.length));
    spared.add(keys.length);
    expect(() => store.lastRunKey()).toThrow(StoreFailedError);
    await expect(store.commit(commitOf(createRun(5)))).rejects.toThrow(StoreFailedError);
  }
  expect([...spared].toSorted((left, right) => left - right)).toEqual([1, 2, 3, 4]);
});

test("a failing write rejects all that waits for it and every later call", async () => {
  const store = new FaultyStore({ random });
  await store.commit(commitOf(createRun(1)));
  store.failNextWrite();
  const outcomes = await Promise.allSettled([
    store.commit(commitOf(createRun(2))),
    store.commit(commitOf(createRun(3))),
  ]);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: expect.any(StoreFailedError) as unknown });
  expect(() => store.readRun(1)).toThrow(StoreFailedError);
  expect([...store.crash().openRuns()].map((run) => run.key)).toEqual([1]);
});
