import { expect, test } from "vitest";
import { RunCache, type Evictable } from "./run-cache.ts";

interface Trial extends Evictable {
  bytes: number;
  isBusy: boolean;
  hasLocalActivities: boolean;
}

function setUp(limits: { readonly runsMax: number; readonly bytesMax: number }) {
  const evicted: string[] = [];
  const cache = new RunCache<Trial>(limits, (runId) => evicted.push(runId));
  const add = (runId: string, bytes: number): Trial => {
    const run = { bytes, isBusy: false, hasLocalActivities: false };
    cache.add(runId, run);
    return run;
  };
  const grow = (runId: string, run: Trial, bytes: number): void => {
    run.bytes += bytes;
    cache.grew(runId, run, bytes);
  };
  return { cache, evicted, add, grow };
}

test("runs leave, longest unused first, until those left fit into the budget", () => {
  const { cache, evicted, add, grow } = setUp({ runsMax: 10, bytesMax: 100 });
  add("a", 30);
  const b = add("b", 30);
  add("c", 30);
  cache.get("a");
  cache.trim();
  expect(evicted).toEqual([]);
  grow("b", b, 35);
  cache.trim();
  expect(evicted).toEqual(["b"]);
  expect(cache.size).toBe(2);
});

test("what a run took is free again once it has left, however it left", () => {
  const { cache, evicted, add, grow } = setUp({ runsMax: 10, bytesMax: 100 });
  const large = add("large", 20);
  grow("large", large, 70);
  cache.remove("large", large);
  grow("large", large, 1_000);
  add("next", 90);
  cache.trim();
  expect(evicted).toEqual(["large"]);
});

test("a run at work, or with local activities under way, stays beyond the budget", () => {
  const { cache, evicted, add } = setUp({ runsMax: 10, bytesMax: 50 });
  const busy = add("busy", 40);
  busy.isBusy = true;
  const waiting = add("waiting", 40);
  waiting.hasLocalActivities = true;
  add("idle", 40);
  cache.trim();
  expect(evicted).toEqual(["idle"]);
  busy.isBusy = false;
  cache.trim();
  expect(evicted).toEqual(["idle", "busy"]);
});
