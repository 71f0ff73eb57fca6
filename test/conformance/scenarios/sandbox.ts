import assert from "node:assert/strict";
import * as workflow from "perdure/workflow";
import { check } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { ofModule } from "./module-state.ts";
import {
  DrawsAgain,
  isLoadedInSandbox,
  KeepsModuleState,
  LooksAround,
  ofWorkflows,
  TellsUpdatesApart,
} from "./sandbox.workflows.ts";

interface Drawn {
  readonly first: string;
  readonly last: string;
  readonly seeds: readonly string[];
  readonly drawn: readonly number[];
}

/** What surrounds workflow code. */
export const surroundings: readonly Scenario[] = [
  {
    name: "ten runs at a time have module state of their own each, and the program keeps its own",
    async run({ client, taskQueue, newId, eventually }) {
      const handles = await Promise.all(
        Array.from({ length: 10 }, () => client.startWorkflow(KeepsModuleState, { id: newId("state"), taskQueue })),
      );
      for (const handle of handles)
        await eventually(async () => (await handle.query("state")).ofWorkflows.includes("run"));
      for (const [index, handle] of handles.entries()) await handle.signal("add", `signal ${index}`);
      for (const handle of handles) await handle.signal("add", "finish");
      for (const [index, handle] of handles.entries()) {
        const all = ["at first", "made", "run", `signal ${index}`, "finish"];
        assert.deepEqual(await handle.result(), { ofWorkflows: all, ofModule: all });
      }
      assert.deepEqual([ofWorkflows, ofModule], [["at first"], ["at first"]]);
    },
  },
  {
    name: "code knows whether it is in a workflow and in the sandbox, from the loading of its module on",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("looks");
      const activities = { looksAround: () => workflow.inWorkflow() };
      const found = await withWorker({ taskQueue, workflows: [LooksAround], activities }, () =>
        client.executeWorkflow(LooksAround, { id: newId("looks"), taskQueue }),
      );
      const inSandbox = [true, true, true];
      assert.deepEqual(found, { inSandbox, isNamed: true, days: 19, inWorkflow: true, inActivity: false });
      assert.deepEqual([isLoadedInSandbox, workflow.unsafe.inSandbox(), workflow.inWorkflow()], [false, false, false]);
    },
  },
  {
    name: "a reset gives a workflow another seed, of which it is told once",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(DrawsAgain, { id: newId("draws"), taskQueue });
      await eventually(async () =>
        (await handle.fetchHistory()).events.some(
          ({ attributes, eventId }) => attributes?.case === "workflowTaskCompletedEventAttributes" && eventId > 4,
        ),
      );
      await client.getWorkflowHandle(handle.id).reset({ reason: "another seed" });
      const again = client.getWorkflowHandleFor(DrawsAgain, handle.id);
      await again.signal("goOn");
      const { first, last, seeds, drawn } = (await again.result()) as Drawn;
      assert.notEqual(first, last);
      assert.deepEqual(seeds, [last]);
      assert.equal(new Set(drawn).size, 2);
    },
  },
  {
    name: "updates at the same time each know which they are, in validators and in code that waits",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(TellsUpdatesApart, { id: newId("apart"), taskQueue });
      const ids = Array.from({ length: 5 }, (_one, index) => `update-${index}`);
      assert.deepEqual(await Promise.all(ids.map((id) => handle.executeUpdate("tell", { id }))), ids);
      const result = (await handle.result()) as { readonly ids: readonly string[] };
      assert.deepEqual(result.ids.toSorted(), ids);
      check(!("before" in result) && !("after" in result));
    },
  },
];
