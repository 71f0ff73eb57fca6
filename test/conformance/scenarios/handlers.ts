import assert from "node:assert/strict";
import { WorkflowQueryFailedError } from "perdure/client";
import { check, rejectionOf, updateFailureOf } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { Changing, Circle, Ledger, Plain, Talkative, Unsandboxed, WaitsForHandlers } from "./handlers.workflows.ts";

/** What `__temporal_workflow_metadata` answers, as far as it is looked at here. */
interface Metadata {
  readonly currentDetails: string;
  readonly definition: {
    readonly type: string;
    readonly signalDefinitions: readonly { readonly name?: string; readonly description?: string }[];
    readonly queryDefinitions: readonly { readonly name?: string; readonly description?: string }[];
    readonly updateDefinitions: readonly { readonly name?: string; readonly description?: string }[];
  };
}

/** How workflows and their handlers are defined. */
export const handlers: readonly Scenario[] = [
  {
    name: "init gets the arguments before any handler and before run",
    async run({ client, taskQueue, newId }) {
      const options = { args: ["Ada"] as [string], id: newId("ledger"), taskQueue };
      const handle = await client.startWorkflow(Ledger, {
        ...options,
        startSignal: "add-entry",
        startSignalArgs: ["early"],
      });
      await handle.signal("close");
      assert.deepEqual((await handle.result()).slice(0, 3), ["opened by Ada", "early", "run by Ada"]);
    },
  },
  {
    name: "a workflow and its handlers go by the names they were given",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow("LedgerOfAll", { args: ["Ada"], id: newId("ledger"), taskQueue });
      await handle.signal("add-entry", "one");
      const typed = client.getWorkflowHandleFor(Ledger, handle.id);
      await typed.signal("add", "two");
      assert.deepEqual(
        (await typed.query("entries")).filter((entry) => entry === "one" || entry === "two"),
        ["one", "two"],
      );
      assert.equal(await typed.executeUpdate("replace", { args: ["three"] }), 1);
      assert.equal(await typed.query("isOwnObject"), true);
      await typed.signal("close");
      assert.deepEqual(await typed.result(), ["three"]);
    },
  },
  {
    name: "dynamic handlers take what no other does, with raw arguments",
    async run({ client, taskQueue, newId }) {
      const { id } = await client.startWorkflow(Ledger, { args: ["Ada"], id: newId("ledger"), taskQueue });
      const handle = client.getWorkflowHandle(id);
      await handle.signal("anything", 1, "two");
      assert.deepEqual(await handle.query("something", { a: 1 }), ["something", { a: 1 }]);
      assert.deepEqual(await handle.executeUpdate("whatever", { args: [true] }), ["whatever", true]);
      await handle.signal("close");
      assert.deepEqual(((await handle.result()) as unknown[]).find(Array.isArray), ["anything", 1, "two"]);
    },
  },
  {
    name: "a dynamic workflow takes types that no other has",
    async run({ client, taskQueue, newId }) {
      assert.deepEqual(
        await client.executeWorkflow("NeverHeardOf", { args: [1, "x"], id: newId("anything"), taskQueue }),
        ["NeverHeardOf", 1, "x"],
      );
    },
  },
  {
    name: "handlers are set, asked for and taken away at run time, and signals wait for theirs",
    async run({ client, taskQueue, newId }) {
      const { id } = await client.startWorkflow(Changing, {
        id: newId("changing"),
        taskQueue,
        startSignal: "late",
        startSignalArgs: [1],
      });
      const handle = client.getWorkflowHandle(id);
      await handle.signal("late", 2);
      await handle.signal("odd", "three");
      await handle.executeUpdate("double", { args: [1] }).catch(() => undefined);
      const { events } = await handle.fetchHistory();
      check(events.length > 0);
      await retry(async () => assert.equal(await handle.executeUpdate("double", { args: [4] }), 8));
      assert.match((await updateFailureOf(handle.executeUpdate("double", { args: [-1] }))).message, /not below zero/);
      assert.equal(await handle.executeUpdate("unheard"), "updated unheard");
      assert.equal(await handle.query("unasked"), "asked for unasked");
      const seen = (await handle.query("seen")) as unknown[];
      assert.deepEqual(seen, [1, 2, ["odd", "three"]]);
      await handle.signal("last");
      assert.deepEqual(await handle.result(), { seen, isKnown: true, areKnown: true, isGone: true });
    },
  },
  {
    name: "handlers are inherited, and a subclass may override them",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Circle, { id: newId("circle"), taskQueue });
      assert.equal(await handle.query("what"), "round shape");
      await handle.signal("finish");
      assert.equal(await handle.result(), "round shape");
    },
  },
  {
    name: "a class is declared a workflow without decorators",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Plain, { args: ["as that"], id: newId("plain"), taskQueue });
      await handle.signal("shut");
      assert.equal(await handle.result(), "plain as that");
    },
  },
  {
    name: "the metadata query tells handlers, descriptions and current details",
    async run({ client, taskQueue, newId }) {
      const { id } = await client.startWorkflow(Ledger, { args: ["Ada"], id: newId("ledger"), taskQueue });
      const handle = client.getWorkflowHandle(id);
      const { definition, currentDetails } = (await handle.query("__temporal_workflow_metadata")) as Metadata;
      assert.equal(definition.type, "LedgerOfAll");
      assert.equal(currentDetails, "ledger of Ada");
      check(
        definition.signalDefinitions.some(
          ({ name, description }) => name === "add-entry" && description === "Adds an entry",
        ),
      );
      check(
        definition.signalDefinitions.some(({ name, description }) => !name && description === "Takes what is left"),
      );
      check(
        definition.queryDefinitions.some(
          ({ name, description }) => name === "entries" && description === "All entries",
        ),
      );
      check(definition.updateDefinitions.some(({ name }) => name === "replace"));
      await handle.terminate();
    },
  },
  {
    name: "the stack trace query shows where a workflow waits",
    async run({ client, taskQueue, newId }) {
      const { id } = await client.startWorkflow(Ledger, { args: ["Ada"], id: newId("ledger"), taskQueue });
      const handle = client.getWorkflowHandle(id);
      assert.match(String(await handle.query("__stack_trace")), /handlers\.workflows\.ts/);
      assert.match(JSON.stringify(await handle.query("__enhanced_stack_trace")), /handlers\.workflows\.ts/);
      await handle.terminate();
    },
  },
  {
    name: "a query without a handler fails and says which there are",
    async run({ client, taskQueue, newId }) {
      const { id } = await client.startWorkflow(Circle, { id: newId("circle"), taskQueue });
      const handle = client.getWorkflowHandle(id);
      const error = await rejectionOf(handle.query("colour"));
      check(error instanceof WorkflowQueryFailedError);
      assert.match(error.message, /colour.*what/s);
      await handle.terminate();
    },
  },
  {
    name: "a query whose answer is too large fails, even where the worker sends it",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("talkative");
      const options = { taskQueue, workflows: [Talkative], disablePayloadErrorLimit: true };
      await withWorker(options, async () => {
        const handle = await client.startWorkflow(Talkative, { id: taskQueue, taskQueue });
        const error = await rejectionOf(handle.query("everything"));
        check(error instanceof Error);
        assert.equal(error.message.includes("Blob data size exceeds limit."), true);
        await handle.terminate();
      });
    },
  },
  {
    name: "a workflow waits for its handlers before it ends",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(WaitsForHandlers, { id: newId("waits"), taskQueue });
      await handle.signal("slow", "a");
      assert.deepEqual(await handle.result(), ["a began", "a ended", "finished before: false"]);
    },
  },
  {
    name: "a workflow that opts out runs outside of the sandbox",
    async run({ client, taskQueue, newId }) {
      assert.equal(await client.executeWorkflow(Unsandboxed, { id: newId("unsandboxed"), taskQueue }), false);
    },
  },
];

/** The workflow sets its handlers after a moment, until which an update finds none. */
async function retry(attempt: () => Promise<void>): Promise<void> {
  const ATTEMPTS = 200;
  for (let left = ATTEMPTS; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}
