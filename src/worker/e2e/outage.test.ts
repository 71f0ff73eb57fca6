import { expect, test } from "vitest";
import { Client, Connection } from "../../client/index.ts";
import { silentLogger, type LogAttributes } from "../../core/telemetry/logger.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import type { Transport } from "../../rpc/transport.ts";
import { Runtime, Worker } from "../index.ts";
import { WorkerFailedError } from "../worker-error.ts";
import { CallActivity, CallLocalActivity, Hello } from "./hello.workflows.ts";
import { createWorld, type World } from "./world.test-support.ts";

const workflows = [CallActivity, CallLocalActivity, Hello];

interface Outage {
  readonly client: Client;
  /** Calls fail with this from now on; `undefined` ends it. */
  fail(status: RPCStatusCode | undefined): void;
}

/** A client whose service can go away. */
function createOutage(world: World): Outage {
  const { transport } = world.client.connection;
  let failing: RPCStatusCode | undefined;
  const wavering: Transport = {
    async call(call) {
      if (failing !== undefined) throw new RPCError(failing, "the service is away");
      return transport.call(call);
    },
    close: () => transport.close(),
  };
  const client = new Client(new Connection(wavering, { clock: world.clock, random: () => 0.5 }));
  return {
    client,
    fail(status) {
      failing = status;
    },
  };
}

test("a worker bears with a service that goes away for a while, and no work is lost or done twice", async () => {
  const world = await createWorld();
  const outage = createOutage(world);
  let calls = 0;
  const activities = {
    async greet(name: string): Promise<string> {
      calls++;
      return `Hello, ${name}!`;
    },
  };
  await world.createWorker({ workflows, activities }, outage.client);
  const run = (id: string): Promise<string> => world.client.executeWorkflow(Hello, { args: [id], id, taskQueue: "q" });
  expect(await world.until(run("before"))).toBe("Hello, before!");
  outage.fail(RPCStatusCode.UNAVAILABLE);
  const during = run("during");
  world.clock.advanceBy(25_000);
  await world.settle();
  outage.fail(undefined);
  expect(await world.until(during)).toBe("Hello, during!");
  expect(calls).toBe(2);
});

