import assert from "node:assert/strict";
import { WorkflowQueryFailedError } from "perdure/client";
import { RPCError, RPCStatusCode } from "perdure/service";
import { check, count, eventKindsOf, rejectionOf } from "../expectations.ts";
import { failuresOf } from "../failure-counts.ts";
import type { Scenario } from "../scenario.ts";
import {
  AsksTooMuch,
  BreaksForAWhile,
  EndsByFirst,
  Learns,
  Listens,
  MindsQueries,
  TakesUpdates,
  type Trespass,
} from "./messages.workflows.ts";

/** Signals, queries and updates, and what becomes of them. */
export const messages: readonly Scenario[] = [
  {
    name: "signals and queries come by method, by given name and by any name, and a query sees the signals before it",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Listens, { id: newId("listens"), taskQueue });
      const untyped = client.getWorkflowHandle(handle.id);
      await handle.signal("hear", "by method");
      assert.equal(await handle.query("last"), "hear: by method");
      await untyped.signal("unheard", "by any name");
      assert.equal(await handle.query("last"), "any unheard: by any name");
      assert.equal(await untyped.query("unasked", "by any name"), "any unasked: by any name");
      await untyped.signal("Custom Name", "by given name");
      assert.equal(await handle.query("last"), "hearCustom: by given name");
      await handle.signal("hearCustom", "by its method");
      assert.equal(await handle.query("last"), "hearCustom: by its method");
      assert.equal(await untyped.query("Custom Name", "by given name"), "tellCustom: by given name");
      assert.equal(await handle.query("tellCustom", "by its method"), "tellCustom: by its method");
      await handle.terminate();
    },
  },
  {
    name: "signals wait for a handler that another signal sets, named or for any name",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Learns, { id: newId("learns"), taskQueue });
      const untyped = client.getWorkflowHandle(handle.id);
      await untyped.signal("one", "early");
      await handle.signal("learnSignal", "one");
      assert.equal(await handle.query("last"), "signal one: early");
      await untyped.signal("one", "in time");
      assert.equal(await handle.query("last"), "signal one: in time");
      await untyped.signal("two", "early");
      await handle.signal("learnAnySignal");
      assert.equal(await handle.query("last"), "any signal two: early");
      await untyped.signal("three", "in time");
      assert.equal(await handle.query("last"), "any signal three: in time");
      await handle.signal("learnQuery", "four");
      assert.equal(await untyped.query("four", "asked"), "query four: asked");
      await handle.signal("learnAnyQuery");
      assert.equal(await untyped.query("five", "asked"), "any query five: asked");
      await handle.terminate();
    },
  },
  {
    name: "a query may change nothing, by whatever means",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(AsksTooMuch, { id: newId("asks"), taskQueue });
      const ways = await handle.query("ways");
      assert.ok(ways.length > 10);
      for (const way of ways as readonly Trespass[]) {
        const error = await rejectionOf(handle.query("trespass", way));
        check(error instanceof WorkflowQueryFailedError, `${way}: ${String(error)}`);
        assert.match(error.message, new RegExp(`^Cannot ${way}: .*may change nothing$`));
      }
      const kinds = await eventKindsOf(handle);
      assert.deepEqual(
        kinds.filter((kind) => !/^workflow(Task|ExecutionStarted)/.test(kind)),
        [],
      );
      assert.equal(count(kinds, "workflowTaskFailed"), 0);
      await handle.terminate();
    },
  },
  {
    name: "a query does not make the workflow ask for its conditions",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(MindsQueries, { id: newId("minds"), taskQueue });
      const asked = await handle.query("asked");
      assert.ok(asked > 0);
      assert.equal(await handle.query("asked"), asked);
      assert.equal((await handle.describe()).status, "running");
      await handle.terminate();
    },
  },
  {
    name: "updates come by method, by given name and by any name, and see those before them",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(TakesUpdates, { id: newId("updates"), taskQueue });
      const untyped = client.getWorkflowHandle(handle.id);
      assert.equal(await untyped.executeUpdate("setByRun"), "worked");
      assert.equal(await handle.executeUpdate("note", { args: ["one"] }), "nothing");
      assert.equal(await handle.executeUpdate("noteLater", { args: ["two"] }), "one");
      await handle.executeUpdate("learnAny");
      assert.equal(await untyped.executeUpdate("unheard"), "any unheard");
      assert.equal(await handle.executeUpdate("named"), "named");
      assert.equal(await untyped.executeUpdate("renamed"), "named");
      assert.equal(await untyped.executeUpdate("note", { args: ["three"] }), "two");
      await handle.terminate();
    },
  },
  {
    name: "a validator that issues a command, and a mistake in a handler, fail the task until they are mended, not the update",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(BreaksForAWhile, { id: newId("breaks"), taskQueue, taskTimeout: "1s" });
      assert.equal(await handle.executeUpdate("checked"), "done");
      assert.equal(await handle.executeUpdate("mistaken"), "done");
      assert.deepEqual(failuresOf(handle.resultRunId ?? ""), { validator: 2, handler: 1, run: 0 });
      check(!(await eventKindsOf(handle)).includes("activityTaskScheduled"));
      await handle.terminate();
    },
  },
  {
    name: "an update by the handle of a workflow that has ended does not reach another one of its id",
    async run({ client, taskQueue, newId }) {
      const options = { id: newId("again"), taskQueue };
      const first = await client.startWorkflow(EndsByFirst, options);
      await first.executeUpdate("end");
      await first.result();
      const second = await client.startWorkflow(EndsByFirst, options);
      const error = await rejectionOf(first.executeUpdate("end"));
      check(error instanceof RPCError, String(error));
      assert.equal(error.status, RPCStatusCode.NOT_FOUND);
      assert.match(error.message, /workflow execution not found/);
      assert.equal((await second.describe()).status, "running");
      await second.executeUpdate("end");
      await second.result();
    },
  },
];
