import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as activity from "perdure/activity";
import type { Client } from "perdure/client";
import type { LogAttributes } from "perdure/common";
import { type BufferedMetricUpdate, MetricBuffer, Runtime, type TelemetryConfig } from "perdure/runtime";
import { check, eventKindsOf } from "../expectations.ts";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import { BreaksOnce, KeepsNotes, LogsAll, MeasuresItself, Spins, WaitsAround } from "./observation.workflows.ts";

interface Line {
  readonly message: string;
  readonly attributes: LogAttributes;
}

/** A runtime whose lines of log are kept. */
function createListener(): { readonly runtime: Runtime; readonly lines: Line[] } {
  const lines: Line[] = [];
  const line = (message: string, attributes: LogAttributes = {}): void => void lines.push({ message, attributes });
  return { lines, runtime: new Runtime({ logger: { debug: line, info: line, warn: line, error: line } }) };
}

/** What `__enhanced_stack_trace` answers, as far as it is looked at here. */
interface EnhancedStackTrace {
  readonly sdk: { readonly name: string; readonly version: string };
  readonly sources: Readonly<Record<string, { readonly content: string }>>;
  readonly stacks: readonly { readonly locations: readonly { readonly functionName?: string }[] }[];
}

/** A workflow that waits in several places. */
async function startWaiting({ client, taskQueue, newId, eventually }: ScenarioWorld) {
  const handle = await client.startWorkflow(WaitsAround, { id: newId("waits-around"), taskQueue });
  await eventually(async () => (await handle.query("waits")) === 2);
  return handle;
}

/** Runs a workflow and an activity that measure something, on a runtime of their own. */
async function measure(
  { client, newId, withWorker }: ScenarioWorld,
  telemetry: TelemetryConfig,
  use: (runtime: Runtime, taskQueue: string) => Promise<void>,
): Promise<void> {
  const taskQueue = newId("measures");
  await using runtime = new Runtime({ telemetry, logger: createListener().runtime.logger });
  const measureItself = (): void => {
    const options = { description: "of the activity", unit: "thing" };
    const counter = activity.metricMeter().createCounter("own-activity-counter", options);
    counter.add(12);
    counter.add(34, { "own-attribute": 12.34 });
  };
  const options = { taskQueue, workflows: [MeasuresItself], activities: { measureItself }, runtime };
  await withWorker(options, async () => {
    await client.executeWorkflow(MeasuresItself, { id: taskQueue, taskQueue });
    await use(runtime, taskQueue);
  });
}

/** Runs the same where nothing is measured, which must not fail. */
async function measureNothing({ client, newId, withWorker }: ScenarioWorld): Promise<void> {
  const taskQueue = newId("unmeasured");
  const activities = { measureItself: () => activity.metricMeter().createCounter("own").add(1) };
  await withWorker({ taskQueue, workflows: [MeasuresItself], activities }, () =>
    client.executeWorkflow(MeasuresItself, { id: taskQueue, taskQueue }),
  );
}

/** Fails unless a Prometheus page has a series of that name with at least these labels and exactly that value. */
function assertSeries(page: string, name: string, labels: Readonly<Record<string, string>>, value: number): void {
  const found = page.split("\n").filter((line) => line.startsWith(`${name}{`) && line.endsWith(` ${value}`));
  check(
    found.some((line) => Object.entries(labels).every(([key, text]) => line.includes(`${key}="${text}"`))),
    `no ${name} of ${value} with ${JSON.stringify(labels)}: ${page}`,
  );
}

async function taskFailureOf(client: Client, id: string): Promise<string> {
  for await (const { attributes } of client.getWorkflowHandle(id).fetchHistoryEvents({ waitNewEvent: true }))
    if (attributes?.case === "workflowTaskFailedEventAttributes") return attributes.value.failure?.message ?? "";
  return "";
}

