import assert from "node:assert/strict";
import type { Interceptor, WorkerOptions } from "perdure/worker";
import { count, eventKindsOf } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { KnowsNoPatch } from "./patches-before.workflows.ts";
import { DeprecatesPatch, MeetsPatch, RemembersPatch } from "./patches.workflows.ts";

const modules = {
  accepting: new URL("./patches-accepting.workflows.ts", import.meta.url),
  declining: new URL("./patches-declining.workflows.ts", import.meta.url),
} as const;

/** Options of a worker that takes every patch or holds every one back, and what it was asked. */
function deciding(
  taskQueue: string,
  decision: "accepting" | "declining",
): WorkerOptions & { readonly asked: string[] } {
  const asked: string[] = [];
  const interceptor: Interceptor = {
    workflowInterceptorModule: modules[decision].href,
    sinks: { asked: (what) => void asked.push(String(what)) },
  };
  const workflows = [DeprecatesPatch, MeetsPatch, RemembersPatch];
  return { taskQueue, workflows, interceptors: [interceptor], asked };
}

function refused(way: string, what: RegExp): Scenario {
  return {
    name: `a decision on a patch fails the task if it is not made as it should be: ${way}`,
    async run({ client, newId, eventually, withWorker }) {
      const taskQueue = newId(way);
      const { asked, ...options } = deciding(taskQueue, "accepting");
      const args: [string, boolean] = ["the-patch", false];
      const handle = await client.startWorkflow(MeetsPatch, { args, id: taskQueue, taskQueue });
      let message = "";
      await withWorker(options, () =>
        eventually(async () => {
          for (const { attributes } of (await handle.fetchHistory()).events)
            if (attributes?.case === "workflowTaskFailedEventAttributes")
              message = attributes.value.failure?.message ?? "";
          return message !== "";
        }),
      );
      assert.match(message, what);
      assert.ok(asked.length > 0);
      assert.equal(count(await eventKindsOf(handle), "markerRecorded"), 0);
      await handle.terminate();
    },
  };
}

/** Changes of code that runs of the older code outlive, and who decides when they begin. */
export const patches: readonly Scenario[] = [
  {
    name: "a run that was replayed without a patch does not meet it later either",
    async run({ client, newId, eventually, withWorker }) {
      const taskQueue = newId("remembering");
      const common = { taskQueue, maxCachedWorkflows: 0 };
      const start = () => client.startWorkflow(RemembersPatch, { id: newId("remembering"), taskQueue });
      const begun = (handle: Awaited<ReturnType<typeof start>>) =>
        eventually(async () => (await eventKindsOf(handle)).includes("workflowTaskCompleted"));
      const old = await start();
      await withWorker({ ...common, workflows: [KnowsNoPatch] }, () => begun(old));
      await withWorker({ ...common, workflows: [RemembersPatch] }, async () => {
        const patched = await start();
        await begun(patched);
        for (const handle of [old, patched]) await handle.signal("release");
        assert.deepEqual(await old.result(), ["released"]);
        assert.deepEqual(await patched.result(), ["patched before", "released", "patched after"]);
      });
    },
  },
  {
    name: "a worker takes every patch unless it is told otherwise",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("default");
      const args: [string, boolean] = ["the-patch", false];
      const handle = await client.startWorkflow(MeetsPatch, { args, id: taskQueue, taskQueue });
      await withWorker({ taskQueue, workflows: [MeetsPatch] }, async () =>
        assert.deepEqual(await handle.result(), [true, true]),
      );
      assert.equal(count(await eventKindsOf(handle), "markerRecorded"), 1);
    },
  },
  ...(["accepting", "declining"] as const).map((decision): Scenario => ({
    name: `a worker that is ${decision} of patches is asked once for a run, which keeps to the answer`,
    async run({ client, newId, withWorker }) {
      const taskQueue = newId(decision);
      const { asked, ...options } = deciding(taskQueue, decision);
      await withWorker({ ...options, maxCachedWorkflows: 0 }, async () => {
        for (const sleeps of [false, true]) {
          const args: [string, boolean] = ["the-patch", sleeps];
          const handle = await client.startWorkflow(MeetsPatch, { args, id: `${taskQueue}-${sleeps}`, taskQueue });
          const isTaken = decision === "accepting";
          assert.deepEqual(await handle.result(), [isTaken, isTaken]);
          assert.equal(count(await eventKindsOf(handle), "markerRecorded"), isTaken ? 1 : 0);
        }
      });
      assert.deepEqual(asked, [`the-patch by ${taskQueue}-false`, `the-patch by ${taskQueue}-true`]);
    },
  })),
  {
    name: "nobody is asked about a patch that is everywhere",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("deprecated");
      const { asked, ...options } = deciding(taskQueue, "declining");
      const start = { args: ["the-patch"] as [string], id: taskQueue, taskQueue };
      assert.equal(await withWorker(options, () => client.executeWorkflow(DeprecatesPatch, start)), true);
      assert.deepEqual(asked, []);
    },
  },
  refused("odd", /answered with string, expected true or false/),
  refused("command", /Cannot change the memo/),
  refused("timer", /Cannot start a timer: .*a patch.s activation/),
  refused("wait", /Cannot wait for a condition/),
  refused("random", /Cannot draw random numbers/),
  refused("seed", /Cannot listen to new random seeds/),
  refused("stream", /Cannot make a stream of random numbers/),
  {
    name: "a run that was kept from a patch goes on with a worker that does not know it",
    async run({ client, newId, eventually, withWorker }) {
      const taskQueue = newId("rolled");
      const { asked, ...options } = deciding(taskQueue, "declining");
      const handle = await client.startWorkflow(RemembersPatch, { id: taskQueue, taskQueue });
      await withWorker({ ...options, maxCachedWorkflows: 0 }, () =>
        eventually(async () => (await eventKindsOf(handle)).includes("workflowTaskCompleted")),
      );
      assert.deepEqual(asked, [`remembered by ${taskQueue}`]);
      await withWorker({ taskQueue, workflows: [KnowsNoPatch], maxCachedWorkflows: 0 }, async () => {
        await handle.signal("release");
        assert.deepEqual(await handle.result(), ["released"]);
      });
    },
  },
  {
    name: "a run that met a patch keeps it with a worker that holds patches back, and does not ask",
    async run({ client, newId, eventually, withWorker }) {
      const taskQueue = newId("kept");
      const { asked: askedFirst, ...first } = deciding(taskQueue, "accepting");
      const { asked: askedThen, ...then } = deciding(taskQueue, "declining");
      const handle = await client.startWorkflow(RemembersPatch, { id: taskQueue, taskQueue });
      await withWorker({ ...first, maxCachedWorkflows: 0 }, () =>
        eventually(async () => (await eventKindsOf(handle)).includes("workflowTaskCompleted")),
      );
      assert.deepEqual(askedFirst, [`remembered by ${taskQueue}`]);
      await withWorker({ ...then, maxCachedWorkflows: 0 }, async () => {
        await handle.signal("release");
        assert.deepEqual(await handle.result(), ["patched before", "released", "patched after"]);
      });
      assert.deepEqual(askedThen, []);
    },
  },
];
