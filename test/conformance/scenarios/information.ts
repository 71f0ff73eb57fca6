import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { SearchAttributeKey } from "perdure/common";
import type { WorkflowClass } from "perdure/worker";
import { check, count, eventKindsOf } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { KEYWORD } from "../search-attribute.ts";
import { Details, Draws, Flags, Groups, Indexes, Remembers, Repeats, TellsInfo } from "./information.workflows.ts";
import { PatchingAfter } from "./version-after.workflows.ts";
import { PatchingBefore } from "./version-before.workflows.ts";
import { PatchingBetween } from "./version-patched.workflows.ts";

/** What a workflow knows, and what it does to the world but by activities. */
export const information: readonly Scenario[] = [
  {
    name: "a workflow knows all that it was started with",
    async run({ client, taskQueue, newId }) {
      const id = newId("info");
      const retryPolicy = {
        initialInterval: "2s",
        backoffCoefficient: 3,
        maximumInterval: "1m",
        maximumAttempts: 4,
        nonRetryableErrorTypes: ["Bad"],
      } as const;
      const handle = await client.startWorkflow(TellsInfo, {
        id,
        taskQueue,
        executionTimeout: "1h",
        runTimeout: "30m",
        taskTimeout: "8s",
        retryPolicy,
        priority: { priorityKey: 2 },
      });
      const told = (await handle.result()) as Record<string, unknown>;
      assert.equal(told["runId"], handle.resultRunId);
      const {
        attempt,
        namespace,
        workflowId,
        workflowType,
        isFirst,
        executionTimeoutMs,
        runTimeoutMs,
        taskTimeoutMs,
        hasParent,
        hasContinued,
        hasCron,
        hasTimes,
        lengths,
        hasSize,
        isSuggested,
        inWorkflow,
      } = told;
      assert.deepEqual(
        {
          attempt,
          namespace,
          workflowId,
          workflowType,
          isFirst,
          executionTimeoutMs,
          runTimeoutMs,
          taskTimeoutMs,
          hasParent,
          hasContinued,
          hasCron,
          hasTimes,
          hasSize,
          isSuggested,
          inWorkflow,
        },
        {
          attempt: 1,
          namespace: client.namespace,
          workflowId: id,
          workflowType: "TellsInfo",
          isFirst: true,
          executionTimeoutMs: 3_600_000,
          runTimeoutMs: 1_800_000,
          taskTimeoutMs: 8000,
          hasParent: false,
          hasContinued: false,
          hasCron: false,
          hasTimes: true,
          hasSize: true,
          isSuggested: false,
          inWorkflow: true,
        },
      );
      assert.deepEqual(lengths, [3, 8]);
      assert.equal((told["retryPolicy"] as { maximumAttempts: number }).maximumAttempts, 4);
      assert.equal((told["priority"] as { priorityKey: number }).priorityKey, 2);
    },
  },
  {
    name: "a workflow reads and changes its memo",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Remembers, {
        id: newId("remembers"),
        taskQueue,
        memo: { note: "first", gone: 1, kept: true },
      });
      const after = { note: "second", kept: true, more: { deep: [1] } };
      const own = {
        before: { note: "first", gone: 1, kept: true },
        first: "first",
        value: "second",
        fallback: "fallback",
        missed: ["nothing", "gone"],
        after,
      };
      assert.deepEqual(await handle.result(), { own, child: own });
      const description = await handle.describe();
      assert.deepEqual(await description.memo(), after);
      assert.deepEqual(
        [await description.memoValue("note"), await description.memoValue("gone")],
        ["second", undefined],
      );
    },
  },
  {
    name: "a workflow reads and changes its search attributes",
    async run({ client, taskQueue, newId, eventually }) {
      const id = newId("indexes");
      const key = SearchAttributeKey.forKeyword(KEYWORD);
      const handle = await client.startWorkflow(Indexes, { id, taskQueue, searchAttributes: [key.withValue("first")] });
      assert.deepEqual(await handle.result(), ["first", "second"]);
      assert.equal((await handle.describe()).searchAttributes.get(key), "second");
      await eventually(
        async () => (await client.countWorkflows(`${KEYWORD} = 'second' AND WorkflowId = '${id}'`)).count === 1,
      );
    },
  },
  {
    name: "a cron workflow knows the last result and the last failure",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(Repeats, {
        id: newId("repeats"),
        taskQueue,
        cronSchedule: "@every 1s",
      });
      const results: string[] = [];
      let runId = handle.resultRunId ?? "";
      while (results.length < 3) {
        const run = client.getWorkflowHandle(handle.id, { runId });
        await eventually(async () => (await run.describe()).status !== "running");
        const { attributes } = (await run.fetchHistory()).events.at(-1) ?? {};
        const isCompleted = attributes?.case === "workflowExecutionCompletedEventAttributes";
        check(isCompleted || attributes?.case === "workflowExecutionFailedEventAttributes", String(attributes?.case));
        results.push(
          isCompleted
            ? new TextDecoder().decode(attributes.value.result?.payloads[0]?.data)
            : (attributes.value.failure?.message ?? ""),
        );
        runId = attributes.value.newExecutionRunId;
      }
      await client.getWorkflowHandle(handle.id).terminate();
      assert.deepEqual(results, ["1", "the second one fails", "2"]);
    },
  },
  {
    name: "what a workflow draws is the same in replay",
    async run({ client, taskQueue, newId }) {
      const result = await client.executeWorkflow(Draws, { id: newId("draws"), taskQueue });
      assert.deepEqual(result, { isSame: true, areDistinct: true, version4: "4", version7: "7", isLater: true });
    },
  },
  {
    name: "current details are read by the metadata query",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Details, { id: newId("details"), taskQueue });
      const metadata = (await client.getWorkflowHandle(handle.id).query("__temporal_workflow_metadata")) as {
        currentDetails: string;
      };
      assert.equal(metadata.currentDetails, "step **one**");
      await handle.signal("finish");
      assert.equal(await handle.result(), "step **one**, then two");
    },
  },
  {
    name: "a workflow knows whether it is replayed, read only or in the sandbox",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Flags, { id: newId("flags"), taskQueue });
      assert.deepEqual(await handle.result(), { readOnly: false, sandbox: true, unrestricted: 5, isLive: true });
      assert.equal(await handle.query("isReadOnly"), true);
    },
  },
  {
    name: "a patch keeps old runs on the old path and takes new ones on the new",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("patching");
      const start = () => client.startWorkflow("Patching", { id: newId("patching"), taskQueue });
      const onWorker = async <T>(cls: WorkflowClass, use: () => Promise<T>): Promise<T> =>
        withWorker({ taskQueue, workflows: [cls], maxCachedWorkflows: 0 }, use);
      const isBegun = async (handle: Awaited<ReturnType<typeof start>>): Promise<void> => {
        for await (const { attributes } of handle.fetchHistoryEvents({ waitNewEvent: true }))
          if (attributes?.case === "workflowTaskCompletedEventAttributes") break;
      };
      const old = await start();
      await onWorker(PatchingBefore, () => isBegun(old));
      const patched = await start();
      await onWorker(PatchingBetween, async () => {
        await isBegun(patched);
        await old.signal("goOn");
        assert.equal(await old.result(), "old");
      });
      await onWorker(PatchingAfter, async () => {
        await patched.signal("goOn");
        assert.equal(await patched.result(), "new");
      });
      const kinds = await eventKindsOf(patched);
      assert.equal(count(kinds, "markerRecorded"), 1);
      check(!(await eventKindsOf(old)).includes("markerRecorded"));
    },
  },
  {
    name: "a worker decides by workflow whether it meets a patch, and the run keeps to that",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("activation");
      const module = fileURLToPath(new URL("./patch-activation.workflows.ts", import.meta.url));
      const workflowRunner = { kind: "sandboxed", interceptorModules: [module] } as const;
      const starts = ["held", "free"].map((name) => client.startWorkflow("Patching", { id: newId(name), taskQueue }));
      const handles = await Promise.all(starts);
      const options = { taskQueue, workflows: [PatchingBetween], maxCachedWorkflows: 0, workflowRunner };
      const results = await withWorker(options, async () => {
        for (const handle of handles) await handle.signal("goOn");
        return Promise.all(handles.map((handle) => handle.result()));
      });
      assert.deepEqual(results, ["old", "new"]);
      const markers = handles.map(async (handle) => count(await eventKindsOf(handle), "markerRecorded"));
      assert.deepEqual(await Promise.all(markers), [0, 1]);
    },
  },
  {
    name: "events carry the groups that code, signals and updates put them in",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Groups, { id: newId("groups"), taskQueue });
      await handle.signal("nap");
      await handle.executeUpdate("finish", { id: "the-update" });
      await handle.result();
      const { events } = await handle.fetchHistory();
      const signaled = events.find(({ attributes }) => attributes?.case === "workflowExecutionSignaledEventAttributes");
      const grouped = events.flatMap(({ attributes, eventGroupMarkers }) => {
        const kind = attributes?.case.replace("EventAttributes", "") ?? "";
        const groups = eventGroupMarkers.map(({ variant }) => {
          switch (variant?.case) {
            case "label":
              return variant.value.label === undefined ? variant.value.id : `${variant.value.id} with label`;
            case "inboundEvent":
              return variant.value.inboundEventId === signaled?.eventId ? "the signal" : "another event";
            default:
              return `update ${variant?.value.inboundUpdateId ?? ""}`;
          }
        });
        return groups.length === 0 ? [] : [[kind, ...groups].join(", ")];
      });
      assert.deepEqual(grouped.toSorted(), [
        "activityTaskScheduled, outer with label, inner",
        "markerRecorded, outer with label",
        "timerStarted, outer with label, inner",
        "timerStarted, the signal, nap",
        "timerStarted, update the-update",
        "workflowPropertiesModified, outer with label",
      ]);
    },
  },
];
