import { expect, test } from "vitest";
import { TaskReachability } from "../proto/gen/enums.ts";
import { scriptedClient } from "./scripted-service.test-support.ts";
import type { BuildIdOp } from "./worker-versioning.ts";

test("every change of compatible builds reaches the service", async () => {
  const operations: unknown[] = [];
  const { client } = scriptedClient({
    UpdateWorkerBuildIdCompatibility: ({ namespace, taskQueue, operation }) => {
      expect([namespace, taskQueue]).toEqual(["default", "queue"]);
      operations.push(operation);
      return {};
    },
  });
  const changes: readonly BuildIdOp[] = [
    { kind: "addNewDefault", buildId: "1" },
    { kind: "addNewCompatible", buildId: "1.1", existingCompatibleBuildId: "1" },
    { kind: "addNewCompatible", buildId: "1.2", existingCompatibleBuildId: "1", promoteSet: true },
    { kind: "promoteSetByBuildId", buildId: "1" },
    { kind: "promoteBuildIdWithinSet", buildId: "1.1" },
    { kind: "mergeSets", primaryBuildId: "2", secondaryBuildId: "1" },
  ];
  for (const change of changes) await client.updateWorkerBuildIdCompatibility("queue", change);
  expect(operations).toMatchObject([
    { case: "addNewBuildIdInNewDefaultSet", value: "1" },
    {
      case: "addNewCompatibleBuildId",
      value: { newBuildId: "1.1", existingCompatibleBuildId: "1", makeSetDefault: false },
    },
    { case: "addNewCompatibleBuildId", value: { newBuildId: "1.2", makeSetDefault: true } },
    { case: "promoteSetByBuildId", value: "1" },
    { case: "promoteBuildIdWithinSet", value: "1.1" },
    { case: "mergeSets", value: { primarySetBuildId: "2", secondarySetBuildId: "1" } },
  ]);
});

test("the last set of compatible builds is the default, and its last build", async () => {
  const asked: number[] = [];
  const { client } = scriptedClient({
    GetWorkerBuildIdCompatibility: ({ taskQueue, maxSets }) => {
      asked.push(maxSets);
      return taskQueue === "none" ? {} : { majorVersionSets: [{ buildIds: ["1", "1.1"] }, { buildIds: ["2", "2.1"] }] };
    },
  });
  expect(await client.getWorkerBuildIdCompatibility("queue", { maxSets: 2 })).toEqual({
    versionSets: [
      { buildIds: ["1", "1.1"], default: "1.1" },
      { buildIds: ["2", "2.1"], default: "2.1" },
    ],
    defaultSet: { buildIds: ["2", "2.1"], default: "2.1" },
    defaultBuildId: "2.1",
  });
  expect(await client.getWorkerBuildIdCompatibility("none")).toEqual({
    versionSets: [],
    defaultSet: undefined,
    defaultBuildId: undefined,
  });
  expect(asked).toEqual([2, 0]);
});

test("reachability of builds tells the task queues that were not looked at from those where nothing reaches them", async () => {
  const { client } = scriptedClient({
    GetWorkerTaskReachability: ({ buildIds, taskQueues, reachability }) => ({
      buildIdReachability: buildIds.map((buildId) => ({
        buildId,
        taskQueueReachability: [
          { taskQueue: "a", reachability: [TaskReachability.NEW_WORKFLOWS, reachability] },
          { taskQueue: "b", reachability: [] },
          { taskQueue: `c${taskQueues.length}`, reachability: [TaskReachability.UNSPECIFIED] },
        ],
      })),
    }),
  });
  const found = await client.getWorkerTaskReachability(["1"], {
    taskQueues: ["a", "b", "c"],
    reachability: "closedWorkflows",
  });
  expect(found.buildIdReachability.get("1")).toEqual({
    taskQueueReachability: new Map([
      ["a", ["newWorkflows", "closedWorkflows"]],
      ["b", []],
    ]),
    unretrievedTaskQueues: new Set(["c3"]),
  });
});

test("a sort of reachability that is not known is no answer that a build is unreachable", async () => {
  const { client } = scriptedClient({
    GetWorkerTaskReachability: () => ({
      buildIdReachability: [{ buildId: "1", taskQueueReachability: [{ taskQueue: "a", reachability: [99 as 1] }] }],
    }),
  });
  await expect(client.getWorkerTaskReachability(["1"])).rejects.toMatchObject({ code: "TEMPORAL_SERVICE_ANSWER" });
});
