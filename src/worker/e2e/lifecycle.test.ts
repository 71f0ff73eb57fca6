import { expect, test } from "vitest";
import { Client, Connection } from "../../client/index.ts";
import type { Payload } from "../../proto/gen/common.ts";
import { DataConverter } from "../../payload/data-converter.ts";
import type { PayloadCodec } from "../../payload/payload-codec.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import { NondeterminismError } from "../../core/errors.ts";
import { bundleWorkflows, OptionsError, Replayer, Worker, WorkerFailedError } from "../index.ts";
import * as activities from "./activities.test-support.ts";
import { Approval, CallActivity, CallLocalActivity, Hello, Nap } from "./hello.workflows.ts";
import { createWorld } from "./world.test-support.ts";

test("wrong options are refused, all faults at once", async () => {
  const { client } = await createWorld();
  const options = {
    taskQueue: "",
    workflows: [Hello, Hello],
    maxCachedWorkflows: -1,
    maxConcurrentActivities: 0,
    gracefulShutdownTimeout: "soon",
  };
  const message = await Worker.create(client, options).then(
    () => "",
    (error: unknown) => (error instanceof OptionsError ? error.message : String(error)),
  );
  expect(message).toContain(`"taskQueue" is missing`);
  expect(message).toContain(`"maxCachedWorkflows" is -1`);
  expect(message).toContain("number of slots is 0");
  expect(message).toContain(`"gracefulShutdownTimeout"`);
  await expect(Worker.create(client, { taskQueue: "q" })).rejects.toThrow(
    /none of "workflows", "activities" and "nexusServiceHandlers"/,
  );
  await expect(Worker.create(client, { taskQueue: "q", workflows: [Hello, Hello] })).rejects.toThrow(
    /second workflow named "Hello"/,
  );
  await expect(
    Worker.create(client, {
      taskQueue: "q",
      workflows: [
        class NoWorkflow {
          async run() {}
        },
      ],
    }),
  ).rejects.toThrow(/NoWorkflow/);
  await expect(
    Worker.create(client, { taskQueue: "q", activities: [activities.greet, { greet: activities.greet }] }),
  ).rejects.toThrow(/second activity named "greet"/);
});

test("a worker for a namespace that is not there is refused", async () => {
  const { client } = await createWorld();
  const other = new Client(client.connection, { namespace: "nowhere" });
  await expect(Worker.create(other, { taskQueue: "q", activities })).rejects.toThrow(/namespace "nowhere".*NOT_FOUND/);
});

test("a worker that may not poll any more fails with the reason", async () => {
  const world = await createWorld();
  const { transport } = world.client.connection;
  const refusing = new Connection(
    {
      call: (call) =>
        call.path.includes("/Poll")
          ? Promise.reject(new RPCError(RPCStatusCode.PERMISSION_DENIED, "not you"))
          : transport.call(call),
      close: () => Promise.resolve(),
    },
    { clock: world.clock },
  );
  const told: unknown[] = [];
  const onFatalError = async (error: unknown): Promise<void> => {
    told.push(error);
    throw new Error("the handler fails too");
  };
  const worker = await world.createWorker({ activities, onFatalError }, new Client(refusing));
  const failed = await world.until(worker.run()).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(WorkerFailedError);
  expect((failed as Error).message).toContain("not you");
  expect(told).toEqual([failed]);
  expect(worker.state).toBe("failed");
  await expect(worker.shutdown()).rejects.toBe(failed);
});

test("runUntil answers the promise's value and shuts the worker down, also when it rejects", async () => {
  const world = await createWorld();
  const worker = await world.createWorker({ activities });
  expect(await world.until(worker.runUntil(() => Promise.resolve(7)))).toBe(7);
  expect(worker.state).toBe("stopped");
  const other = await world.createWorker({ activities });
  await expect(world.until(other.runUntil(Promise.reject(new Error("no"))))).rejects.toThrow("no");
  expect(other.state).toBe("stopped");
});

