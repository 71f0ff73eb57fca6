import { setMaxListeners } from "node:events";
import { expect, test } from "vitest";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { PollScale } from "./poll-scale.ts";

const { signal } = new AbortController();
setMaxListeners(0, signal);

async function openPolls(scale: PollScale, count: number): Promise<number> {
  let opened = 0;
  for (let index = 0; index < count; index++) void scale.enter(signal).then(() => opened++);
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  return opened;
}

test("a constant maximum is never exceeded, and a poll that ends makes room", async () => {
  const scale = new PollScale({ kind: "simpleMaximum", maximum: 3 }, new VirtualClock());
  expect(await openPolls(scale, 5)).toBe(3);
  scale.leave();
  await openPolls(scale, 0);
  expect(scale.active).toBe(3);
});

test("the service's suggestions move the number of polls between minimum and maximum", async () => {
  const clock = new VirtualClock();
  const scale = new PollScale({ kind: "autoscaling", minimum: 1, maximum: 4, initial: 2 }, clock);
  expect(await openPolls(scale, 10)).toBe(2);
  scale.answered(false, 9);
  await openPolls(scale, 0);
  expect(scale.active).toBe(4);
  scale.answered(false, -9);
  for (let index = 0; index < 4; index++) scale.leave();
  await openPolls(scale, 0);
  expect(scale.active).toBe(1);
});

test("suggestions to poll more are ignored while they bring no more tasks", async () => {
  const clock = new VirtualClock();
  const scale = new PollScale({ kind: "autoscaling", maximum: 100, initial: 1 }, clock);
  for (let index = 0; index < 10; index++) scale.answered(false, 0);
  clock.advanceBy(100);
  scale.answered(false, 0);
  clock.advanceBy(100);
  scale.answered(false, 5);
  expect(await openPolls(scale, 10)).toBe(1);
});

test("waiting for room ends when the signal aborts", async () => {
  const scale = new PollScale({ kind: "simpleMaximum", maximum: 1 }, new VirtualClock());
  await scale.enter(signal);
  const stopping = new AbortController();
  const waiting = scale.enter(stopping.signal);
  stopping.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
});

test("an empty answer takes a poll back only where the service is known to suggest more again", () => {
  const clock = new VirtualClock();
  const unknown = new PollScale({ kind: "autoscaling", initial: 3 }, clock);
  const known = new PollScale({ kind: "autoscaling", initial: 3 }, clock, () => true);
  for (const scale of [unknown, known]) {
    for (let polls = 0; polls < 3; polls++) void scale.enter(new AbortController().signal);
    scale.answered(true, undefined);
    scale.leave();
    void scale.enter(new AbortController().signal);
  }
  expect([unknown.active, known.active]).toEqual([3, 2]);
});
