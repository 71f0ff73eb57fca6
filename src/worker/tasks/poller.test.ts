import { expect, test } from "vitest";
import { silentLogger } from "../../core/telemetry/logger.ts";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import { FixedSizeSlotSupplier } from "../tuning/fixed-size-slot-supplier.ts";
import { Poller, type PollAnswer } from "./poller.ts";
import { PollScale } from "./poll-scale.ts";
import { Slots, type Slot } from "./slots.ts";

interface OpenPoll {
  answer(task: string | undefined): void;
  fail(status: RPCStatusCode): void;
}

function setUp(options: { readonly slots: number; readonly polls: number }) {
  const clock = new VirtualClock();
  const polls: OpenPoll[] = [];
  const tasks: { readonly task: string; readonly slot: Slot }[] = [];
  const slots = new Slots({
    slotType: "activity",
    supplier: new FixedSizeSlotSupplier(options.slots),
    taskQueue: "q",
    identity: "me",
    buildId: "",
    logger: silentLogger,
    clock,
  });
  const poller = new Poller<string>({
    name: "tests",
    slots,
    scale: new PollScale({ kind: "simpleMaximum", maximum: options.polls }, clock),
    clock,
    logger: silentLogger,
    random: () => 0.5,
    poll: (signal) =>
      new Promise<PollAnswer<string>>((resolve, reject) => {
        signal.addEventListener("abort", () => reject(new RPCError(RPCStatusCode.CANCELLED, "aborted")));
        polls.push({
          answer: (task) => resolve({ task, pollsDelta: undefined }),
          fail: (status) => reject(new RPCError(status, "no")),
        });
      }),
    onTask: (task, slot) => tasks.push({ task, slot }),
  });
  return { clock, polls, tasks, slots, poller };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

test("no poll is open without a free slot", async () => {
  const { polls, tasks, poller } = setUp({ slots: 2, polls: 5 });
  const done = poller.run();
  await settle();
  expect(polls).toHaveLength(2);
  polls[0]?.answer("a");
  await settle();
  expect(tasks.map(({ task }) => task)).toEqual(["a"]);
  expect(polls).toHaveLength(2);
  tasks[0]?.slot.release();
  await settle();
  expect(polls).toHaveLength(3);
  poller.abort();
  await done;
});

test("an empty answer gives its slot back and the next poll follows", async () => {
  const { polls, slots, poller } = setUp({ slots: 1, polls: 1 });
  const done = poller.run();
  await settle();
  polls[0]?.answer(undefined);
  await settle();
  expect(polls).toHaveLength(2);
  poller.abort();
  await done;
  expect(slots.taken).toBe(0);
});

test("a failed poll is tried again later, with the same slot", async () => {
  const { clock, polls, slots, poller } = setUp({ slots: 1, polls: 1 });
  const done = poller.run();
  await settle();
  polls[0]?.fail(RPCStatusCode.UNAVAILABLE);
  await settle();
  expect(polls).toHaveLength(1);
  clock.advanceToNext();
  await settle();
  expect(polls).toHaveLength(2);
  expect(slots.taken).toBe(1);
  poller.abort();
  await done;
});

test("an error that trying again cannot mend ends the poller after a grace period", async () => {
  const { clock, polls, poller } = setUp({ slots: 1, polls: 1 });
  const done = poller.run();
  const outcome = done.catch((error: unknown) => error);
  for (let tries = 0; tries < 10; tries++) {
    await settle();
    polls.at(-1)?.fail(RPCStatusCode.PERMISSION_DENIED);
    await settle();
    clock.advanceToNext();
  }
  expect(await outcome).toBeInstanceOf(RPCError);
  expect(polls.length).toBeGreaterThan(2);
});

test("stopping lets open polls bring their tasks, aborting does not", async () => {
  const { polls, tasks, poller } = setUp({ slots: 2, polls: 2 });
  const done = poller.run();
  await settle();
  poller.stop();
  polls[0]?.answer("late");
  await settle();
  expect(tasks.map(({ task }) => task)).toEqual(["late"]);
  poller.abort();
  await done;
});
