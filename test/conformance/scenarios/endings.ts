import assert from "node:assert/strict";
import { type WorkflowHandle, WorkflowUpdateFailedError } from "perdure/client";
import { ApplicationError, CancelledError } from "perdure/exceptions";
import { RPCError, RPCStatusCode } from "perdure/service";
import { admitUpdate } from "../admission.ts";
import { check, count, eventKindsOf, failureOf, rejectionOf, updateFailureOf } from "../expectations.ts";
import { Logbook } from "../logbook.ts";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import {
  EndsAmidHandlers,
  type EndingPlan,
  EndsInManyWays,
  EndsThreeTimes,
  HasInit,
  HasPlainConstructor,
  LeavesCodeBehind,
  ReturnsBeforeItsUpdate,
} from "./endings.workflows.ts";

type Kind = "update" | "signal";
const kinds: readonly Kind[] = ["update", "signal"];

function warning(kind: Kind): string {
  return `[TMPRL1102] Workflow finished while ${kind} handlers are still running`;
}

/** What the workflow says of its handler, and whether its log has a warning. */
async function endAmidHandler(
  world: ScenarioWorld,
  logbook: Logbook,
  { taskQueue, handler, kind, waits }: { taskQueue: string; handler: string; kind: Kind; waits: boolean },
): Promise<{ isFinished: unknown; warnings: number }> {
  const { client, newId } = world;
  const { id } = await client.startWorkflow(EndsAmidHandlers, { args: [waits], id: newId("amid"), taskQueue });
  const handle = client.getWorkflowHandle(id);
  if (kind === "signal") await handle.signal(handler);
  else {
    const update = handle.executeUpdate(handler, { id: "the-update" });
    if (waits) await update;
    else {
      const cause = await updateFailureOf(update);
      check(cause instanceof ApplicationError);
      assert.equal(cause.type, "AcceptedUpdateCompletedWorkflow");
    }
  }
  const isFinished = await handle.result();
  return { isFinished, warnings: logbook.about(id, warning(kind)).length };
}

function unfinished(kind: Kind): Scenario {
  return {
    name: `a workflow that ends while a handler of ${kind}s is at work warns of it, unless the handler says that is fine`,
    async run(world) {
      const logbook = new Logbook();
      const taskQueue = world.newId("amid");
      const options = { taskQueue, workflows: [EndsAmidHandlers], runtime: logbook.runtime };
      await world.withWorker(options, async () => {
        const end = (handler: string, waits: boolean) =>
          endAmidHandler(world, logbook, { taskQueue, handler, kind, waits });
        assert.deepEqual(await end(kind, false), { isFinished: false, warnings: 1 });
        assert.deepEqual(await end(`${kind}ThatWarns`, false), { isFinished: false, warnings: 1 });
        assert.deepEqual(await end(kind, true), { isFinished: true, warnings: 0 });
        assert.deepEqual(await end(`${kind}ThatIsLeft`, false), { isFinished: false, warnings: 0 });
      });
    },
  };
}

interface Ending extends EndingPlan {
  readonly kind: Kind;
  readonly handler: string;
}

/** Both kinds of handlers, named and dynamic, of the class and set by the main method, with and without a wait for them. */
function endings(end: EndingPlan["end"]): Ending[] {
  const sorts = (kind: Kind) =>
    [
      { handler: kind, setsHandlers: "none" },
      { handler: kind === "update" ? "lateUpdate" : "lateSignal", setsHandlers: "named" },
      { handler: "doesNotExist", setsHandlers: "none" },
      { handler: "doesNotExist", setsHandlers: "dynamic" },
    ] as const;
  return kinds.flatMap((kind) =>
    sorts(kind).flatMap((sort) => [true, false].map((waits) => ({ kind, end, waits, ...sort }))),
  );
}

/** The messages reach the workflow in its first task, together with its start, for its worker begins only then. */
async function sendAll(
  world: ScenarioWorld,
  taskQueue: string,
  { kind, handler, ...plan }: Ending,
): Promise<{ readonly handle: WorkflowHandle; readonly update: Promise<unknown> | undefined }> {
  const { client, newId } = world;
  const { id } = await client.startWorkflow(EndsInManyWays, { args: [plan], id: newId("ends"), taskQueue });
  const handle = client.getWorkflowHandle(id);
  if (plan.end === "cancelled") await handle.cancel();
  if (kind === "update") return { handle, update: (await admitUpdate(world, handle, handler, { id: "one" })).result };
  await handle.signal(handler);
  return { handle, update: undefined };
}

