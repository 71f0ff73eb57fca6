import assert from "node:assert/strict";
import { Client, WorkflowContinuedAsNewError, type WorkflowHandle } from "perdure/client";
import { SearchAttributeKey } from "perdure/common";
import { Runtime, silentLogger } from "perdure/runtime";
import { RPCError, RPCStatusCode } from "perdure/service";
import { WorkflowEnvironment } from "perdure/testing";
import { Worker } from "perdure/worker";
import { check, count, eventKindsOf, rejectionOf } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { KEYWORD } from "../search-attribute.ts";
import { Collecting, EverySecond, FailsOnce, Ticks } from "./client.workflows.ts";

const keyword = SearchAttributeKey.forKeyword(KEYWORD);
/** Of `google.rpc.Code`. */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;

/** A token as the service lays it out, of the first attempt of the activity that event 5 scheduled. */
function activityToken(namespaceId: string, workflowId: string, runId: string): Uint8Array {
  const text = (field: number, value: string) => [(field << 3) | 2, value.length, ...Buffer.from(value)];
  return Uint8Array.from([
    ...text(1, namespaceId),
    ...text(2, workflowId),
    ...text(3, runId),
    32,
    5,
    40,
    1,
    ...text(6, "1"),
  ]);
}

/** What a client does to workflows from outside, and how it finds them. */
export const outside: readonly Scenario[] = [
  {
    name: "a workflow is reset to its first task, with or without the signals it got since",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Collecting, { id: newId("reset"), taskQueue });
      // Answered after the first task, so that the signal comes later than that.
      assert.deepEqual(await handle.query("items"), []);
      await handle.signal("add", "one");
      assert.deepEqual(await handle.query("items"), ["one"]);
      const again = await handle.reset({ to: "firstWorkflowTask", reason: "once more" });
      check(again.runId !== undefined && again.runId !== handle.resultRunId);
      assert.deepEqual(await again.query("items"), ["one"]);
      const first = client.getWorkflowHandle(handle.id, { runId: handle.resultRunId });
      assert.equal((await first.describe()).status, "terminated");
      const bare = await first.reset({ to: "firstWorkflowTask", exclude: ["signal"] });
      assert.deepEqual(await bare.query("items"), []);
      await bare.signal("finish");
      assert.deepEqual(await bare.result(), []);
      assert.equal(count(await eventKindsOf(bare), "workflowExecutionSignaled"), 1);
    },
  },
  {
    name: "a workflow that has closed is reset to its last task or to an event",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Collecting, { id: newId("reset-closed"), taskQueue });
      await handle.signal("add", "one");
      await handle.signal("finish");
      assert.deepEqual(await handle.result(), ["one"]);
      const again = await handle.reset();
      assert.deepEqual(await again.result(), ["one"]);
      const { events } = await again.fetchHistory();
      const first = events.find(({ attributes }) => attributes?.case === "workflowTaskCompletedEventAttributes");
      check(first !== undefined);
      const third = await again.reset({ to: { eventId: first.eventId } });
      assert.deepEqual(await third.result(), ["one"]);
      const error = await rejectionOf(third.reset({ to: { eventId: 1000 } }));
      check(error instanceof RPCError);
      const none = await rejectionOf(third.reset({ to: { buildId: "none" } }));
      assert.match(String(none), /expected a task taken by build "none"/);
    },
  },
  {
    name: "a deleted workflow is not there any more",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(Collecting, { id: newId("delete"), taskQueue });
      await handle.signal("finish");
      await handle.result();
      const query = `WorkflowId = '${handle.id}' AND ExecutionStatus = 'Completed'`;
      await eventually(async () => (await client.countWorkflows(query)).count === 1);
      await handle.delete();
      // A busy service deletes late: it tries again with ever longer waits until all else about the run is done.
      await eventually(async () => isGone(handle)).catch(() => eventually(async () => isGone(handle)));
    },
  },
  {
    name: "options of a running workflow are changed, told and taken away",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Collecting, { id: newId("options"), taskQueue });
      const changed = await handle.updateOptions({
        versioningOverride: { kind: "autoUpgrade" },
        priority: { priorityKey: 4 },
      });
      assert.deepEqual(changed.versioningOverride, { kind: "autoUpgrade" });
      assert.equal(changed.priority?.priorityKey, 4);
      assert.equal((await handle.describe()).priority.priorityKey, 4);
      const taken = await handle.updateOptions({ versioningOverride: null });
      assert.equal(taken.versioningOverride, undefined);
      assert.equal(taken.priority?.priorityKey, 4);
      await handle.terminate();
    },
  },
  {
    name: "a paused workflow goes on when it is told to, where the service lets workflows pause",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(Collecting, { id: newId("pause"), taskQueue });
      const { namespaceInfo } = await client.workflowService.describeNamespace({ namespace: client.namespace });
      if (namespaceInfo?.capabilities?.workflowPause === true) {
        await handle.pause({ reason: "for a while" });
        assert.equal((await handle.describe()).status, "paused");
        await handle.signal("finish");
        await handle.unpause({ reason: "again" });
        assert.deepEqual(await handle.result(), []);
      } else {
        const error = await rejectionOf(handle.pause());
        check(error instanceof RPCError);
        await handle.terminate();
      }
      await eventually(async () => (await handle.describe()).status !== "running");
    },
  },
  {
    name: "a task token names what it is about: a namespace or a workflow that is not there is told as such",
    async run({ client }) {
      const { namespaceInfo } = await client.workflowService.describeNamespace({ namespace: client.namespace });
      check(namespaceInfo !== undefined);
      const stranger = crypto.randomUUID();
      for (const [namespaceId, message] of [
        [stranger, `Namespace ${stranger} is not found.`],
        [namespaceInfo.id, "workflow execution not found for workflow ID"],
      ] as const) {
        const taskToken = activityToken(namespaceId, crypto.randomUUID(), crypto.randomUUID());
        const error = await rejectionOf(client.getAsyncActivityHandle({ taskToken }).complete("done"));
        check(error instanceof RPCError, String(error));
        assert.equal(error.status, NOT_FOUND);
        assert.ok(error.message.includes(message), error.message);
      }
      for (const [namespace, taskToken, status, message] of [
        [stranger, Uint8Array.of(1), NOT_FOUND, `Namespace ${stranger} is not found.`],
        [stranger, new Uint8Array(0), NOT_FOUND, `Namespace ${stranger} is not found.`],
        [client.namespace, Uint8Array.of(1), INVALID_ARGUMENT, "Error deserializing task token."],
        [client.namespace, activityToken("", "w", "r"), INVALID_ARGUMENT, "Namespace not set on request."],
      ] as const) {
        const call = client.workflowService.respondActivityTaskCompleted({ namespace, taskToken });
        const error = await rejectionOf(call);
        check(error instanceof RPCError, String(error));
        assert.equal(error.status, status);
        assert.ok(error.message.includes(message), error.message);
      }
    },
  },
  {
    name: "history names the types of search attributes that the caller left open",
    async run({ client, taskQueue, newId }) {
      const encoding = Buffer.from("json/plain");
      const id = newId("untyped");
      await client.workflowService.startWorkflowExecution({
        namespace: client.namespace,
        workflowId: id,
        workflowType: { name: "Collecting" },
        taskQueue: { name: taskQueue },
        requestId: crypto.randomUUID(),
        searchAttributes: { indexedFields: { [KEYWORD]: { metadata: { encoding }, data: Buffer.from('"open"') } } },
      });
      const handle = client.getWorkflowHandle(id);
      const [started] = (await handle.fetchHistory()).events;
      check(started?.attributes?.case === "workflowExecutionStartedEventAttributes");
      const attribute = started.attributes.value.searchAttributes?.indexedFields[KEYWORD];
      assert.equal(Buffer.from(attribute?.metadata["type"] ?? []).toString(), "Keyword");
      await handle.terminate();
    },
  },
  {
    name: "workflows are counted by groups",
    async run({ client, taskQueue, newId, eventually }) {
      const place = newId("group");
      const searchAttributes = [keyword.withValue(place)];
      const open = await client.startWorkflow(Collecting, { id: newId("open"), taskQueue, searchAttributes });
      for (let index = 0; index < 2; index++) {
        const handle = await client.startWorkflow(Collecting, { id: newId("closed"), taskQueue, searchAttributes });
        await handle.signal("finish");
        await handle.result();
      }
      const query = `${KEYWORD} = '${place}'`;
      await eventually(async () => {
        const { count: all, groups } = await client.countWorkflows(`${query} GROUP BY ExecutionStatus`);
        return all === 3 && groups.length === 2;
      });
      const { groups } = await client.countWorkflows(`${query} GROUP BY ExecutionStatus`);
      assert.deepEqual(
        groups
          .map(({ count: size, groupValues }) => [size, ...groupValues])
          .toSorted(([one], [other]) => Number(one) - Number(other)),
        [
          [1, "Running"],
          [2, "Completed"],
        ],
      );
      await open.terminate();
    },
  },
  {
    name: "the close event of a run says that another follows, by cron as by retry",
    async run({ client, taskQueue, newId }) {
      const cron = await client.startWorkflow(EverySecond, { id: newId("cron"), taskQueue, cronSchedule: "@every 1s" });
      const first = client.getWorkflowHandle(cron.id, { runId: cron.resultRunId });
      const seen: (string | undefined)[] = [];
      for await (const event of first.fetchHistoryEvents({ filter: "closeEvent", waitNewEvent: true })) {
        seen.push(event.attributes?.case);
      }
      assert.deepEqual(seen, ["workflowExecutionContinuedAsNewEventAttributes"]);
      const { events } = await first.fetchHistory();
      assert.equal(events.at(-1)?.attributes?.case, "workflowExecutionCompletedEventAttributes");
      const features = { metadata: { "supported-features": "follows-next-run-id" } };
      const told = await first.fetchHistory({ filter: "closeEvent", ...features });
      assert.deepEqual(
        told.events.map(({ attributes }) => attributes?.case),
        ["workflowExecutionCompletedEventAttributes"],
      );
      check((await rejectionOf(cron.result({ followRuns: false }))) instanceof WorkflowContinuedAsNewError);
      await cron.terminate();
      const retried = await client.startWorkflow(FailsOnce, {
        id: newId("retry"),
        taskQueue,
        retryPolicy: { initialInterval: 10 },
      });
      check((await rejectionOf(retried.result({ followRuns: false }))) instanceof WorkflowContinuedAsNewError);
      assert.equal(await retried.result(), 2);
    },
  },
  {
    name: "a second client of a connection has its own namespace and options",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(Collecting, { id: newId("second"), taskQueue });
      const second = new Client(client.connection, { ...client.options, identity: "the second" });
      await second.getWorkflowHandleFor(Collecting, handle.id).signal("add", "by the second");
      // A signal that comes while a workflow task runs is not in history before that has ended.
      await eventually(async () => {
        const { events } = await handle.fetchHistory();
        const signaled = events.find(
          ({ attributes }) => attributes?.case === "workflowExecutionSignaledEventAttributes",
        );
        if (signaled?.attributes?.case !== "workflowExecutionSignaledEventAttributes") return false;
        assert.equal(signaled.attributes.value.identity, "the second");
        return true;
      });
      const elsewhere = new Client(client.connection, { ...client.options, namespace: newId("nowhere") });
      const error = await rejectionOf(elsewhere.getWorkflowHandle(handle.id).describe());
      check(error instanceof RPCError);
      assert.equal(error.status, NOT_FOUND);
      await handle.terminate();
    },
  },
  {
    name: "a worker of the client gets the first task of a workflow with the answer to its start",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("eager");
      await withWorker({ taskQueue, workflows: [EverySecond] }, async () => {
        const handle = await client.startWorkflow(EverySecond, {
          id: taskQueue,
          taskQueue,
          requestEagerStart: true,
          // A task that was lost would come again after this only.
          taskTimeout: "1h",
        });
        assert.equal(handle.eagerlyStarted, true);
        assert.equal(await handle.result(), 1);
        const [started] = (await handle.fetchHistory()).events;
        check(started?.attributes?.case === "workflowExecutionStartedEventAttributes");
        assert.equal(started.attributes.value.eagerExecutionAccepted, true);
      });
    },
  },
  {
    name: "a query that no worker answers ends when the caller's time is up",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("unanswered");
      const handle = await client.startWorkflow(Collecting, { id: taskQueue, taskQueue });
      await withWorker({ taskQueue, workflows: [Collecting] }, async () => {
        await handle.signal("finish");
        await handle.result();
        assert.deepEqual(await handle.query("items"), []);
      });
      const error = await rejectionOf(handle.with({ timeoutMs: 1000 }).query("items"));
      check(error instanceof RPCError, String(error));
      check(
        error.status === RPCStatusCode.DEADLINE_EXCEEDED || error.status === RPCStatusCode.CANCELLED,
        String(error),
      );
    },
  },
  {
    name: "a worker that is given another client goes on with the other's service",
    async run({ client, newId, eventually }) {
      const taskQueue = newId("replaced");
      await using elsewhere = await WorkflowEnvironment.startLocal();
      const options = { id: taskQueue, taskQueue };
      const here = await client.startWorkflow(Ticks, options);
      const there = await elsewhere.client.startWorkflow(Ticks, options);
      const isWorkedOn = async (handle: WorkflowHandle<Ticks>): Promise<boolean> =>
        (await eventKindsOf(handle)).includes("workflowTaskCompleted");
      const worker = await Worker.create(client, {
        taskQueue,
        workflows: [Ticks],
        maxCachedWorkflows: 0,
        workflowTaskPollerBehavior: { kind: "simpleMaximum", maximum: 1 },
        runtime: new Runtime({ logger: silentLogger }),
      });
      await worker.runUntil(async () => {
        await eventually(() => isWorkedOn(here));
        assert.equal(await isWorkedOn(there), false);
        worker.client = elsewhere.client;
        await eventually(() => isWorkedOn(there));
        for (const handle of [here, there]) await handle.terminate();
      });
    },
  },
  {
    name: "the histories of what a query finds come one after the other",
    async run({ client, taskQueue, newId, eventually }) {
      const place = newId("histories");
      const ids = [newId("history"), newId("history")];
      for (const id of ids) {
        const searchAttributes = [keyword.withValue(place)];
        const handle = await client.startWorkflow(Collecting, { id, taskQueue, searchAttributes });
        await handle.signal("finish");
        await handle.result();
      }
      const query = `${KEYWORD} = '${place}' AND ExecutionStatus = 'Completed'`;
      await eventually(async () => (await client.countWorkflows(query)).count === 2);
      const found = [];
      for await (const { workflowId, events } of client.listWorkflows(query, { pageSize: 1 }).mapHistories()) {
        found.push(workflowId);
        assert.equal(events.at(-1)?.attributes?.case, "workflowExecutionCompletedEventAttributes");
      }
      assert.deepEqual(found.toSorted(), ids.toSorted());
    },
  },
];

async function isGone(handle: Pick<WorkflowHandle, "describe">): Promise<boolean> {
  return handle.describe().then(
    () => false,
    (error: unknown) => error instanceof RPCError && error.status === NOT_FOUND,
  );
}
