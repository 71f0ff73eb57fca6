import { expect, test } from "vitest";
import type { MetricMeter } from "../../core/telemetry/metric-meter.ts";
import { encodeSearchAttributes } from "../../payload/search-attribute-codec.ts";
import { SearchAttributeKey, TypedSearchAttributes } from "../../payload/search-attributes.ts";
import { decodeUtf8 } from "../../payload/utf8.ts";
import { Failure } from "../../proto/gen/failure.ts";
import * as workflow from "../../workflow.ts";
import type { ActivationJob } from "../../core/replay/activation.ts";
import {
  initialize,
  kinds,
  only,
  payloads,
  queryJob,
  signalJob,
  valueOf,
  WorkflowDriver,
} from "../../../test/support/workflow-driver.ts";
import type { InstanceOptions } from "./instance.ts";

const fireTimer = (seq: number): ActivationJob => ({ kind: "fireTimer", seq });

/** A workflow whose run method, and query, are the code of the test. */
function workflowOf(
  code: () => Promise<unknown>,
  options: Partial<InstanceOptions> = {},
  ask: () => unknown = () => undefined,
): WorkflowDriver {
  @workflow.defn({ name: "Test" })
  class Test {
    @workflow.run
    async run(): Promise<unknown> {
      return code();
    }
    @workflow.query
    ask(): unknown {
      return ask();
    }
  }
  return new WorkflowDriver(Test, options);
}

/** What the code answers as the workflow's result. */
async function resultOf(code: () => unknown, ...jobs: readonly ActivationJob[]): Promise<unknown> {
  const driver = workflowOf(async () => code());
  const commands = await driver.commands(...(jobs.length === 0 ? [initialize()] : jobs));
  const completed = commands.find((command) => command.kind === "completeWorkflow");
  return valueOf(completed?.result);
}

test("outside of a workflow its API says so", () => {
  expect(() => workflow.info()).toThrow("Cannot ask for the workflow's info: this code does not run in a workflow");
  expect(() => void workflow.sleep(1)).toThrow("Cannot sleep");
  expect(workflow.inWorkflow()).toBe(false);
});

test("info tells what the workflow was started with and how far it is", async () => {
  const info = await resultOf(
    () => ({ ...workflow.info(), searchAttributes: undefined, inWorkflow: workflow.inWorkflow() }),
    initialize([], {
      attempt: 2,
      cronSchedule: "* * * * *",
      parent: { namespace: "p", workflowId: "parent", runId: "parent-run" },
      priority: { priorityKey: 4, fairnessKey: "", fairnessWeight: 0 },
    }),
  );
  expect(info).toMatchObject({
    attempt: 2,
    cronSchedule: "* * * * *",
    namespace: "default",
    parent: { workflowId: "parent" },
    priority: { priorityKey: 4 },
    runId: "run-id",
    taskQueue: "queue",
    taskTimeoutMs: 10_000,
    workflowId: "workflow-id",
    workflowType: "Type",
    historyLength: 3,
    isContinueAsNewSuggested: false,
    inWorkflow: true,
  });
});

test("time stands still within a workflow task", async () => {
  expect(await resultOf(() => [workflow.time(), workflow.now().toISOString()])).toEqual([
    1_001_000,
    "1970-01-01T00:16:41.000Z",
  ]);
});

test("random numbers repeat from the seed, and start anew with a new one", async () => {
  const draw = (): unknown => [
    workflow.random().random(),
    workflow.uuid4(),
    workflow.uuid7(),
    workflow.random().integer(1, 6),
    workflow.random().shuffled([1, 2, 3, 4]),
  ];
  const [first, second] = [await resultOf(draw), await resultOf(draw)];
  expect(first).toEqual(second);
  const [, uuid4, uuid7] = first as [number, string, string];
  expect([uuid4[14], uuid7[14]]).toEqual(["4", "7"]);
  expect(uuid7.slice(0, 13)).toBe("0000000f-4628");

  const seeds: string[] = [];
  const driver = workflowOf(async () => {
    workflow.registerRandomSeedCallback((seed) => seeds.push(seed));
    const stream = workflow.newRandom();
    const before = [stream.random(), workflow.random().random()];
    await workflow.sleep(1);
    return [before[0] === before[1], stream.random() === workflow.random().random(), workflow.randomSeed()];
  });
  await driver.start();
  const done = only(await driver.commands({ kind: "updateRandomSeed", seed: "42" }, fireTimer(1)), "completeWorkflow");
  expect(valueOf(done.result)).toEqual([true, true, "42"]);
  expect(seeds).toEqual(["42"]);
});