async function checkUpdate(update: Promise<unknown>, waits: boolean): Promise<void> {
  if (waits) return void (await update);
  const error = await rejectionOf(update);
  if (error instanceof WorkflowUpdateFailedError) {
    check(error.cause instanceof ApplicationError);
    assert.equal(error.cause.type, "AcceptedUpdateCompletedWorkflow");
  } else {
    check(error instanceof RPCError, String(error));
    assert.deepEqual([error.status, error.message], [RPCStatusCode.NOT_FOUND, "workflow execution already completed"]);
  }
}

function endsInManyWays(end: EndingPlan["end"]): Scenario {
  return {
    name: `a workflow that is ${end} warns of handlers at work, whoever set them, unless it waits for them`,
    async run(world) {
      const logbook = new Logbook();
      const taskQueue = world.newId("ends");
      const begun = await Promise.all(
        endings(end).map(async (ending) => ({ ending, ...(await sendAll(world, taskQueue, ending)) })),
      );
      const options = { taskQueue, workflows: [EndsInManyWays], runtime: logbook.runtime };
      await world.withWorker(options, async () => {
        for (const { ending, handle, update } of begun) {
          if (update !== undefined) await checkUpdate(update, ending.waits);
          const { cause } = await failureOf(handle.result());
          check(
            end === "cancelled" ? cause instanceof CancelledError : cause instanceof ApplicationError,
            String(cause),
          );
          if (end === "continued as new") assert.equal(cause.message, "failed in the next run");
          const warnings = logbook.about(handle.id, warning(ending.kind)).length;
          assert.equal(warnings, ending.waits ? 0 : 1, JSON.stringify(ending));
        }
      });
    },
  };
}

/** How workflows end: what counts when several things end one, and what becomes of code that is still at work. */
export const endingsOfWorkflows: readonly Scenario[] = [
  unfinished("update"),
  unfinished("signal"),
  endsInManyWays("cancelled"),
  endsInManyWays("failed"),
  endsInManyWays("continued as new"),
  {
    name: "an update that is done after its workflow has returned, in the same task, is answered",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(ReturnsBeforeItsUpdate, { id: newId("returns"), taskQueue });
      assert.equal(await handle.executeUpdate("ask"), "of the update");
      assert.equal(await handle.result(), "of the workflow");
    },
  },
  {
    name: "of two handlers that fail a workflow in one task, the first counts",
    async run({ client, newId, withWorker }) {
      const { handle, taskQueue } = await endThreeTimes({ client, newId }, false);
      await withWorker({ taskQueue, workflows: [EndsThreeTimes] }, async () => {
        assert.equal((await failureOf(handle.result())).cause.message, "the first handler failed");
        assert.equal(count(await eventKindsOf(handle), "workflowTaskCompleted"), 1);
      });
    },
  },
  {
    name: "a workflow that returns before its handlers fail has returned",
    async run({ client, newId, withWorker }) {
      const { handle, taskQueue } = await endThreeTimes({ client, newId }, true);
      await withWorker({ taskQueue, workflows: [EndsThreeTimes] }, async () => {
        assert.equal(await handle.result(), "returned");
      });
    },
  },
  ...([HasPlainConstructor, HasInit] as const).map((cls): Scenario => ({
    name: `an update in the first task sees what was set before the main method: ${cls.name}`,
    async run(world) {
      const { client, newId, withWorker } = world;
      const taskQueue = newId("first-task");
      const { id } = await client.startWorkflow(cls.name, { args: ["of the caller"], id: taskQueue, taskQueue });
      const handle = client.getWorkflowHandle(id);
      const update = await admitUpdate(world, handle, "value", { id: "early" });
      await withWorker({ taskQueue, workflows: [cls] }, async () => {
        assert.equal(await update.result, cls === HasInit ? "of the caller" : "of the constructor");
        assert.equal(await handle.result(), "of the main method");
      });
    },
  })),
  {
    name: "a workflow ends though code of its waits on and lets nothing stop it, and so does its worker",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("leaves-code");
      const result = await withWorker({ taskQueue, workflows: [LeavesCodeBehind] }, () =>
        client.executeWorkflow(LeavesCodeBehind, { id: newId("leaves-code"), taskQueue }),
      );
      assert.equal(result, "done");
    },
  },
];

async function endThreeTimes(
  { client, newId }: Pick<ScenarioWorld, "client" | "newId">,
  returnsFirst: boolean,
): Promise<{ readonly handle: WorkflowHandle; readonly taskQueue: string }> {
  const taskQueue = newId("three");
  const handle = await client.startWorkflow(EndsThreeTimes, { args: [returnsFirst], id: newId("three"), taskQueue });
  await handle.signal("second");
  await handle.signal("first");
  return { handle: client.getWorkflowHandle(handle.id), taskQueue };
}
