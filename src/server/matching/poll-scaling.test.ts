import { expect, test } from "vitest";
import { PollScaling, type QueueLoad } from "./poll-scaling.ts";

const calm: QueueLoad = {
  nowMs: 0,
  waitedMs: 10,
  wasWaiting: false,
  workers: 1,
  backlogAgeMs: undefined,
  isLimited: false,
  addedPerSecond: () => 10,
  dispatchedPerSecond: () => 10,
};

function suggest(load: Partial<QueueLoad>): number | undefined {
  return new PollScaling(0).suggest({ ...calm, ...load });
}

test.each<[string, Partial<QueueLoad>, number | undefined]>([
  ["nothing waits", {}, undefined],
  ["a poll had waited for long", { waitedMs: 1_000 }, -1],
  ["a poll had waited for long and the task too", { waitedMs: 1_000, wasWaiting: true }, undefined],
  ["tasks wait for a moment", { backlogAgeMs: 200 }, undefined],
  ["tasks wait for longer", { backlogAgeMs: 201 }, 1],
  ["more comes than goes", { addedPerSecond: () => 13 }, 1],
  ["more comes than goes because the queue is limited", { addedPerSecond: () => 13, isLimited: true }, undefined],
])("when %s, polls are to change by the right number", (_what, load, delta) => {
  expect(suggest(load)).toBe(delta);
});

test("suggestions to poll more are given ten times a second for each worker", () => {
  const scaling = new PollScaling(0);
  const given = (nowMs: number, workers: number): number | undefined =>
    scaling.suggest({ ...calm, nowMs, workers, backlogAgeMs: 1_000 });
  expect([given(0, 1), given(50, 1), given(100, 1)]).toEqual([1, undefined, 1]);
  expect([given(150, 2), given(150, 2), given(200, 2)]).toEqual([1, undefined, 1]);
});