/** What whoever runs workflows learns of them: logs, stacks, metrics. */
export const observation: readonly Scenario[] = [
  {
    name: "a signal that its schema refuses is dropped with a line that names it and its workflow",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("notes");
      const { runtime, lines } = createListener();
      const handle = await client.startWorkflow(KeepsNotes, { id: taskQueue, taskQueue });
      const untyped = client.getWorkflowHandle(taskQueue);
      for (const note of ["bad", { text: "good" }, 123, { text: "last" }]) await untyped.signal("keep", note);
      await withWorker({ taskQueue, workflows: [KeepsNotes], runtime }, async () =>
        assert.deepEqual(await handle.result(), ["good", "last"]),
      );
      const dropped = lines.filter(({ message }) => message.startsWith("Dropping signal"));
      assert.equal(dropped.length, 2);
      for (const { message, attributes } of dropped) {
        assert.match(message, /"keep"/);
        assert.deepEqual([attributes["workflowId"], attributes["workflowType"]], [handle.id, "KeepsNotes"]);
      }
    },
  },
  {
    name: "workflow code logs with the names of its workflow and update, and not again in replay",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("logs");
      const { runtime, lines } = createListener();
      const options = { taskQueue, workflows: [LogsAll], runtime, maxCachedWorkflows: 0 };
      const own = (): Line[] => lines.filter(({ message }) => /^(signal|update|query)/.test(message));
      const handle = await client.startWorkflow(LogsAll, { id: taskQueue, taskQueue });
      await withWorker(options, async () => {
        for (const what of ["one", "two"]) await handle.signal("hear", what);
        for (const what of ["one", "two"]) await handle.executeUpdate("note", { args: [what], id: `update-${what}` });
        assert.equal(await handle.query("last"), "two");
      });
      assert.deepEqual(
        own().map(({ message }) => message),
        ["signal one", "signal two", "update one", "update two", "query"],
      );
      const common = {
        attempt: 1,
        namespace: client.namespace,
        taskQueue,
        workflowId: taskQueue,
        workflowType: "LogsAll",
      };
      for (const { attributes } of own())
        assert.deepEqual({ ...attributes, ...common, runId: handle.resultRunId }, attributes);
      assert.deepEqual(
        own().map(({ attributes: { updateId, updateName } }) => [updateId, updateName]),
        [
          [undefined, undefined],
          [undefined, undefined],
          ["update-one", "note"],
          ["update-two", "note"],
          [undefined, undefined],
        ],
      );
      lines.length = 0;
      await withWorker(options, async () => {
        for (const what of ["three", "last"]) await handle.signal("hear", what);
        await handle.result();
      });
      assert.deepEqual(
        own().map(({ message }) => message),
        ["signal three", "signal last"],
      );
    },
  },
  {
    name: "a task that fails and an attempt that fails are logged with what broke and where",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("breaks-once");
      const { runtime, lines } = createListener();
      const activities = {
        breakOnce() {
          if (activity.info().attempt === 1) throw new Error("the activity breaks on purpose");
        },
      };
      await withWorker({ taskQueue, workflows: [BreaksOnce], activities, runtime }, () =>
        client.executeWorkflow(BreaksOnce, { id: taskQueue, taskQueue }),
      );
      const task = lines.find(({ message }) => message === "Workflow task failed");
      assert.deepEqual(
        [task?.attributes["error"], task?.attributes["workflowType"], task?.attributes["workflowId"]],
        ["the workflow breaks on purpose", "BreaksOnce", taskQueue],
      );
      const attempt = lines.find(({ message }) => message === "Activity failed");
      assert.match(String(attempt?.attributes["error"]), /the activity breaks on purpose/);
      assert.deepEqual(
        [attempt?.attributes["activityType"], attempt?.attributes["workflowType"]],
        ["breakOnce", "BreaksOnce"],
      );
    },
  },
  {
    name: "the stack trace query names the functions that wait, in the workflow's file and in others",
    async run(world) {
      const handle = await startWaiting(world);
      const trace = String(await world.client.getWorkflowHandle(handle.id).query("__stack_trace"));
      assert.match(trace, /waitInside/);
      assert.match(trace, /waitOutside/);
      await handle.terminate();
    },
  },
  {
    name: "the enhanced stack trace query has functions, sources and the version of this package",
    async run(world) {
      const handle = await startWaiting(world);
      const { sdk, sources, stacks } = (await world.client
        .getWorkflowHandle(handle.id)
        .query("__enhanced_stack_trace")) as EnhancedStackTrace;
      const names = stacks.flatMap(({ locations }) => locations.map(({ functionName }) => functionName));
      for (const name of ["waitInside", "waitOutside"])
        check(
          names.some((one) => one?.includes(name)),
          `${name} is not among ${names.join()}`,
        );
      for (const [file, line] of [
        ["observation.workflows.ts", "this.#waits++; // waits inside"],
        ["observation-outside.ts", "tell(); // waits outside"],
      ] as const) {
        const [, source] = Object.entries(sources).find(([path]) => path.endsWith(file)) ?? [];
        check(source?.content.includes(line), `no source of ${file} with ${line}`);
      }
      const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string };
      assert.equal(sdk.version, version);
      await handle.terminate();
    },
  },
  {
    name: "a workflow that does not yield fails its task, which says so",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("spins");
      const { runtime } = createListener();
      const options = { taskQueue, workflows: [Spins], deadlockTimeout: "1s", runtime };
      const handle = await client.startWorkflow(Spins, { id: taskQueue, taskQueue });
      const message = await withWorker(options, async () => {
        const failure = await taskFailureOf(client, taskQueue);
        await handle.terminate();
        return failure;
      });
      assert.match(message, /^\[TMPRL1101\].*did not yield within 1 s/);
      check((await eventKindsOf(handle)).includes("workflowTaskFailed"));
    },
  },
  {
    name: "metrics of workflows, activities and the program are on one page, with attributes and descriptions",
    async run(world) {
      await measureNothing(world);
      await measure(world, { metrics: { kind: "prometheus" }, metricPrefix: "foo_" }, async (runtime, taskQueue) => {
        const attributes = { "own-attribute": "text", "own-flag": true };
        const gauge = runtime.metricMeter.withAttributes(attributes).createGauge("own-gauge", { description: "own" });
        gauge.set(90);
        const page = await (await fetch(`http://${await runtime.metricsAddress()}/metrics`)).text();
        assert.match(page, /^# HELP own_gauge own$/m);
        assert.match(page, /^# HELP own_workflow_histogram of the workflow$/m);
        assert.match(page, /^# HELP own_activity_counter of the activity$/m);
        const program = { own_attribute: "text", own_flag: "true", service_name: "perdure" };
        assertSeries(page, "own_gauge", program, 90);
        const place = { namespace: world.client.namespace, task_queue: taskQueue };
        const workflow = { ...place, workflow_type: "MeasuresItself" };
        assertSeries(page, "own_workflow_histogram_sum", workflow, 56);
        assertSeries(page, "own_workflow_histogram_sum", { ...workflow, own_attribute: "1234" }, 78);
        const own = { ...place, activity_type: "measureItself" };
        assertSeries(page, "own_activity_counter", own, 12);
        assertSeries(page, "own_activity_counter", { ...own, own_attribute: "12.34" }, 34);
        assertSeries(page, "foo_workflow_completed", { workflow_type: "MeasuresItself" }, 1);
      });
    },
  },
  {
    name: "a buffer gets each measurement once, with the same metric and attributes as the same objects",
    async run(world) {
      const buffer = new MetricBuffer();
      await measure(world, { metrics: buffer, metricPrefix: "some_prefix_" }, async (runtime, taskQueue) => {
        const updates = buffer.retrieveUpdates();
        const found = (name: string, value: number, attributes: object): boolean =>
          updates.some((update) => update.metric.name === name && isLike(update, value, attributes));
        const place = { namespace: world.client.namespace, task_queue: taskQueue, service_name: "perdure" };
        const workflow = { ...place, workflow_type: "MeasuresItself" };
        check(found("own-workflow-histogram", 56, { ...workflow, "own-attribute": undefined }));
        check(found("own-workflow-histogram", 78, { ...workflow, "own-attribute": 1234 }));
        const own = { ...place, activity_type: "measureItself" };
        check(found("own-activity-counter", 12, { ...own, "own-attribute": undefined }));
        check(found("own-activity-counter", 34, { ...own, "own-attribute": 12.34 }));
        check(found("some_prefix_workflow_completed", 1, { workflow_type: "MeasuresItself" }));
        const metric = updates.find((update) => update.metric.name === "own-workflow-histogram")?.metric;
        assert.deepEqual([metric?.kind, metric?.description, metric?.unit], ["histogram", "of the workflow", "thing"]);
        assertCounted(buffer, runtime);
      });
    },
  },
];

function isLike({ value, attributes }: BufferedMetricUpdate, wanted: number, like: object): boolean {
  return value === wanted && Object.entries(like).every(([key, one]) => attributes[key] === one);
}

/** Counts twice, without attributes and with some. */
function assertCounted(buffer: MetricBuffer, runtime: Runtime): void {
  const ofCounter = (): BufferedMetricUpdate[] =>
    buffer.retrieveUpdates().filter(({ metric }) => metric.name === "own-counter");
  const more = { foo: "bar", baz: 123 };
  const counter = runtime.metricMeter.createCounter("own-counter", { description: "counted", unit: "one" });
  const count = (first: number): BufferedMetricUpdate[] => {
    counter.add(first);
    counter.add(first + 100, more);
    return ofCounter();
  };
  const [before, after] = [count(100), count(300)];
  assert.deepEqual(
    [...before, ...after].map(({ value }) => value),
    [100, 200, 300, 400],
  );
  const [one, other] = before;
  assert.deepEqual([one?.metric.kind, one?.metric.description, one?.metric.unit], ["counter", "counted", "one"]);
  assert.deepEqual(
    [one?.attributes, other?.attributes],
    [{ service_name: "perdure" }, { service_name: "perdure", ...more }],
  );
  for (const [index, update] of after.entries()) {
    assert.equal(update.metric, one?.metric);
    assert.equal(update.attributes, before[index]?.attributes);
  }
  assert.deepEqual(ofCounter(), []);
}