test("random numbers are spread over their range", async () => {
  const numbers = (await resultOf(() => Array.from({ length: 2000 }, () => workflow.random().random()))) as number[];
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
  expect(new Set(numbers).size).toBe(2000);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
});

test("a patch takes effect in new runs, and in replay only where history knows it", async () => {
  const code = async (): Promise<unknown> => [workflow.patched("p"), workflow.patched("p")];
  expect(kinds(await workflowOf(code).start())).toEqual(["setPatchMarker", "completeWorkflow"]);
  const unknown = await workflowOf(code).apply([initialize()], { isReplaying: true });
  expect(unknown).toMatchObject({ commands: [{ kind: "completeWorkflow", result: payloads([false, false])[0] }] });
  const known = await workflowOf(code).apply([initialize(), { kind: "notifyHasPatch", patchId: "p" }], {
    isReplaying: true,
  });
  expect(known).toMatchObject({
    commands: [{ kind: "setPatchMarker", patchId: "p", deprecated: false }, { result: payloads([true, true])[0] }],
  });
  const deprecating = workflowOf(async () => workflow.deprecatePatch("p"));
  expect((await deprecating.start())[0]).toMatchObject({ kind: "setPatchMarker", deprecated: true });
});

test("a worker can hold back a patch that nothing has settled", async () => {
  const asked: string[] = [];
  const driver = workflowOf(async () => workflow.patched("new"), {
    patchActivation: (patchId) => {
      asked.push(patchId);
      return false;
    },
  });
  expect(valueOf(only(await driver.start(), "completeWorkflow").result)).toBe(false);
  expect(asked).toEqual(["new"]);
});

test("an interceptor module decides on a patch by what it knows of the workflow, once, and never in replay", async () => {
  const asked: string[] = [];
  const settings = (activation: (input: workflow.PatchActivationInput) => unknown) => ({
    interceptors: [() => ({ patchActivation: activation as () => boolean })],
  });
  const code = async (): Promise<unknown> => [workflow.patched("new"), workflow.patched("new")];
  const held = workflowOf(
    code,
    settings(({ patchId, workflowInfo }) => {
      asked.push(`${patchId} ${workflowInfo.workflowType}`);
      return false;
    }),
  );
  expect(valueOf(only(await held.start(), "completeWorkflow").result)).toEqual([false, false]);
  expect(asked).toEqual(["new Type"]);
  const never = (): never => {
    throw new Error("asked");
  };
  const replayed = await workflowOf(code, settings(never)).apply([initialize()], { isReplaying: true });
  expect(replayed).toMatchObject({ status: "completed", commands: [{ kind: "completeWorkflow" }] });
  const deprecating = workflowOf(async () => workflow.deprecatePatch("p"), settings(never));
  expect(kinds(await deprecating.start())).toEqual(["setPatchMarker", "completeWorkflow"]);
  const vague = await workflowOf(
    code,
    settings(() => undefined),
  ).apply([initialize()]);
  expect(vague).toMatchObject({
    status: "failed",
    failure: { message: expect.stringContaining("expected true or false") as string },
  });
  const meddling = await workflowOf(
    code,
    settings(() => workflow.upsertMemo({ a: 1 })),
  ).apply([initialize()]);
  expect(meddling).toMatchObject({
    status: "failed",
    failure: { message: expect.stringContaining("change the memo") as string },
  });
});

