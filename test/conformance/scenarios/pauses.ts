import assert from "node:assert/strict";
import * as activity from "perdure/activity";
import { AsyncActivityCancelledError, type WorkflowHandle } from "perdure/client";
import { check, rejectionOf } from "../expectations.ts";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import { RunsInTurn } from "./pauses.workflows.ts";

type Handle = Pick<WorkflowHandle, "id" | "describe">;

async function pendingActivity(handle: Handle, activityId: string) {
  return (await handle.describe()).raw.pendingActivities.find((one) => one.activityId === activityId);
}

/** Pauses an activity once it runs, and waits until the service says that it is paused. */
async function pause({ client, eventually }: ScenarioWorld, handle: Handle, activityId: string): Promise<void> {
  await eventually(async () => (await pendingActivity(handle, activityId))?.lastStartedTime !== undefined);
  assert.equal((await pendingActivity(handle, activityId))?.paused, false);
  await client.workflowService.pauseActivity({
    namespace: client.namespace,
    execution: { workflowId: handle.id },
    activity: { case: "id", value: activityId },
  });
  await eventually(async () => (await pendingActivity(handle, activityId))?.paused === true);
}

/** Activities that are paused, and what they hear of it. */
export const pauses: readonly Scenario[] = [
  {
    name: "an activity that is paused hears of it as a cancellation that says so, and may end all the same",
    async run(world) {
      const { client, newId, withWorker } = world;
      const taskQueue = newId("pauses");
      let release: () => void = () => {};
      const beats = async (): Promise<unknown> => {
        const isPaused = new Promise<void>((resolve) => (release = resolve));
        const beat = setInterval(() => activity.heartbeat(), 50);
        await activity.waitForCancelled().catch(() => {});
        clearInterval(beat);
        await isPaused;
        return activity.cancellationDetails();
      };
      const activities = { first: () => beats(), second: () => beats() };
      const names = Object.keys(activities);
      await withWorker({ taskQueue, workflows: [RunsInTurn], activities }, async () => {
        const handle = await client.startWorkflow(RunsInTurn, { args: [names], id: newId("pauses"), taskQueue });
        for (const name of names) {
          await pause(world, handle, name);
          release();
        }
        const paused = {
          paused: true,
          notFound: false,
          cancelRequested: false,
          reset: false,
          timedOut: false,
          workerShutdown: false,
        };
        assert.deepEqual(await handle.result(), [paused, paused]);
      });
    },
  },
  {
    name: "a heartbeat from outside for an activity that is paused says so",
    async run(world) {
      const { client, newId, withWorker } = world;
      const taskQueue = newId("pauses");
      const activities = { elsewhere: () => activity.raiseCompleteAsync() };
      await withWorker({ taskQueue, workflows: [RunsInTurn], activities }, async () => {
        const handle = await client.startWorkflow(RunsInTurn, { args: [["elsewhere"]], id: newId("out"), taskQueue });
        await pause(world, handle, "elsewhere");
        const outside = client.getAsyncActivityHandle({ workflowId: handle.id, activityId: "elsewhere" });
        const error = await rejectionOf(outside.heartbeat());
        check(error instanceof AsyncActivityCancelledError, String(error));
        assert.deepEqual(error.details, { cancelRequested: false, paused: true, reset: false });
        await handle.terminate();
      });
    },
  },
];