test("shutdown lets activities finish in the time they are given", async () => {
  const world = await createWorld();
  const worker = await world.createWorker({ workflows: [CallActivity], activities, gracefulShutdownTimeout: "1m" });
  const handle = await world.until(
    world.client.startWorkflow(CallActivity, { args: ["outlast", ["10s"], {}], id: "w", taskQueue: "q" }),
  );
  await world.settle();
  await world.until(worker.shutdown());
  await world.createWorker({ workflows: [CallActivity] });
  expect(await world.until(handle.result())).toBeUndefined();
});

test("shutdown cancels activities that take longer, and tells them why", async () => {
  const world = await createWorld();
  const worker = await world.createWorker({ workflows: [CallActivity], activities });
  const handle = await world.until(
    world.client.startWorkflow(CallActivity, { args: ["outlast", ["10m"], {}], id: "w", taskQueue: "q" }),
  );
  await world.settle();
  await world.until(worker.shutdown());
  await world.createWorker({ workflows: [CallActivity] });
  expect(await world.until(handle.result())).toMatchObject({ workerShutdown: true, cancelRequested: false });
});

test("an activity that ends because of the shutdown is tried again at once elsewhere", async () => {
  const world = await createWorld();
  const worker = await world.createWorker({ workflows: [CallActivity], activities });
  const handle = await world.until(
    world.client.startWorkflow(CallActivity, { args: ["untilCancelled", [], {}], id: "w", taskQueue: "q" }),
  );
  await world.settle();
  await world.until(worker.shutdown());
  const { raw } = await world.until(handle.describe());
  expect(raw.pendingActivities[0]?.lastFailure?.message).toBe(
    "Worker is shutting down and this activity did not complete in time",
  );
});

test("a worker whose activity never ends stops without it when it is forced to", async () => {
  const world = await createWorld();
  const endless = (): Promise<never> => new Promise(() => undefined);
  const worker = await world.createWorker({
    workflows: [CallActivity],
    activities: { endless },
    forcedShutdownTimeout: "5s",
  });
  await world.until(world.client.startWorkflow(CallActivity, { args: ["endless", [], {}], id: "w", taskQueue: "q" }));
  await world.settle();
  await world.until(worker.shutdown());
  expect(worker.state).toBe("stopped");
});

/** Keeps payloads from being read by whoever lacks it. */
const flip: PayloadCodec = {
  encode: (payloads) =>
    Promise.resolve(
      payloads.map((payload): Payload => ({
        metadata: { encoding: new TextEncoder().encode("flipped") },
        data: flipped(encode(payload)),
        externalPayloads: [],
      })),
    ),
  decode: (payloads) => Promise.resolve(payloads.map((payload) => decode(flipped(payload.data)))),
};

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => byte ^ 0xff);
}

function encode({ metadata, data }: Payload): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ encoding: [...(metadata["encoding"] ?? [])], data: [...data] }));
}

function decode(bytes: Uint8Array): Payload {
  const { encoding, data } = JSON.parse(new TextDecoder().decode(bytes)) as Record<"encoding" | "data", number[]>;
  return { metadata: { encoding: new Uint8Array(encoding) }, data: new Uint8Array(data), externalPayloads: [] };
}

test("a payload codec sees every payload of workflows and activities, and the service sees none", async () => {
  const world = await createWorld({ client: { dataConverter: new DataConverter({ codec: flip }) } });
  await world.createWorker({
    workflows: [Hello, Approval, CallActivity, CallLocalActivity],
    activities,
    maxCachedWorkflows: 0,
  });
  const { client, until } = world;
  expect(await until(client.executeWorkflow(Hello, { args: ["you"], id: "a", taskQueue: "q" }))).toBe("Hello, you!");
  expect(
    await until(client.executeWorkflow(CallLocalActivity, { args: ["greet", ["me"], {}], id: "b", taskQueue: "q" })),
  ).toBe("Hello, me!");
  expect(
    await until(
      client.executeWorkflow(CallActivity, {
        args: ["countTo", [5], { heartbeatTimeout: "1m" }],
        id: "c",
        taskQueue: "q",
      }),
    ),
  ).toEqual([4, 5]);
  const approval = await until(client.startWorkflow(Approval, { args: [2], id: "d", taskQueue: "q" }));
  expect(await until(approval.executeUpdate("voteNow", { args: ["x"] }))).toBe(1);
  expect(await until(approval.query("count"))).toBe(1);
  await until(approval.signal("vote", "y"));
  expect(await until(approval.result())).toEqual(["x", "y"]);
  const history = await until(approval.fetchHistory());
  expect(history.toJson()).not.toContain(Buffer.from(`"x"`).toString("base64"));
  await using replayer = await Replayer.create({
    workflows: [Approval],
    dataConverter: client.dataConverter,
    debugMode: true,
  });
  expect((await replayer.replayWorkflow(history)).replayFailure).toBeUndefined();
});

