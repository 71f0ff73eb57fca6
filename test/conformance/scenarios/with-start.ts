import assert from "node:assert/strict";
import {
  Client,
  type ClientInterceptor,
  HeaderCodecBehavior,
  WithStartWorkflowOperation,
  WorkflowUpdateFailedError,
} from "perdure/client";
import { WorkflowIDConflictPolicy, WorkflowIDReusePolicy } from "perdure/common";
import { DataConverter, type PayloadCodec } from "perdure/converter";
import { WorkflowAlreadyStartedError } from "perdure/exceptions";
import { check, rejectionOf } from "../expectations.ts";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import { AnswersOnce, GivesBack, TakesUpdatesFirst } from "./with-start.workflows.ts";

type Policy = "fail" | "useExisting";
type Handler = "atOnce" | "afterActivity";
type World = Pick<ScenarioWorld, "client" | "taskQueue" | "newId">;

function takesUpdates({ taskQueue }: World, id: string, number: number, idConflictPolicy: Policy = "fail") {
  return new WithStartWorkflowOperation(TakesUpdatesFirst, { args: [number], id, taskQueue, idConflictPolicy });
}

/** Both the update and the handle of the workflow say that it runs already. */
async function checkTaken(update: Promise<unknown>, operation: { workflowHandle(): Promise<unknown> }): Promise<void> {
  for (const promise of [update, operation.workflowHandle()])
    check((await rejectionOf(promise)) instanceof WorkflowAlreadyStartedError);
}

async function executeTwice(world: World, update: Handler, policy: Policy): Promise<void> {
  const { client } = world;
  const id = world.newId("with-start");
  const first = takesUpdates(world, id, 1, policy);
  const execute = (what: string, startWorkflowOperation: typeof first): Promise<unknown> =>
    client.executeUpdateWithStartWorkflow(update, { args: [what], startWorkflowOperation });
  assert.equal(await execute("1", first), "update 1");
  check((await first.workflowHandle()).firstExecutionRunId);
  const second = takesUpdates(world, id, 2, policy);
  if (policy === "fail") await checkTaken(execute("2", second), second);
  else {
    assert.equal(await execute("2", second), "update 2");
    check((await second.workflowHandle()).firstExecutionRunId);
  }
  const handle = await first.workflowHandle();
  await handle.signal("finish");
  assert.equal(await handle.result(), "workflow 1");
}

function takesTwoStarts(update: Handler, policy: Policy): Scenario {
  return {
    name: `two updates with start of one workflow, ${update}, where a workflow that runs means ${policy}`,
    async run(world) {
      await executeTwice(world, update, policy);
      for (const waitForStage of ["accepted", "completed"] as const) {
        const startWorkflowOperation = takesUpdates(world, world.newId("with-start"), 1, policy);
        const options = { args: ["1"], waitForStage, startWorkflowOperation } as const;
        const handle = await world.client.startUpdateWithStartWorkflow(update, { ...options, args: ["1"] });
        assert.equal(await handle.result(), "update 1");
        await (await startWorkflowOperation.workflowHandle()).terminate();
      }
    },
  };
}

const policies = (["useExisting", "fail"] as const).flatMap((idConflictPolicy) =>
  (["allowDuplicate", "rejectDuplicate"] as const).map((idReusePolicy) => ({ idConflictPolicy, idReusePolicy })),
);

interface Policies {
  readonly idConflictPolicy: Exclude<WorkflowIDConflictPolicy, "unspecified">;
  readonly idReusePolicy: WorkflowIDReusePolicy;
}

/** Starts the same workflow with the same update, each time with an operation of its own. */
function repeatable({ client, taskQueue, newId }: World, policiesOfId: Policies, workflowWaits: boolean) {
  const ids = { id: newId("answers-once"), updateId: newId("update") };
  const operation = () =>
    new WithStartWorkflowOperation(AnswersOnce, { args: [workflowWaits], id: ids.id, taskQueue, ...policiesOfId });
  return {
    async execute(waits: boolean) {
      const startWorkflowOperation = operation();
      const options = { args: [waits] as [boolean], id: ids.updateId, startWorkflowOperation };
      const answer = await client.executeUpdateWithStartWorkflow("answer", options);
      return { answer, handle: await startWorkflowOperation.workflowHandle() };
    },
    async start(waits: boolean) {
      const startWorkflowOperation = operation();
      const options = { args: [waits] as [boolean], id: ids.updateId, startWorkflowOperation };
      const update = await client.startUpdateWithStartWorkflow("answer", { ...options, waitForStage: "accepted" });
      return { update, handle: await startWorkflowOperation.workflowHandle() };
    },
  };
}