test("memo and search attributes are read and changed", async () => {
  const [keyword, int] = [SearchAttributeKey.forKeyword("colour"), SearchAttributeKey.forInt("size")];
  const driver = workflowOf(async () => {
    const before = [
      workflow.memo(),
      workflow.memoValue("a"),
      workflow.memoValue("missing", "fallback"),
      workflow.info().searchAttributes.get(keyword),
    ];
    workflow.upsertMemo({ a: undefined, b: [2] });
    workflow.upsertSearchAttributes([keyword.valueUnset(), int.valueSet(7)]);
    const { searchAttributes } = workflow.info();
    return [...before, workflow.memo(), searchAttributes.has(keyword), searchAttributes.get(int)];
  });
  const searchAttributes = encodeSearchAttributes(new TypedSearchAttributes([keyword.withValue("red")]));
  const commands = await driver.commands(
    initialize([], { memo: { fields: { a: payloads(1)[0] as never } }, searchAttributes }),
  );
  expect(kinds(commands)).toEqual(["modifyProperties", "upsertSearchAttributes", "completeWorkflow"]);
  expect(commands[0]).toMatchObject({ upsertedMemo: { a: payloads(undefined)[0], b: payloads([2])[0] } });
  const [, upsert, completed] = commands;
  if (upsert?.kind !== "upsertSearchAttributes" || completed?.kind !== "completeWorkflow")
    throw new Error("Other commands than told");
  expect(decodeUtf8(upsert.searchAttributes["size"]?.metadata["type"] ?? new Uint8Array())).toBe("Int");
  expect(valueOf(completed.result)).toEqual([{ a: 1 }, 1, "fallback", "red", { b: [2] }, false, 7]);
});

test("earlier runs' results and failures are there", async () => {
  const details = {
    lastCompletionResult: payloads("before"),
    continuedFailure: Failure.create({
      message: "went wrong",
      failureInfo: { case: "applicationFailureInfo", value: {} },
    }),
  };
  const code = (): unknown => [
    workflow.hasLastCompletionResult(),
    workflow.lastCompletionResult(),
    workflow.lastFailure()?.message,
  ];
  expect(await resultOf(code, initialize([], details))).toEqual([true, "before", "went wrong"]);
  expect(await resultOf(code)).toEqual([false, null, null]);
});

test("current details can be set, and read by the metadata query", async () => {
  const driver = workflowOf(async () => {
    workflow.setCurrentDetails("half way");
    await workflow.sleep(1);
    return workflow.getCurrentDetails();
  });
  await driver.start();
  expect(await driver.query("__temporal_workflow_metadata")).toMatchObject({ currentDetails: "half way" });
});

test("the logger names the workflow, and is silent in replay but for queries", async () => {
  const code = async (): Promise<void> => {
    workflow.logger.info("hello", { extra: 1 });
    workflow.createLogger({ logsDuringReplay: true }).debug("always");
    await workflow.sleep(1);
  };
  const driver = workflowOf(code, {}, () => workflow.logger.warn("asked"));
  await driver.apply([initialize()], { isReplaying: true });
  expect(driver.logs.map(({ message }) => message)).toEqual(["always"]);
  await driver.apply([queryJob("ask")], { isReplaying: true });
  expect(driver.logs.map(({ message }) => message)).toEqual(["always", "asked"]);
  const live = workflowOf(code);
  await live.start();
  expect(live.logs[0]).toMatchObject({
    level: "info",
    message: "hello",
    attributes: { workflowId: "workflow-id", runId: "run-id", extra: 1 },
  });
});

test("metrics count once, not in replay", async () => {
  const counted: number[] = [];
  const meter: MetricMeter = {
    createCounter: (name) => ({ name, add: (value) => void counted.push(value) }),
    createHistogram: (name) => ({ name, record: (value) => void counted.push(value) }),
    createDurationHistogram: (name) => ({ name, record: (value) => void counted.push(value) }),
    createGauge: (name) => ({ name, set: (value) => void counted.push(value) }),
    withAttributes: () => meter,
  };
  const code = async (): Promise<void> => {
    workflow.metricMeter().createCounter("c").add(1);
    workflow.metricMeter().withAttributes({ a: 1 }).createHistogram("h").record(2);
    workflow.metricMeter().createGauge("g").set(3);
  };
  const withMeter = (driver: WorkflowDriver): WorkflowDriver => {
    Object.assign(driver.host, { metricMeter: meter });
    return driver;
  };
  await withMeter(workflowOf(code)).apply([initialize()], { isReplaying: true });
  expect(counted).toEqual([]);
  await withMeter(workflowOf(code)).start();
  expect(counted).toEqual([1, 2, 3]);
});

