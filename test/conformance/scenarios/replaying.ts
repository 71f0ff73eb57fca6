import assert from "node:assert/strict";
import type { WorkflowHandle } from "perdure/client";
import { ApplicationError, NondeterminismError } from "perdure/exceptions";
import { Replayer } from "perdure/worker";
import * as activities from "../activities.ts";
import { check, failureOf, rejectionOf } from "../expectations.ts";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import { GreetsAndMore, SomeOther } from "./replaying.workflows.ts";

type More = Parameters<GreetsAndMore["run"]>[0];

/** Runs the workflow on a worker of its own, which keeps its runs. */
async function run(
  world: ScenarioWorld,
  more: More,
  use: (handle: WorkflowHandle<GreetsAndMore>) => Promise<unknown>,
  id = world.newId("greets"),
): Promise<WorkflowHandle<GreetsAndMore>> {
  const taskQueue = world.newId("replaying");
  const options = { taskQueue, workflows: [GreetsAndMore], activities, maxCachedWorkflows: 10 };
  return world.withWorker(options, async () => {
    const handle = await world.client.startWorkflow(GreetsAndMore, { args: [more], id, taskQueue });
    await use(handle);
    return handle;
  });
}

/** Histories of a service, replayed without it. */
export const replaying: readonly Scenario[] = [
  {
    name: "the history of a workflow that still waits is replayed",
    async run(world) {
      const handle = await run(world, "wait", (started) => world.eventually(() => started.query("isWaiting")));
      await using replayer = await Replayer.create({ workflows: [GreetsAndMore] });
      assert.equal((await replayer.replayWorkflow(await handle.fetchHistory())).replayFailure, undefined);
      await handle.terminate();
    },
  },
  {
    name: "the history of a workflow that failed is replayed",
    async run(world) {
      const handle = await run(world, "fail", async (started) => {
        const { cause } = await failureOf(started.result());
        check(cause instanceof ApplicationError);
        assert.equal(cause.message, "failed on purpose");
      });
      await using replayer = await Replayer.create({ workflows: [GreetsAndMore] });
      assert.equal((await replayer.replayWorkflow(await handle.fetchHistory())).replayFailure, undefined);
    },
  },
  {
    name: "a workflow that does something else in replay is found by it",
    async run(world) {
      const handle = await run(world, "diverge", (started) => started.result());
      await using replayer = await Replayer.create({ workflows: [GreetsAndMore] });
      const error = await rejectionOf(replayer.replayWorkflow(await handle.fetchHistory()));
      check(error instanceof NondeterminismError, String(error));
    },
  },
  {
    name: "the history of a workflow that the replayer does not have is not replayed, and says so",
    async run(world) {
      const handle = await run(world, "nothing", (started) => started.result());
      await using replayer = await Replayer.create({ workflows: [SomeOther] });
      const error = await rejectionOf(replayer.replayWorkflow(await handle.fetchHistory()));
      assert.match(String(error), /GreetsAndMore is not registered/);
    },
  },
  {
    name: "all runs of a workflow are replayed from a list, and those that diverge are told",
    async run(world) {
      const { client, eventually, newId } = world;
      const id = newId("greets");
      const expected = new Map<string, boolean>();
      for (const more of ["nothing", "diverge", "nothing", "diverge", "nothing"] as const) {
        const { resultRunId = "" } = await run(world, more, (started) => started.result(), id);
        expected.set(resultRunId, more === "diverge");
      }
      const query = `WorkflowId = '${id}'`;
      await eventually(async () => (await client.countWorkflows(query)).count === expected.size);
      await using replayer = await Replayer.create({ workflows: [GreetsAndMore] });
      const found = new Map<string, boolean>();
      for await (const { history, replayFailure } of replayer.replayIterator(
        client.listWorkflows(query).mapHistories(),
      ))
        found.set(history.runId, replayFailure instanceof NondeterminismError);
      assert.deepEqual(new Map([...found].toSorted()), new Map([...expected].toSorted()));
    },
  },
];