test("workflow code bundled before runs as it was then", async () => {
  const { client, createWorker, until } = await createWorld();
  const bundle = await bundleWorkflows({ modules: [new URL("./hello.workflows.ts", import.meta.url).href] });
  const stored = JSON.parse(JSON.stringify(bundle)) as typeof bundle;
  await createWorker({ workflows: [Hello], activities, workflowRunner: { kind: "sandboxed", bundle: stored } });
  expect(await until(client.executeWorkflow(Hello, { args: ["you"], id: "a", taskQueue: "q" }))).toBe("Hello, you!");
});

test("a local activity that the shutdown interrupts is run again by the next worker", async () => {
  const world = await createWorld();
  const worker = await world.createWorker({ workflows: [CallLocalActivity], activities });
  const options = { startToCloseTimeout: "1 day" };
  const handle = await world.until(
    world.client.startWorkflow(CallLocalActivity, { args: ["interrupted", [], options], id: "w", taskQueue: "q" }),
  );
  await world.settle();
  await world.until(worker.shutdown());
  await world.createWorker({ workflows: [CallLocalActivity], activities: { interrupted: () => "again" } });
  expect(await world.until(handle.result())).toBe("again");
});

test("the service can tell how a worker is while it runs", async () => {
  const { client, clock, createWorker, until, settle } = await createWorld();
  const worker = await createWorker({ workflows: [Hello], activities, maxConcurrentActivities: 7 });
  await until(client.executeWorkflow(Hello, { args: ["you"], id: "a", taskQueue: "q" }));
  clock.advanceBy(60_000);
  await settle();
  const { workersInfo } = await client.connection.workflowService.listWorkers({ namespace: "default" });
  expect(workersInfo.map(({ workerHeartbeat }) => workerHeartbeat)).toMatchObject([
    {
      workerIdentity: worker.identity,
      taskQueue: "q",
      activityTaskSlotsInfo: { slotSupplierKind: "Fixed", totalProcessedTasks: 1, totalFailedTasks: 0 },
      workflowTaskSlotsInfo: { totalProcessedTasks: 2 },
    },
  ]);
});

test("a replayer accepts what the same code wrote and refuses what other code wrote", async () => {
  const { client, createWorker, until } = await createWorld();
  await createWorker({ workflows: [Nap, Hello], activities });
  const nap = await until(client.startWorkflow(Nap, { args: ["10s"], id: "nap", taskQueue: "q" }));
  await until(nap.result());
  const history = await until(nap.fetchHistory());
  await using replayer = await Replayer.create({ workflows: [Nap, Hello], debugMode: true });
  expect((await replayer.replayWorkflow(history)).replayFailure).toBeUndefined();

  const [first] = history.events;
  if (first?.attributes?.case !== "workflowExecutionStartedEventAttributes")
    throw new Error("History does not begin with its start");
  first.attributes.value.workflowType = { name: "Hello" };
  await expect(replayer.replayWorkflow(history)).rejects.toThrow(NondeterminismError);
  const { replayFailures } = await replayer.replayWorkflows([history], { raiseOnFailure: false });
  expect([...replayFailures.keys()]).toEqual([history.runId]);
});