test("ten minutes without the service lose no work: what could not be reported is given again", async () => {
  const lines: string[] = [];
  const warn = (message: string): void => void lines.push(message);
  const world = await createWorld({ logger: { ...silentLogger, warn } });
  const outage = createOutage(world);
  const calls: string[] = [];
  let finish = (): void => undefined;
  const activities = {
    async greet(name: string): Promise<string> {
      calls.push(name);
      if (calls.length === 1) await new Promise<void>((resolve) => (finish = resolve));
      return `Hello, ${name}!`;
    },
  };
  await world.createWorker({ workflows, activities }, outage.client);
  const start = (id: string) => world.client.startWorkflow(Hello, { args: [id], id, taskQueue: "q" });
  const working = await world.until(start("working"));
  await world.settle();
  expect(calls).toEqual(["working"]);
  outage.fail(RPCStatusCode.UNAVAILABLE);
  finish();
  const waiting = await world.until(start("waiting"));
  for (let second = 0; second < 600; second++) {
    world.clock.advanceBy(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(lines).toContain("Activity could not be reported, the attempt runs into its timeout");
  outage.fail(undefined);
  expect(await world.until(Promise.all([working.result(), waiting.result()]))).toEqual([
    "Hello, working!",
    "Hello, waiting!",
  ]);
  // The attempt whose end nobody heard of, and one more in its place.
  expect(calls.toSorted()).toEqual(["waiting", "working", "working"]);
});

test("polls of a service that is away come ever more rarely, and not all at one moment", async () => {
  const world = await createWorld();
  const { transport } = world.client.connection;
  const triedMs: number[] = [];
  let isAway = false;
  const counting: Transport = {
    async call(call) {
      if (!isAway) return transport.call(call);
      if (call.path.endsWith("/PollActivityTaskQueue")) triedMs.push(world.clock.now());
      throw new RPCError(RPCStatusCode.UNAVAILABLE, "the service is away");
    },
    close: () => transport.close(),
  };
  let dice = 0;
  const random = (): number => (dice = (dice + 0.37) % 1);
  const client = new Client(new Connection(counting, { clock: world.clock, random }));
  const activityTaskPollerBehavior = { kind: "simpleMaximum", maximum: 2 } as const;
  await world.createWorker({ activities: [async function greet() {}], activityTaskPollerBehavior }, client);
  await world.settle();
  isAway = true;
  const endMs = world.clock.now() + 180_000;
  while (world.clock.now() < endMs) {
    world.clock.advanceToNext();
    await new Promise((resolve) => setImmediate(resolve));
  }
  isAway = false;
  // Two polls: at first each is tried several times in ten seconds, in the end about once.
  const inTheEnd = triedMs.filter((ms) => ms > world.clock.now() - 60_000);
  expect(inTheEnd.length).toBeGreaterThanOrEqual(8);
  expect(inTheEnd.length).toBeLessThanOrEqual(16);
  expect(new Set(inTheEnd.map((ms) => ms % 1_000)).size).toBeGreaterThan(1);
});

test("polls that keep failing are told of with what comes next", async () => {
  const lines: [string, LogAttributes | undefined][] = [];
  const warn = (message: string, attributes?: LogAttributes): void => void lines.push([message, attributes]);
  const world = await createWorld({ logger: { ...silentLogger, warn } });
  const outage = createOutage(world);
  await world.createWorker({ workflows, activities: [async function greet() {}] }, outage.client);
  await world.settle();
  outage.fail(RPCStatusCode.UNAVAILABLE);
  for (let turn = 0; turn < 12; turn++) {
    world.clock.advanceBy(10_000);
    await world.settle();
  }
  outage.fail(undefined);
  const line = lines.find(([message]) => message.startsWith("Poll for workflow tasks failed"));
  expect(line?.[0]).toBe("Poll for workflow tasks failed, it is tried again after a wait");
  expect(line?.[1]).toMatchObject({ status: "UNAVAILABLE", error: "the service is away" });
});

test.each([
  ["that does not let it in", RPCStatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"],
  ["that does not know the namespace", RPCStatusCode.NOT_FOUND, "NOT_FOUND"],
  ["that is away longer than calls are tried again", RPCStatusCode.UNAVAILABLE, "UNAVAILABLE"],
] as const)("a worker is not created for a service %s, and says why", async (_what, status, name) => {
  const world = await createWorld();
  const outage = createOutage(world);
  outage.fail(status);
  const created = world.until(world.createWorker({ workflows }, outage.client));
  await expect(created).rejects.toThrow(WorkerFailedError);
  await expect(created).rejects.toThrow(`service answered ${name}: the service is away`);
});

test("a service whose name nobody knows is told of by that name, at once or on the first call", async () => {
  const address = "service.invalid:7233";
  await expect(Client.connect(address, { retry: { maxRetries: 1 } })).rejects.toThrow(
    /connecting to "service\.invalid:7233" without TLS failed \(.*service\.invalid/,
  );
  await using lazy = await Client.connect(address, { lazy: true, retry: { maxRetries: 1 } });
  const created = Worker.create(lazy, { taskQueue: "q", activities: [async function greet() {}] });
  await expect(created).rejects.toThrow(/service answered UNAVAILABLE: .*"service\.invalid:7233"/);
});

test("a clock set forward or back in the midst of work loses none of it", async () => {
  const world = await createWorld();
  const jumping = { aheadMs: 0, now: () => world.clock.now() + jumping.aheadMs, schedule };
  function schedule(atMs: number, fire: () => void): () => void {
    return world.clock.schedule(atMs - jumping.aheadMs, fire);
  }
  const runtime = new Runtime({ clock: jumping, logger: silentLogger });
  const activities = { greet: async (name: string): Promise<string> => `Hello, ${name}!` };
  const worker = await world.createWorker({ workflows, activities, runtime, maxActivitiesPerSecond: 10 });
  for (const [index, aheadMs] of [0, 3_600_000, -3_600_000, 7_200_000].entries()) {
    jumping.aheadMs = aheadMs;
    const beforeMs = world.clock.now();
    const id = `w${index}`;
    const local = world.client.executeWorkflow(CallLocalActivity, {
      args: ["greet", [id], {}],
      id: `${id}-local`,
      taskQueue: "q",
    });
    const run = world.client.executeWorkflow(Hello, { args: [id], id, taskQueue: "q" });
    expect(await world.until(Promise.all([local, run]))).toEqual([`Hello, ${id}!`, `Hello, ${id}!`]);
    expect(world.clock.now() - beforeMs).toBeLessThan(60_000);
  }
  expect(worker.state).toBe("running");
});