/** Marks what it has encoded, and knows what it is given twice. */
function createSealing() {
  const sealed = new TextEncoder().encode("sealed");
  let encodedTwice = 0;
  const codec: PayloadCodec = {
    async encode(payloads) {
      encodedTwice += payloads.filter(({ metadata }) => metadata["seal"] !== undefined).length;
      return payloads.map((payload) => ({ ...payload, metadata: { ...payload.metadata, seal: sealed } }));
    },
    decode: async (payloads) =>
      payloads.map(({ metadata: { seal: _seal, ...metadata }, ...payload }) => ({ ...payload, metadata })),
  };
  return { codec, encodedTwice: () => encodedTwice };
}

/** Changes what updates with start are sent with. */
function interceptor(
  change: (input: Parameters<NonNullable<Intercepted["startUpdateWithStart"]>>[0]) => typeof input,
): ClientInterceptor {
  return {
    interceptClient: (next) => ({ ...next, startUpdateWithStart: (input) => next.startUpdateWithStart(change(input)) }),
  };
}
type Intercepted = ReturnType<NonNullable<ClientInterceptor["interceptClient"]>>;

/** Updates that are sent together with the start of their workflow. */
export const withStart: readonly Scenario[] = [
  takesTwoStarts("atOnce", "fail"),
  takesTwoStarts("atOnce", "useExisting"),
  takesTwoStarts("afterActivity", "useExisting"),
  {
    name: "an operation of an update with start is used once",
    async run(world) {
      const { client, newId } = world;
      const startWorkflowOperation = takesUpdates(world, newId("with-start"), 0);
      const options = { args: ["1"] as [string], startWorkflowOperation };
      await client.executeUpdateWithStartWorkflow("atOnce", options);
      const error = await rejectionOf(client.executeUpdateWithStartWorkflow("atOnce", options));
      check(error instanceof Error);
      assert.match(error.message, /the operation was used already/);
      await (await startWorkflowOperation.workflowHandle()).terminate();
    },
  },
  {
    name: "the workflow of an update with start is known also when the update fails",
    async run(world) {
      const { client, newId } = world;
      const start = async (id: string, what: string) => {
        const startWorkflowOperation = takesUpdates(world, id, 0);
        const options = { args: [what] as [string], startWorkflowOperation, waitForStage: "completed" as const };
        const update = client.startUpdateWithStartWorkflow("atOnce", options);
        return { update, operation: startWorkflowOperation };
      };
      const [one, other, third] = [newId("with-start"), newId("with-start"), newId("with-start")];
      const good = await start(one, "1");
      assert.equal(await (await good.update).result(), "update 1");
      check((await good.operation.workflowHandle()).firstExecutionRunId);
      const taken = await start(one, "2");
      await checkTaken(taken.update, taken.operation);
      const failing = await start(other, "fail");
      check((await rejectionOf((await failing.update).result())) instanceof WorkflowUpdateFailedError);
      const handle = await failing.operation.workflowHandle();
      check(handle.firstExecutionRunId);
      await handle.signal("finish");
      assert.equal(await handle.result(), "workflow 0");
      const operation = takesUpdates(world, third, 0);
      const executed = client.executeUpdateWithStartWorkflow("atOnce", {
        args: ["fail"],
        startWorkflowOperation: operation,
      });
      check((await rejectionOf(executed)) instanceof WorkflowUpdateFailedError);
      check((await operation.workflowHandle()).firstExecutionRunId);
    },
  },
  ...[[], ["one"], ["one", "two"]].map((args): Scenario => ({
    name: `an update with start and its workflow take ${args.length} arguments, by class and by name`,
    async run({ client, taskQueue, newId }) {
      const options = { args, taskQueue, idConflictPolicy: "fail" as const };
      const typed = new WithStartWorkflowOperation(GivesBack, { ...options, id: newId("gives-back") });
      const update = await client.startUpdateWithStartWorkflow("update", {
        args,
        waitForStage: "completed",
        startWorkflowOperation: typed,
      });
      const named = new WithStartWorkflowOperation("GivesBack", { ...options, id: newId("gives-back") });
      const byName = await client.startUpdateWithStartWorkflow("give-back", {
        args,
        waitForStage: "completed",
        startWorkflowOperation: named,
      });
      const text = args.join("-");
      for (const [updated, operation] of [[update, typed] as const, [byName, named] as const]) {
        assert.deepEqual(await updated.result(), { result: `update-${text}` });
        assert.deepEqual(await (await operation.workflowHandle()).result(), { result: `workflow-${text}` });
      }
    },
  })),
  {
    name: "an interceptor changes the arguments of an update with start and of its workflow",
    async run({ client, taskQueue, newId }) {
      const changing = interceptor((input) => ({
        ...input,
        start: { ...input.start, args: ["changed start"] },
        update: { ...input.update, args: ["changed update"] },
      }));
      const own = new Client(client.connection, { ...client.options, interceptors: [changing] });
      const options = { args: ["as given"], id: newId("gives-back"), taskQueue, idConflictPolicy: "fail" as const };
      const startWorkflowOperation = new WithStartWorkflowOperation(GivesBack, options);
      const updated = await own.executeUpdateWithStartWorkflow("update", {
        args: ["as given"],
        startWorkflowOperation,
      });
      assert.deepEqual(updated, { result: "update-changed update" });
      assert.deepEqual(await (await startWorkflowOperation.workflowHandle()).result(), {
        result: "workflow-changed start",
      });
    },
  },
  {
    name: "a header that start and update of one call share is encoded once for each",
    async run({ client, newId, withWorker }) {
      const { codec, encodedTwice } = createSealing();
      const header = { metadata: {}, data: new TextEncoder().encode("shared"), externalPayloads: [] };
      const sharing = interceptor((input) => ({
        ...input,
        start: { ...input.start, headers: { shared: header } },
        update: { ...input.update, headers: { shared: header } },
      }));
      const own = new Client(client.connection, {
        ...client.options,
        dataConverter: new DataConverter({ codec }),
        headerCodecBehavior: HeaderCodecBehavior.codec,
        interceptors: [sharing],
      });
      const taskQueue = newId("shared-header");
      const seen: unknown[] = [];
      const module = new URL("./header-reading.workflows.ts", import.meta.url).href;
      const workerInterceptor = {
        workflowInterceptorModule: module,
        sinks: { header: (text: unknown) => seen.push(text) },
      };
      const startWorkflowOperation = new WithStartWorkflowOperation(GivesBack, {
        args: ["it"],
        id: newId("gives-back"),
        taskQueue,
        idConflictPolicy: "fail",
      });
      await withWorker(
        { taskQueue, workflows: [GivesBack], interceptors: [workerInterceptor] },
        async () => {
          const options = { args: ["it"], startWorkflowOperation };
          assert.deepEqual(await own.executeUpdateWithStartWorkflow("update", options), { result: "update-it" });
          await (await startWorkflowOperation.workflowHandle()).result();
        },
        own,
      );
      assert.equal(encodedTwice(), 0);
      assert.deepEqual(seen, ["shared"]);
    },
  },
  ...policies.map((ofId): Scenario => ({
    name: `an update with start finds the update that its workflow has completed: ${ofId.idConflictPolicy}, ${ofId.idReusePolicy}`,
    async run(world) {
      for (const workflowWaits of [false, true]) {
        const call = repeatable(world, ofId, workflowWaits);
        const first = await call.execute(false);
        assert.equal((await first.handle.describe()).status, workflowWaits ? "running" : "completed");
        const second = await call.execute(false);
        assert.equal(second.answer, first.answer);
        assert.equal(second.handle.firstExecutionRunId, first.handle.firstExecutionRunId);
        await first.handle.signal("letEnd").catch(() => {});
      }
    },
  })),
  ...policies.map((ofId): Scenario => ({
    name: `an update with start finds the update that its workflow is at: ${ofId.idConflictPolicy}, ${ofId.idReusePolicy}`,
    async run(world) {
      const call = repeatable(world, ofId, true);
      const first = await call.start(true);
      assert.equal((await first.handle.describe()).status, "running");
      const second = await call.start(false);
      assert.equal(second.handle.firstExecutionRunId, first.handle.firstExecutionRunId);
      await first.handle.signal("letAnswer");
      assert.equal(await second.update.result(), await first.update.result());
      await first.handle.signal("letEnd");
    },
  })),
  ...policies.map((ofId): Scenario => ({
    name: `an update with start does not find what its workflow has left undone: ${ofId.idConflictPolicy}, ${ofId.idReusePolicy}`,
    async run(world) {
      const call = repeatable(world, ofId, false);
      const first = await call.start(true);
      assert.equal((await first.handle.describe()).status, "completed");
      if (ofId.idReusePolicy === "allowDuplicate") {
        const second = await call.execute(false);
        assert.notEqual(second.handle.firstExecutionRunId, first.handle.firstExecutionRunId);
      } else check((await rejectionOf(call.execute(false))) instanceof WorkflowAlreadyStartedError);
    },
  })),
];
