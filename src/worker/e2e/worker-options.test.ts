import { expect, test } from "vitest";
import { Client, Connection } from "../../client/index.ts";
import type { Transport } from "../../rpc/transport.ts";
import { FixedSizeSlotSupplier } from "../tuning/fixed-size-slot-supplier.ts";
import type { SlotPermit, SlotSupplier, SlotType } from "../tuning/slot-supplier.ts";
import { createFixedTuner, createResourceBasedTuner } from "../tuning/worker-tuner.ts";
import * as activities from "./activities.test-support.ts";
import { CallActivity, CallLocalActivity, Hello } from "./hello.workflows.ts";
import { createWorld, type World } from "./world.test-support.ts";

const workflows = [CallActivity, CallLocalActivity, Hello];

function hello(world: World, id: string): Promise<string> {
  return world.client.executeWorkflow(Hello, { args: [id], id, taskQueue: "q" });
}

test("a worker starts no more activities in a second than it may", async () => {
  const world = await createWorld();
  const startsMs: number[] = [];
  const timed = {
    async greet(name: string): Promise<string> {
      startsMs.push(world.clock.now());
      return name;
    },
  };
  const options = { maxActivitiesPerSecond: 2, disableEagerActivityExecution: true };
  await world.createWorker({ workflows, activities: timed, ...options });
  await world.until(Promise.all(["a", "b", "c", "d", "e", "f", "g", "h"].map((id) => hello(world, id))));
  const sorted = startsMs.toSorted((one, other) => one - other);
  const spanMs = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0);
  expect(spanMs).toBeGreaterThanOrEqual(1_000);
});

test("a worker without remote activities polls for none and still runs local ones", async () => {
  const world = await createWorld();
  const worker = await world.createWorker({ workflows, activities, noRemoteActivities: true });
  const local = world.client.executeWorkflow(CallLocalActivity, {
    args: ["greet", ["you"], {}],
    id: "local",
    taskQueue: "q",
  });
  expect(await world.until(local)).toBe("Hello, you!");
  const remote = await world.client.startWorkflow(Hello, { args: ["x"], id: "remote", taskQueue: "q" });
  await world.settle();
  const { pendingActivities } = (await remote.describe()).raw;
  expect(pendingActivities.map(({ attempt, lastStartedTime }) => [attempt, lastStartedTime])).toEqual([[1, undefined]]);
  expect(worker.config()).toMatchObject({ taskQueue: "q", noRemoteActivities: true });
});

test("a worker goes on over the connection of another client", async () => {
  const world = await createWorld();
  const worker = await world.createWorker({ workflows, activities });
  expect(await world.until(hello(world, "first"))).toBe("Hello, first!");
  const { transport } = world.client.connection;
  const paths: string[] = [];
  const noting: Transport = {
    call(call) {
      paths.push(call.path);
      return transport.call(call);
    },
    close: () => Promise.resolve(),
  };
  const other = new Client(new Connection(noting, { clock: world.clock }));
  worker.client = other;
  expect(await world.until(hello(world, "second"))).toBe("Hello, second!");
  expect(worker.client).toBe(other);
  expect(paths.some((path) => path.endsWith("RespondWorkflowTaskCompleted"))).toBe(true);
});

test("each kind of task has slots of a supplier of its own, one's own among them", async () => {
  const world = await createWorld();
  const log: string[] = [];
  const own = new CountingSupplier(log);
  const resources = createResourceBasedTuner({
    targetCpuUsage: 0.9,
    targetMemoryUsage: 0.9,
    usage: { cpu: () => 0, memory: () => 0 },
    clock: world.clock,
  });
  const tuner = { ...createFixedTuner({ workflowSlots: 3 }), activity: own, localActivity: resources.localActivity };
  const worker = await world.createWorker({ workflows, activities, tuner, disableEagerActivityExecution: true });
  expect(await world.until(hello(world, "a"))).toBe("Hello, a!");
  const local = world.client.executeWorkflow(CallLocalActivity, {
    args: ["greet", ["b"], {}],
    id: "b",
    taskQueue: "q",
  });
  expect(await world.until(local)).toBe("Hello, b!");
  await world.until(worker.shutdown());
  expect(log.filter((line) => line.startsWith("used"))).toEqual(["used activity greet as permit 1"]);
  const count = (what: string): number => log.filter((line) => line.startsWith(what)).length;
  expect(count("reserved")).toBe(count("released"));
  expect(log).toContain("released permit 1 after greet");
});

/** A supplier that gives every permit a number and writes down what becomes of it. */
class CountingSupplier implements SlotSupplier {
  readonly #slots = new FixedSizeSlotSupplier(2);
  readonly #log: string[];
  #last = 0;

  constructor(log: string[]) {
    this.#log = log;
  }

  async reserveSlot(...[context, signal]: Parameters<SlotSupplier["reserveSlot"]>): Promise<SlotPermit> {
    await this.#slots.reserveSlot(context, signal);
    return this.#permit(context.slotType);
  }

  tryReserveSlot(context: Parameters<SlotSupplier["tryReserveSlot"]>[0]): SlotPermit | undefined {
    return this.#slots.tryReserveSlot() && this.#permit(context.slotType);
  }

  markSlotUsed({ permit, slotInfo }: Parameters<SlotSupplier["markSlotUsed"]>[0]): void {
    const type = "activityType" in slotInfo ? slotInfo.activityType : "";
    this.#log.push(`used ${slotInfo.slotType} ${type} as permit ${String(permit["number"])}`);
  }

  releaseSlot({ permit, slotInfo }: Parameters<SlotSupplier["releaseSlot"]>[0]): void {
    const type = slotInfo !== undefined && "activityType" in slotInfo ? slotInfo.activityType : "nothing";
    this.#log.push(`released permit ${String(permit["number"])} after ${type}`);
    this.#slots.releaseSlot();
  }

  #permit(slotType: SlotType): SlotPermit {
    this.#last++;
    this.#log.push(`reserved ${slotType}`);
    return { number: this.#last };
  }
}