test("continuing as new ends the run with what is to change", async () => {
  @workflow.defn({ name: "Next" })
  class Next {
    @workflow.run
    async run(cursor: number): Promise<void> {
      workflow.continueAsNew<Next>({
        args: [cursor + 1],
        memo: { m: 1 },
        runTimeout: "1h",
        initialVersioningBehavior: "autoUpgrade",
      });
    }
  }
  const { next } = only(await new WorkflowDriver(Next).start(5), "continueAsNew");
  expect(next).toMatchObject({
    workflowType: "Type",
    taskQueue: "queue",
    runTimeoutMs: 3_600_000,
    inheritBuildId: true,
    initialVersioningBehavior: 1,
    memo: { m: payloads(1)[0] },
  });
  expect(next.arguments.map(valueOf)).toEqual([6]);
  const other = workflowOf(async () => workflow.continueAsNew({ workflow: Next, args: [1], taskQueue: "other" }));
  expect(only(await other.start(), "continueAsNew").next).toMatchObject({
    workflowType: "Next",
    taskQueue: "other",
    inheritBuildId: false,
  });
});

test("what is unsafe to depend on can be asked all the same", async () => {
  const seen: unknown[] = [];
  const look = (): void =>
    void seen.push([
      workflow.unsafe.isReplaying(),
      workflow.unsafe.isReplayingHistoryEvents(),
      workflow.unsafe.isReadOnly(),
      workflow.unsafe.inSandbox(),
    ]);
  const driver = workflowOf(
    async () => {
      look();
      expect(workflow.unsafe.sandboxUnrestricted(() => 7)).toBe(7);
      await workflow.sleep(1);
    },
    {},
    look,
  );
  await driver.apply([initialize()], { isReplaying: true });
  await driver.apply([queryJob("ask")], { isReplaying: true });
  expect(seen).toEqual([
    [true, true, false, false],
    [true, false, true, false],
  ]);
});

test("interceptors see what comes in and goes out, outermost first, and may change it", async () => {
  const order: string[] = [];
  const interceptor = (name: string) => (): workflow.WorkflowInterceptors => ({
    inbound: [
      {
        executeWorkflow: (input, next) => {
          order.push(`${name} execute ${workflow.info().workflowId}`);
          return next(input);
        },
        handleSignal: (input, next) => {
          order.push(`${name} signal ${input.signal}`);
          return next({ ...input, args: [`${String(input.args[0])}-${name}`] });
        },
        handleQuery: (input, next) => [name, next(input)],
      },
    ],
    outbound: [
      {
        startActivity: (input, next) =>
          next({ ...input, headers: { ...input.headers, [name]: payloads(name)[0] as never } }),
      },
    ],
  });
  @workflow.defn()
  class Intercepted {
    said = "";
    @workflow.run
    async run(): Promise<void> {
      await workflow.executeActivity("work", { startToCloseTimeout: 1000 });
    }
    @workflow.signal
    say(text: string): void {
      this.said = text;
    }
    @workflow.query
    heard(): string {
      return this.said;
    }
  }
  const driver = new WorkflowDriver(Intercepted, { interceptors: [interceptor("a"), interceptor("b")] });
  const scheduled = only(await driver.start(), "scheduleActivity");
  expect(Object.keys(scheduled.activity.headers)).toEqual(["a", "b"]);
  await driver.commands(signalJob("say", "x"));
  expect(await driver.query("heard")).toEqual(["a", ["b", "x-a-b"]]);
  expect(order).toEqual(["a execute workflow-id", "b execute workflow-id", "a signal say", "b signal say"]);
});
