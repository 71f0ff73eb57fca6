import { expect, test } from "vitest";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { TaskQueue, type Poll } from "./task-queue.ts";
import type { QueuedTask } from "./task.ts";

interface Letter extends QueuedTask {
  readonly text: string;
}

function setUp(): { clock: VirtualClock; queue: TaskQueue<Letter> } {
  const clock = new VirtualClock(1_000_000);
  return { clock, queue: new TaskQueue<Letter>("letters", clock) };
}

function letter(text: string, priority = 3): Letter {
  return { text, priority, offeredMs: 0 };
}

function pollOf(clock: VirtualClock, changes: Partial<Poll> = {}): Poll {
  return {
    identity: "worker",
    untilMs: clock.now() + 60_000,
    signal: new AbortController().signal,
    workerInstanceKey: "",
    ratePerSecond: undefined,
    deploymentOptions: undefined,
    ...changes,
  };
}

const read = ({ text }: Letter): string => text;

test("a task offered before any poll is handed to the first poller", async () => {
  const { clock, queue } = setUp();
  queue.offer(letter("a"));
  queue.offer(letter("b"));
  expect(await queue.poll(pollOf(clock), read)).toBe("a");
  expect(await queue.poll(pollOf(clock), read)).toBe("b");
});

test("a waiting poller gets a task at once, the one that has waited longest first", async () => {
  const { clock, queue } = setUp();
  const first = queue.poll(pollOf(clock), (task) => `first ${task.text}`);
  const second = queue.poll(pollOf(clock), (task) => `second ${task.text}`);
  queue.offer(letter("a"));
  queue.offer(letter("b"));
  expect(await Promise.all([first, second])).toEqual(["first a", "second b"]);
});

test("lower priority numbers are served first, in order within one", async () => {
  const { clock, queue } = setUp();
  for (const [text, priority] of [
    ["c", 5],
    ["a", 1],
    ["b", 3],
    ["a2", 1],
  ] as const) {
    queue.offer(letter(text, priority));
  }
  const served: (string | undefined)[] = [];
  for (let task = 0; task < 4; task++) served.push(await queue.poll(pollOf(clock), read));
  expect(served).toEqual(["a", "a2", "b", "c"]);
});

test("a poll ends empty at its time and leaves no waiter behind that swallows a task", async () => {
  const { clock, queue } = setUp();
  const late = queue.poll(pollOf(clock), read);
  clock.advanceBy(60_000);
  expect(await late).toBeUndefined();
  queue.offer(letter("kept"));
  expect(await queue.poll(pollOf(clock), read)).toBe("kept");
});

test("a poll whose caller is gone does not take a task", async () => {
  const { clock, queue } = setUp();
  const gone = new AbortController();
  const poll = queue.poll(pollOf(clock, { signal: gone.signal }), read);
  gone.abort();
  queue.offer(letter("kept"));
  expect(await poll).toBeUndefined();
  expect(await queue.poll(pollOf(clock), read)).toBe("kept");
});

test("a stale task is dropped and the poll goes on to the next", async () => {
  const { clock, queue } = setUp();
  const poll = queue.poll(pollOf(clock), (task) => (task.text === "stale" ? undefined : task.text));
  queue.offer(letter("stale"));
  queue.offer(letter("fresh"));
  expect(await poll).toBe("fresh");
});

test("no more tasks a second are handed out than the pollers allow", async () => {
  const { clock, queue } = setUp();
  for (let index = 0; index < 10; index++) queue.offer(letter(String(index)));
  const times: number[] = [];
  for (let index = 0; index < 10; index++) {
    const answer = queue.poll(pollOf(clock, { ratePerSecond: 2, untilMs: Infinity }), () => clock.now() - 1_000_000);
    while (queue.backlog.size === 10 - index && clock.advanceToNext());
    times.push((await answer) ?? NaN);
  }
  expect(times.slice(0, 2)).toEqual([0, 0]);
  expect(times.at(-1)).toBeCloseTo(4_000, 0);
});

test("polls of a stopping worker end, those of others go on", async () => {
  const { clock, queue } = setUp();
  const stopping = queue.poll(pollOf(clock, { workerInstanceKey: "old" }), read);
  const other = queue.poll(pollOf(clock, { workerInstanceKey: "new" }), read);
  expect(queue.endPolls("old")).toBe(1);
  queue.offer(letter("a"));
  expect(await stopping).toBeUndefined();
  expect(await other).toBe("a");
});

test("a queue has a recent poller while one waits and ten seconds after", () => {
  const { clock, queue } = setUp();
  expect(queue.hasRecentPoller).toBe(false);
  void queue.poll(pollOf(clock, { untilMs: clock.now() + 30_000 }), read);
  clock.advanceBy(29_000);
  expect(queue.hasRecentPoller).toBe(true);
  clock.advanceBy(11_000);
  expect(queue.hasRecentPoller).toBe(false);
});

test("tells who polled lately", () => {
  const { clock, queue } = setUp();
  void queue.poll(pollOf(clock, { identity: "one" }), read);
  clock.advanceBy(4 * 60_000);
  void queue.poll(pollOf(clock, { identity: "two" }), read);
  expect(queue.pollers.recent(clock.now()).map(({ identity }) => identity)).toEqual(["two", "one"]);
  clock.advanceBy(2 * 60_000);
  expect(queue.pollers.recent(clock.now()).map(({ identity }) => identity)).toEqual(["two"]);
});

test("polls hear whether there should be more of them or fewer", async () => {
  const { clock, queue } = setUp();
  const heard: number[] = [];
  const poll = (): Promise<string | undefined> =>
    queue.poll(pollOf(clock, { onScaling: (delta) => heard.push(delta) }), read);
  const idle = poll();
  clock.advanceBy(2_000);
  queue.offer({ ...letter("late"), offeredMs: clock.now() });
  expect([await idle, heard]).toEqual(["late", [-1]]);
  for (const text of ["a", "b", "c"]) queue.offer({ ...letter(text), offeredMs: clock.now() });
  clock.advanceBy(500);
  expect([await poll(), heard]).toEqual(["a", [-1, 1]]);
});
