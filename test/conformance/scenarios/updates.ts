import assert from "node:assert/strict";
import { WithStartWorkflowOperation } from "perdure/client";
import { ApplicationError, WorkflowAlreadyStartedError } from "perdure/exceptions";
import { check, count, eventKindsOf, rejectionOf, updateFailureOf } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { Counter, EndsByUpdate, Leaves, Renewing } from "./updates.workflows.ts";

/** Updates, from the request to the outcome. */
export const updates: readonly Scenario[] = [
  {
    name: "an update changes a workflow and answers, and its history says so",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Counter, { args: [1], id: newId("counter"), taskQueue });
      assert.equal(await handle.executeUpdate("add", { args: [2] }), 3);
      assert.equal(await handle.executeUpdate("greetFirst", { args: ["you"] }), "Hello, you!");
      await handle.signal("finish");
      assert.equal(await handle.result(), 3);
      const kinds = await eventKindsOf(handle);
      assert.equal(count(kinds, "workflowExecutionUpdateAccepted"), 2);
      assert.equal(count(kinds, "workflowExecutionUpdateCompleted"), 2);
    },
  },
  {
    name: "an update that its validator rejects leaves no event",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Counter, { args: [1], id: newId("counter"), taskQueue });
      assert.equal(await handle.query("value"), 1);
      const before = await eventKindsOf(handle);
      const cause = await updateFailureOf(handle.executeUpdate("add", { args: [-2] }));
      check(cause instanceof ApplicationError);
      assert.deepEqual([cause.message, cause.type, cause.details], ["only upwards", "Downwards", [-2]]);
      assert.deepEqual(await eventKindsOf(handle), before);
      await handle.terminate();
    },
  },
  {
    name: "an update without a handler is rejected and says which there are",
    async run({ client, taskQueue, newId }) {
      const { id } = await client.startWorkflow(Counter, { args: [1], id: newId("counter"), taskQueue });
      const handle = client.getWorkflowHandle(id);
      assert.match((await updateFailureOf(handle.executeUpdate("subtract"))).message, /subtract.*add/s);
      await handle.terminate();
    },
  },
  {
    name: "an update is accepted first and completed later, and found again by its id",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Counter, { args: [1], id: newId("counter"), taskQueue });
      const update = await handle.startUpdate("addWhenOpen", { args: [5], id: "first" });
      assert.equal(update.id, "first");
      assert.equal(update.workflowRunId, handle.firstExecutionRunId);
      const kinds = await eventKindsOf(handle);
      check(kinds.includes("workflowExecutionUpdateAccepted") && !kinds.includes("workflowExecutionUpdateCompleted"));
      const other = client.getWorkflowHandle(handle.id, { runId: handle.resultRunId }).getUpdateHandle("first");
      const waits = Promise.all([update.result(), other.result()]);
      await handle.signal("open");
      assert.deepEqual(await waits, [6, 6]);
      assert.equal(await handle.getUpdateHandle("first").result(), 6);
      const waited = await handle.startUpdate("add", { args: [1], waitForStage: "completed" });
      assert.equal(await waited.result(), 7);
      await handle.signal("finish");
      assert.equal(await handle.result(), 7);
    },
  },
  {
    name: "the same update id is handled once and answered alike",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Counter, { args: [0], id: newId("counter"), taskQueue });
      const twice = { args: [10] as [number], id: "only-once" };
      assert.deepEqual(
        await Promise.all([handle.executeUpdate("add", twice), handle.executeUpdate("add", twice)]),
        [10, 10],
      );
      assert.equal(await handle.executeUpdate("add", twice), 10);
      await handle.signal("finish");
      assert.equal(await handle.result(), 10);
      assert.equal(await handle.executeUpdate("add", twice), 10, "a closed workflow still answers what it has done");
    },
  },
  {
    name: "a failing update handler fails the update, not the workflow",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Counter, { args: [1], id: newId("counter"), taskQueue });
      const cause = await updateFailureOf(handle.executeUpdate("refuse"));
      check(cause instanceof ApplicationError);
      assert.equal(cause.type, "No");
      await handle.signal("finish");
      assert.equal(await handle.result(), 1);
      check((await eventKindsOf(handle)).includes("workflowExecutionUpdateCompleted"));
    },
  },
  {
    name: "an update's handler knows which update it handles",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Counter, { args: [1], id: newId("counter"), taskQueue });
      const self = { id: "me", name: "whoAsks" };
      assert.deepEqual(await handle.executeUpdate("whoAsks", { id: "me" }), [self, self]);
      assert.equal(await handle.query("outsideOfUpdates"), true);
      await handle.terminate();
    },
  },
  {
    name: "update-with-start starts a workflow for its update, and finds it the next time",
    async run({ client, taskQueue, newId }) {
      const options = {
        args: [5] as [number],
        id: newId("with-start"),
        taskQueue,
        idConflictPolicy: "useExisting" as const,
      };
      const first = new WithStartWorkflowOperation(Counter, options);
      assert.equal(await client.executeUpdateWithStartWorkflow("add", { args: [1], startWorkflowOperation: first }), 6);
      const second = new WithStartWorkflowOperation(Counter, options);
      const update = await client.startUpdateWithStartWorkflow("add", {
        args: [1],
        startWorkflowOperation: second,
        id: "second",
      });
      assert.equal(await update.result(), 7);
      const [one, two] = await Promise.all([first.workflowHandle(), second.workflowHandle()]);
      assert.equal(one.resultRunId, two.resultRunId);
      await two.signal("finish");
      assert.equal(await one.result(), 7);
    },
  },
  {
    name: "update-with-start fails where the workflow must not run yet",
    async run({ client, taskQueue, newId }) {
      const options = { args: [5] as [number], id: newId("with-start"), taskQueue, idConflictPolicy: "fail" as const };
      const running = await client.startWorkflow(Counter, { args: [5], id: options.id, taskQueue });
      const operation = new WithStartWorkflowOperation(Counter, options);
      const error = await rejectionOf(
        client.executeUpdateWithStartWorkflow("add", { args: [1], startWorkflowOperation: operation }),
      );
      check(error instanceof WorkflowAlreadyStartedError, String(error));
      check((await rejectionOf(operation.workflowHandle())) instanceof WorkflowAlreadyStartedError);
      await running.terminate();
    },
  },
  {
    name: "a rejected update-with-start still starts its workflow",
    async run({ client, taskQueue, newId }) {
      const operation = new WithStartWorkflowOperation(Counter, {
        args: [5],
        id: newId("with-start"),
        taskQueue,
        idConflictPolicy: "fail",
      });
      const cause = await updateFailureOf(
        client.executeUpdateWithStartWorkflow("add", { args: [-1], startWorkflowOperation: operation }),
      );
      check(cause instanceof ApplicationError && cause.type === "Downwards");
      const handle = await operation.workflowHandle();
      await handle.signal("finish");
      assert.equal(await handle.result(), 5);
    },
  },
  {
    name: "a workflow that ends before its update fails the update",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Leaves, { id: newId("leaves"), taskQueue });
      const cause = await updateFailureOf(handle.executeUpdate("ask"));
      check(cause instanceof ApplicationError);
      assert.equal(cause.type, "AcceptedUpdateCompletedWorkflow");
      await handle.result();
    },
  },
  {
    name: "an update and the workflow that it ends are both answered",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(EndsByUpdate, { id: newId("ends"), taskQueue });
      assert.equal(await handle.executeUpdate("end", { args: ["this"] }), "taken");
      assert.equal(await handle.result(), "ended with this");
    },
  },
  {
    name: "updates reach the run that a workflow has become",
    async run({ client, taskQueue, newId, eventually }) {
      const { id, resultRunId } = await client.startWorkflow(Renewing, { args: [1], id: newId("renewing"), taskQueue });
      const handle = client.getWorkflowHandleFor(Renewing, id);
      assert.equal(await handle.executeUpdate("runId"), resultRunId);
      await handle.signal("renew");
      await eventually(async () => (await handle.describe()).runId !== resultRunId);
      assert.equal(await handle.executeUpdate("runId"), (await handle.describe()).runId);
      await handle.signal("finish");
      assert.equal(await handle.result(), 2);
    },
  },
  {
    name: "many updates at once are handled in the order of their acceptance",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Counter, { args: [0], id: newId("counter"), taskQueue });
      const values = await Promise.all(Array.from({ length: 8 }, () => handle.executeUpdate("add", { args: [1] })));
      assert.deepEqual(
        values.toSorted((a, b) => a - b),
        [1, 2, 3, 4, 5, 6, 7, 8],
      );
      await handle.signal("finish");
      assert.equal(await handle.result(), 8);
    },
  },
];
