import { beforeEach, expect, test } from "vitest";
import { WorkerStatus } from "../../proto/gen/enums.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import { testServerOfEach } from "../calls.test-support.ts";

const { methods } = WorkflowService;
const namespace = "default";
const service = testServerOfEach();
beforeEach(async () => {
  for (const [workerInstanceKey, taskQueue] of [
    ["w1", "a"],
    ["w2", "b"],
    ["w3", "a"],
  ] as const) {
    await service.call(methods.RecordWorkerHeartbeat, {
      namespace,
      workerHeartbeat: [{ workerInstanceKey, taskQueue, status: WorkerStatus.RUNNING }],
    });
  }
});

async function keysOf(query: string): Promise<readonly string[]> {
  const { workers } = await service.call(methods.ListWorkers, { namespace, query });
  return workers.map(({ workerInstanceKey }) => workerInstanceKey);
}

test("workers are listed by what they reported, and counted", async () => {
  expect(await keysOf("")).toEqual(["w1", "w2", "w3"]);
  expect(await keysOf("TaskQueue = 'a' AND WorkerStatus = 'Running'")).toEqual(["w1", "w3"]);
  expect(await keysOf("WorkerInstanceKey = 'w2'")).toEqual(["w2"]);
  const { count } = await service.call(methods.CountWorkers, { namespace, query: "TaskQueue = 'b'" });
  expect(count).toBe(1);
});

test("pages of workers follow on", async () => {
  const first = await service.call(methods.ListWorkers, { namespace, pageSize: 2 });
  expect(first.workers.length).toBe(2);
  const { nextPageToken } = first;
  const second = await service.call(methods.ListWorkers, { namespace, pageSize: 2, nextPageToken });
  expect(second.workers.map(({ workerInstanceKey }) => workerInstanceKey)).toEqual(["w3"]);
  expect(second.nextPageToken.length).toBe(0);
});

test("a worker that has been silent for long is forgotten", async () => {
  service.clock.advanceBy(6 * 60_000);
  expect(await keysOf("")).toEqual([]);
});

test("one worker is described, an unknown one is not found", async () => {
  const { workerInfo } = await service.call(methods.DescribeWorker, { namespace, workerInstanceKey: "w1" });
  expect(workerInfo?.workerHeartbeat?.taskQueue).toBe("a");
  await expect(service.call(methods.DescribeWorker, { namespace, workerInstanceKey: "zz" })).rejects.toMatchObject({
    status: 5,
    message: "Worker zz not found",
  });
});
