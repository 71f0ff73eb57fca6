import assert from "node:assert/strict";
import { serviceHandler } from "nexus-rpc";
import type { BuildIdOp, Client, WorkflowHistory } from "perdure/client";
import { WorkflowEnvironment } from "perdure/testing";
import type { VersioningIntent } from "perdure/workflow";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import { greeter } from "./nexus.contract.ts";
import { CallsGreeter } from "./nexus.workflows.ts";
import { ContinuingOnNewer, Delegating, Intending, Moving, Staying } from "./versions.workflows.ts";

/** Of `temporal.api.enums.v1.WorkflowTaskFailedCause`. */
const BAD_SCHEDULE_ACTIVITY_ATTRIBUTES = 2;

/** A worker deployment of a scenario's own, and workers of its versions. */
interface Shop {
  readonly taskQueue: string;
  readonly deploymentName: string;
  withVersion<T>(buildId: string, use: () => Promise<T>): Promise<T>;
  setCurrent(buildId: string): Promise<void>;
}

function createShop({ client, newId, withWorker, eventually }: ScenarioWorld): Shop {
  const taskQueue = newId("shop");
  const deploymentName = taskQueue.replaceAll(/[.:]/g, "-");
  return {
    taskQueue,
    deploymentName,
    withVersion: (buildId, use) =>
      withWorker(
        {
          taskQueue,
          workflows: [Staying, Moving, ContinuingOnNewer, Delegating],
          activities: { buildOf: async () => buildId },
          nexusServiceHandlers: [greeterOf(buildId)],
          deployment: { version: { deploymentName, buildId }, useWorkerVersioning: true },
        },
        async () => {
          await eventually(async () => (await versionsOf(client, deploymentName)).includes(buildId));
          return use();
        },
      ),
    async setCurrent(buildId) {
      const { workflowService } = client.connection;
      const { namespace } = client;
      await workflowService.setWorkerDeploymentCurrentVersion({ namespace, deploymentName, buildId });
      await eventually(async () => {
        const { workerDeploymentInfo } = await workflowService.describeWorkerDeployment({ namespace, deploymentName });
        return (
          workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId === buildId &&
          workerDeploymentInfo.routingConfigUpdateState !== 1
        );
      });
    },
  };
}

/** A greeter whose greeting is the build id of its worker. */
function greeterOf(buildId: string) {
  const answer = async (): Promise<string> => buildId;
  return serviceHandler(greeter, { greet: answer, meet: answer, talk: answer, fail: answer });
}

async function versionsOf({ connection, namespace }: Client, deploymentName: string): Promise<readonly string[]> {
  try {
    const answer = await connection.workflowService.describeWorkerDeployment({ namespace, deploymentName });
    const summaries = answer.workerDeploymentInfo?.versionSummaries ?? [];
    return summaries.map(({ deploymentVersion }) => deploymentVersion?.buildId ?? "");
  } catch {
    return [];
  }
}

