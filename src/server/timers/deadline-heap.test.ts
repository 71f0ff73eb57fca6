import * as fc from "fast-check";
import { expect, test } from "vitest";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { DeadlineHeap } from "./deadline-heap.ts";

test("each key fires once, in order of the deadlines last set", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(20), fc.option(fc.nat(1_000), { nil: undefined })), { maxLength: 200 }),
      (settings) => {
        const clock = new VirtualClock();
        const fired: [number, number][] = [];
        const heap = new DeadlineHeap(clock, (key) => fired.push([key, clock.now()]));
        const expected = new Map<number, number>();
        for (const [key, atMs] of settings) {
          heap.set(key, atMs);
          if (atMs === undefined) expected.delete(key);
          else expected.set(key, atMs);
        }
        clock.advanceTo(2_000);
        expect(new Map(fired)).toEqual(expected);
        expect(fired.length).toBe(expected.size);
        expect(fired.map(([, atMs]) => atMs)).toEqual([...expected.values()].sort((a, b) => a - b));
        expect(heap.size).toBe(0);
      },
    ),
  );
});

test("a deadline in the past, set again and again while firing, lets time go on", async () => {
  const clock = new VirtualClock(100);
  let times = 0;
  const heap = new DeadlineHeap(clock, (key) => {
    times += 1;
    if (times < 5) heap.set(key, 50);
  });
  heap.set(1, 50);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(times).toBe(5);
});
