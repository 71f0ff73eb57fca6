import { expect, test } from "vitest";
import { Client, Connection } from "../../client/index.ts";
import { silentLogger, type Logger } from "../../core/telemetry/logger.ts";
import { DataConverter } from "../../payload/data-converter.ts";
import { DefaultFailureConverter } from "../../payload/failure-converter.ts";
import { ExternalStorage } from "../../payload/external-storage.ts";
import { ActivityError } from "../../payload/operation-error.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import type { PayloadCodec } from "../../payload/payload-codec.ts";
import type { SerializationContext } from "../../payload/serialization-context.ts";
import type { StorageDriver, StorageTarget } from "../../payload/storage-driver.ts";
import { WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import { InMemoryStorageDriver } from "../../storage/memory-driver.ts";
import { Replayer } from "../index.ts";
import { Between, FailsLikeItsActivity, FanOut, Produce, Relay } from "./data.workflows.ts";
import { payloadConverter } from "./rich-converter.test-support.ts";
import { createWorld } from "./world.test-support.ts";

const activities = {
  repeat: (text: string) => text,
  produce: (length: number) => "i".repeat(length),
  fail() {
    throw new Error("a secret reason");
  },
};
const large = "x".repeat(1000);

class SpyDriver extends InMemoryStorageDriver {
  readonly targets: (StorageTarget | undefined)[] = [];

  override store(
    ...[context, payloads]: Parameters<StorageDriver["store"]>
  ): ReturnType<InMemoryStorageDriver["store"]> {
    this.targets.push(context.target);
    return super.store(context, payloads);
  }
}

const stored = (driver: StorageDriver): DataConverter =>
  new DataConverter({ externalStorage: new ExternalStorage({ drivers: [driver], payloadSizeThreshold: 500 }) });

test.each([0, 100])(
  "large payloads of workflows are kept outside of histories, with %d runs cached",
  async (cached) => {
    const driver = new SpyDriver("spy");
    const { client, createWorker, until } = await createWorld({ client: { dataConverter: stored(driver) } });
    await createWorker({ workflows: [Relay], activities, maxCachedWorkflows: cached });
    const handle = await until(client.startWorkflow(Relay, { args: [large, 1], id: "w", taskQueue: "q" }));
    expect(await until(handle.result())).toBe(large);
    const history = await until(handle.fetchHistory());
    expect(history.toJson().length).toBeLessThan(30_000);
    expect(history.toJson()).not.toContain(Buffer.from(large).toString("base64"));
    const parent = { kind: "workflow", namespace: "default", id: "w", type: "Relay" };
    const child = { ...parent, id: "w-child" };
    const targets = driver.targets.map((target) => ({ ...target, runId: target?.runId === undefined ? "no" : "yes" }));
    expect(targets[0]).toEqual({ ...parent, runId: "no" });
    expect(targets).toContainEqual({ ...parent, runId: "yes" });
    expect(targets).toContainEqual({ ...child, runId: "no" });
    expect(targets).toContainEqual({ ...child, runId: "yes" });
    // The child's result is the parent's from then on, and the parent's own is its own.
    expect(targets).toContainEqual({ kind: "workflow", namespace: "default", id: "w", runId: "yes" });
    await using replayer = await Replayer.create({
      workflows: [Relay],
      dataConverter: client.dataConverter,
      debugMode: true,
    });
    expect((await replayer.replayWorkflow(history)).replayFailure).toBeUndefined();
    await using without = await Replayer.create({ workflows: [Relay], debugMode: true });
    const { replayFailure } = await without.replayWorkflow(history, { raiseOnFailure: false });
    expect(replayFailure?.message).toContain("[TMPRL1105]");
  },
);

test("a driver's non-retryable error fails the workflow or activity, another one only its task", async () => {
  let failures = 0;
  class Flaky extends InMemoryStorageDriver {
    override async retrieve(...args: Parameters<InMemoryStorageDriver["retrieve"]>) {
      if (failures++ === 0) throw new Error("try again");
      return super.retrieve(...args);
    }
  }
  const driver = new Flaky();
  const { client, createWorker, until } = await createWorld({ client: { dataConverter: stored(driver) } });
  await createWorker({ workflows: [Relay], activities });
  const options = { args: [large, 0] as [string, number], id: "flaky", taskQueue: "q" };
  expect(await until(client.executeWorkflow(Relay, options))).toBe(large);
  const lost = await until(
    client.startWorkflow(Relay, { ...options, id: "lost", startDelay: "1 minute", args: ["y".repeat(1000), 0] }),
  );
  driver.clear();
  await expect(until(lost.result())).rejects.toMatchObject({ cause: { type: "PayloadNotFoundError" } });
});

test("a converter of one's own reads values in clients, activities and the sandbox", async () => {
  const dataConverter = new DataConverter({ payloadConverter });
  const { client, createWorker, until } = await createWorld({ client: { dataConverter } });
  await createWorker({
    workflows: [Between],
    activities: {
      latest: (dates: ReadonlyMap<string, Date>) => new Date(Math.max(...[...dates.values()].map(Number))),
    },
    workflowRunner: {
      kind: "sandboxed",
      converterModule: new URL("./rich-converter.test-support.ts", import.meta.url).href,
    },
  });
  const dates = new Map([
    ["a", new Date(1000)],
    ["b", new Date(5000)],
  ]);
  const result = await until(client.executeWorkflow(Between, { args: [dates], id: "w", taskQueue: "q" }));
  expect(result).toEqual({ ms: 4000n, later: new Date(5000) });
});

test("no more calls of external storage are made at a time than the worker allows", async () => {
  let [running, most] = [0, 0];
  class Counting extends InMemoryStorageDriver {
    override async store(...args: Parameters<InMemoryStorageDriver["store"]>) {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return super.store(...args);
    }
  }
  const { client, createWorker, until } = await createWorld({ client: { dataConverter: stored(new Counting()) } });
  await createWorker({
    workflows: [FanOut],
    activities,
    maxConcurrentActivities: 1,
    maxWorkflowTaskExternalStorageConcurrency: 2,
  });
  expect(await until(client.executeWorkflow(FanOut, { args: [large, 9], id: "w", taskQueue: "q" }))).toBe(9);
  expect(most).toBe(2);
});

test("encoded attributes hide messages and stacks of failures from the service", async () => {
  const codec: PayloadCodec = {
    encode: async (payloads) =>
      payloads.map((payload) => ({ ...payload, data: payload.data.map((byte) => byte ^ 255) })),
    decode: async (payloads) =>
      payloads.map((payload) => ({ ...payload, data: payload.data.map((byte) => byte ^ 255) })),
  };
  const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
  const dataConverter = new DataConverter({ codec, failureConverter });
  const { client, createWorker, until } = await createWorld({ client: { dataConverter } });
  await createWorker({ workflows: [FailsLikeItsActivity], activities });
  const handle = await until(client.startWorkflow(FailsLikeItsActivity, { id: "w", taskQueue: "q" }));
  await expect(until(handle.result())).rejects.toMatchObject({ cause: { cause: { message: "a secret reason" } } });
  const history = (await until(handle.fetchHistory())).toJson();
  expect(history).toContain("Encoded failure");
  expect(history).not.toContain("a secret reason");
  expect(history).not.toContain("data.test.ts");
});

test("codecs are told whom each payload is for, the same on its way out and in", async () => {
  const seen: SerializationContext[] = [];
  const tagging = (context?: SerializationContext): PayloadCodec => ({
    encode: async (payloads) =>
      payloads.map((payload) => ({
        ...payload,
        metadata: { ...payload.metadata, tag: new TextEncoder().encode(tagOf(context)) },
      })),
    async decode(payloads) {
      for (const { metadata } of payloads) {
        const tag = new TextDecoder().decode(metadata["tag"]);
        if (tag !== tagOf(context)) throw new Error(`found ${tag}, expected ${tagOf(context)}`);
      }
      return payloads.map((payload) => payload);
    },
    withContext(given) {
      seen.push(given);
      return tagging(given);
    },
  });
  const dataConverter = new DataConverter({ codec: tagging() });
  const { client, createWorker, until } = await createWorld({ client: { dataConverter } });
  await createWorker({ workflows: [Relay], activities });
  expect(await until(client.executeWorkflow(Relay, { args: ["t", 1], id: "w", taskQueue: "q" }))).toBe("t");
  expect(new Set(seen.map(tagOf))).toEqual(
    new Set(["workflow w", "workflow w-child", "activity repeat of w", "activity repeat of w-child"]),
  );
});

function tagOf(context: SerializationContext | undefined): string {
  if (context?.kind === "activity") return `activity ${context.activityType} of ${context.workflowId}`;
  return context === undefined ? "none" : `${context.kind} ${(context as { workflowId?: string }).workflowId}`;
}

/** A logger that keeps its lines. */
function lines(): Logger & { readonly warnings: string[]; readonly errors: string[] } {
  const [warnings, errors]: [string[], string[]] = [[], []];
  return {
    ...silentLogger,
    warnings,
    errors,
    warn: (message, attributes) => void warnings.push(`${message} ${String(attributes?.["field"])}`),
    error: (message, attributes) => void errors.push(`${message} ${String(attributes?.["field"])}`),
  };
}

test("a completion that the service would refuse fails the workflow task before it is sent", async () => {
  const world = await createWorld();
  const logger = lines();
  const client = new Client(new Connection(world.client.connection.transport, { clock: world.clock, logger }));
  await world.createWorker({ workflows: [Produce], activities }, client);
  const options = { id: "w", taskQueue: "q", executionTimeout: "1 minute" } as const;
  const handle = await world.until(client.startWorkflow(Produce, { ...options, args: [0, 3_000_000] }));
  await expect(world.until(handle.result())).rejects.toMatchObject({ cause: { code: "TEMPORAL_FAILURE_TIMEOUT" } });
  const { events } = await world.until(handle.fetchHistory());
  const causes = events.map(({ attributes }) =>
    attributes?.case === "workflowTaskFailedEventAttributes" ? attributes.value.cause : undefined,
  );
  expect(causes).toContain(WorkflowTaskFailedCause.PAYLOADS_TOO_LARGE);
  expect(logger.errors).toContain(
    "[TMPRL1103] Attempted to upload payloads with size that exceeded the error limit. commands[0].complete_workflow_execution_command_attributes.result",
  );
});

test("an activity's result that the service would refuse fails the attempt, which may be tried again", async () => {
  const { client, createWorker, until } = await createWorld();
  await createWorker({ workflows: [Produce], activities });
  const error = await until(
    client.executeWorkflow(Produce, { id: "w", taskQueue: "q", args: [3_000_000, 1] }).catch((cause: unknown) => cause),
  );
  const { cause } = error as { readonly cause: unknown };
  expect(cause).toBeInstanceOf(ActivityError);
  expect((cause as ActivityError).cause).toBeInstanceOf(ApplicationError);
  expect((cause as ActivityError).cause).toMatchObject({ type: "PayloadsTooLarge", nonRetryable: false });
});

test("large payloads and memos are warned of, from the sizes on that the connection was given", async () => {
  const world = await createWorld();
  const logger = lines();
  const { transport } = world.client.connection;
  const payloadLimits = { payloadsWarnSize: 1024, memoWarnSize: 512 };
  const client = new Client(new Connection(transport, { clock: world.clock, logger, payloadLimits }));
  await world.createWorker({ workflows: [Produce], activities }, client);
  const options = { id: "w", taskQueue: "q", memo: { key: "a".repeat(600) } };
  await world.until(client.executeWorkflow(Produce, { ...options, args: [0, 2000] }));
  expect(logger.warnings).toEqual([
    "[TMPRL1103] Attempted to upload memo with size that exceeded the warning limit. memo",
    "[TMPRL1103] Attempted to upload payloads with size that exceeded the warning limit. commands[0].complete_workflow_execution_command_attributes.result",
  ]);
});