/** How tasks find workers of the right version. */
export const versions: readonly Scenario[] = [
  {
    name: "a pinned workflow ends on the version it began on, another one moves to the current version",
    async run(world) {
      const shop = createShop(world);
      const { taskQueue } = shop;
      await shop.withVersion("1", async () => {
        await shop.setCurrent("1");
        const staying = await world.client.startWorkflow(Staying, { id: world.newId("staying"), taskQueue });
        const moving = await world.client.startWorkflow(Moving, { id: world.newId("moving"), taskQueue });
        for (const { id } of [staying, moving]) await hasBegun(world.client, id);
        await shop.withVersion("2", async () => {
          await shop.setCurrent("2");
          await staying.signal("finish");
          await moving.signal("finish");
          assert.deepEqual(await staying.result(), ["1", "1"]);
          assert.equal((await moving.result()).at(-1), "2");
        });
      });
    },
  },
  {
    name: "a pinned workflow hears of a newer version and continues as new on it",
    async run(world) {
      const shop = createShop(world);
      const { taskQueue } = shop;
      await shop.withVersion("1", async () => {
        await shop.setCurrent("1");
        const handle = await world.client.startWorkflow(ContinuingOnNewer, {
          args: [0],
          id: world.newId("continuing"),
          taskQueue,
        });
        await hasBegun(world.client, handle.id);
        await shop.withVersion("2", async () => {
          await shop.setCurrent("2");
          await handle.signal("ask");
          assert.equal(await handle.result(), "2");
        });
      });
    },
  },
  {
    name: "Nexus requests and standalone activities go to workers of the current version",
    async run(world) {
      const { client, newId, eventually } = world;
      const shop = createShop(world);
      const environment = WorkflowEnvironment.fromClient(client);
      const name = newId("endpoint");
      const endpoint = await environment.createNexusEndpoint(name, shop.taskQueue);
      const byNexus = (): Promise<string> =>
        client.executeWorkflow(CallsGreeter, {
          args: [name, "greet", "Ann"],
          id: newId("calls-version"),
          taskQueue: world.taskQueue,
        });
      const byActivity = (): Promise<unknown> =>
        client.executeActivity("buildOf", {
          id: newId("build-of"),
          taskQueue: shop.taskQueue,
          startToCloseTimeout: "10s",
        });
      try {
        await shop.withVersion("1", () =>
          shop.withVersion("2", async () => {
            for (const buildId of ["1", "2"]) {
              await shop.setCurrent(buildId);
              // The queues hear of it one after the other.
              await eventually(async () => (await byNexus()) === `at once: ${buildId}`);
              await eventually(async () => (await byActivity()) === buildId);
            }
          }),
        );
      } finally {
        await environment.deleteNexusEndpoint(endpoint);
      }
    },
  },
  {
    name: "an override pins a child to a version that is not current, and one that no worker has is an error",
    async run(world) {
      const shop = createShop(world);
      const { taskQueue, deploymentName } = shop;
      await shop.withVersion("1", () =>
        shop.withVersion("2", async () => {
          await shop.setCurrent("1");
          const runOn = (buildId: string): Promise<string> =>
            world.client.executeWorkflow(Delegating, {
              args: [deploymentName, buildId],
              id: world.newId("delegating"),
              taskQueue,
            });
          assert.equal(await runOn("2"), "2,2");
          assert.equal(await runOn("3"), "InvalidVersioningOverrideError");
        }),
      );
    },
  },
  {
    name: "an override pins a workflow to a version that is not current",
    async run(world) {
      const shop = createShop(world);
      const { taskQueue, deploymentName } = shop;
      await shop.withVersion("1", () =>
        shop.withVersion("2", async () => {
          await shop.setCurrent("1");
          const handle = await world.client.startWorkflow(Moving, {
            id: world.newId("pinned"),
            taskQueue,
            versioningOverride: { kind: "pinned", version: { deploymentName, buildId: "2" } },
          });
          await hasBegun(world.client, handle.id);
          await handle.signal("finish");
          assert.deepEqual(await handle.result(), ["2", "2"]);
        }),
      );
    },
  },
  {
    name: "what a workflow schedules keeps to its build on its own task queue, unless it says otherwise",
    async run({ client, taskQueue, newId }) {
      const keptWith = async (otherQueue: string, intent: VersioningIntent | "none") => {
        const id = newId("intending");
        const handle = await client.startWorkflow(Intending, { id, taskQueue, args: [otherQueue, intent] });
        await handle.result();
        return keptBuilds(await client.getWorkflowHandle(id, { runId: handle.resultRunId }).fetchHistory());
      };
      const other = newId("other");
      const onBothQueues = (kept: boolean) => ({ activities: [kept, kept], children: [kept, kept], nextRuns: [kept] });
      assert.deepEqual(await keptWith(other, "none"), {
        activities: [true, false],
        children: [true, false],
        nextRuns: [true],
      });
      assert.deepEqual(await keptWith(other, "default"), onBothQueues(false));
      assert.deepEqual(await keptWith(taskQueue, "compatible"), onBothQueues(true));
    },
  },
  {
    name: "what goes to another task queue cannot keep to its workflow's build",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Intending, {
        id: newId("intending"),
        taskQueue,
        args: [newId("other"), "compatible"],
      });
      for await (const { attributes } of handle.fetchHistoryEvents({ waitNewEvent: true }))
        if (attributes?.case === "workflowTaskFailedEventAttributes") {
          const { cause, failure } = attributes.value;
          assert.equal(cause, BAD_SCHEDULE_ACTIVITY_ATTRIBUTES);
          assert.match(failure?.message ?? "", /Activity with UseCompatibleVersion cannot run on different task queue/);
          break;
        }
      await handle.terminate();
    },
  },
  {
    name: "builds of workers are in sets of compatible ones, as before there were deployments",
    async run({ client, newId }) {
      const queue = newId("sets");
      const change = (operation: BuildIdOp) => client.updateWorkerBuildIdCompatibility(queue, operation);
      const defaultBuild = async () => (await client.getWorkerBuildIdCompatibility(queue)).defaultBuildId;
      await change({ kind: "addNewDefault", buildId: "1.0" });
      await change({ kind: "addNewCompatible", buildId: "1.1", existingCompatibleBuildId: "1.0" });
      const { defaultSet } = await client.getWorkerBuildIdCompatibility(queue);
      assert.deepEqual(defaultSet, { buildIds: ["1.0", "1.1"], default: "1.1" });
      await change({ kind: "promoteBuildIdWithinSet", buildId: "1.0" });
      assert.equal(await defaultBuild(), "1.0");
      await change({ kind: "addNewDefault", buildId: "2.0" });
      const { versionSets } = await client.getWorkerBuildIdCompatibility(queue, { maxSets: 1 });
      assert.deepEqual(versionSets, [{ buildIds: ["2.0"], default: "2.0" }]);
      await change({ kind: "promoteSetByBuildId", buildId: "1.1" });
      assert.equal(await defaultBuild(), "1.0");
      await change({ kind: "mergeSets", primaryBuildId: "2.0", secondaryBuildId: "1.0" });
      assert.equal(await defaultBuild(), "2.0");
      const { buildIdReachability } = await client.getWorkerTaskReachability(["2.0", "1.0", "1.1"], {
        taskQueues: [queue],
      });
      assert.deepEqual(
        [...buildIdReachability].map(([buildId, { taskQueueReachability }]) => [
          buildId,
          taskQueueReachability.get(queue),
        ]),
        [
          ["2.0", ["newWorkflows"]],
          ["1.0", []],
          ["1.1", []],
        ],
      );
      await assert.rejects(change({ kind: "promoteSetByBuildId", buildId: "3.0" }), { name: "RPCError" });
    },
  },
];

/** Waits for the workflow's first completed task. */
async function hasBegun(client: Client, id: string): Promise<void> {
  for await (const { attributes } of client.getWorkflowHandle(id).fetchHistoryEvents({ waitNewEvent: true }))
    if (attributes?.case === "workflowTaskCompletedEventAttributes") return;
}

/** Whether each thing that a run scheduled is to stay with the run's build. */
function keptBuilds({ events }: WorkflowHistory) {
  const kept = { activities: [] as boolean[], children: [] as boolean[], nextRuns: [] as boolean[] };
  for (const { attributes } of events) {
    if (attributes?.case === "activityTaskScheduledEventAttributes")
      kept.activities.push(attributes.value.useWorkflowBuildId);
    else if (attributes?.case === "startChildWorkflowExecutionInitiatedEventAttributes")
      kept.children.push(attributes.value.inheritBuildId);
    else if (attributes?.case === "workflowExecutionContinuedAsNewEventAttributes")
      kept.nextRuns.push(attributes.value.inheritBuildId);
  }
  return kept;
}
