import assert from "node:assert";
import { expect, test } from "vitest";
import { ActivityExecutionStatus, ActivityIdConflictPolicy, PendingActivityState } from "../../proto/gen/enums.ts";
import { OperatorService } from "../../proto/gen/operatorservice.ts";
import {
  WorkflowService,
  type DescribeActivityExecutionResponse,
  type StartActivityExecutionRequest,
  type StartActivityExecutionResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { pollActivity, startTestServer, type TestServer } from "../calls.test-support.ts";
import { decodeTaskToken, encodeTaskToken } from "../frontend/task-token.ts";
import { FaultyStore } from "../store/faulty-store.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { seededRandom } from "../store/seeded-random.ts";
import type { ServerOptions } from "../server.ts";

const { methods } = WorkflowService;
const namespace = "default";
const second = { seconds: 1, nanos: 0 };
const operatorCommands: ServerOptions = {
  dynamicConfig: { "history.enableStandaloneActivityOperatorCommands": true },
};

function start(
  { call }: TestServer,
  request: Init<StartActivityExecutionRequest> = {},
): Promise<StartActivityExecutionResponse> {
  return call(methods.StartActivityExecution, {
    namespace,
    activityId: "a",
    activityType: { name: "act" },
    taskQueue: { name: "queue" },
    startToCloseTimeout: { seconds: 60, nanos: 0 },
    ...request,
  });
}

function describe({ call }: TestServer, activityId = "a"): Promise<DescribeActivityExecutionResponse> {
  return call(methods.DescribeActivityExecution, { namespace, activityId, includeOutcome: true });
}

function payloads(byte: number): { payloads: { data: Uint8Array }[] } {
  return { payloads: [{ data: new Uint8Array([byte]) }] };
}

/** A store whose content outlives the servers that use it. */
function keptStore(): MemoryStore {
  const store = new MemoryStore();
  store.close = async () => {};
  return store;
}

test("an activity goes to a worker and its result to whoever waits", async () => {
  const server = await startTestServer();
  const { call } = server;
  const { runId } = await start(server, { input: payloads(1) });
  const outcome = call(methods.PollActivityExecution, { namespace, activityId: "a" });
  const task = await pollActivity(server);
  expect(task).toMatchObject({ activityId: "a", activityRunId: runId, attempt: 1, input: payloads(1) });
  expect(task.workflowExecution?.workflowId).toBe("");
  await call(methods.RespondActivityTaskCompleted, { namespace, taskToken: task.taskToken, result: payloads(2) });
  expect(await outcome).toMatchObject({ runId, outcome: { value: { case: "result", value: payloads(2) } } });
});

test("an activity that waits for a worker, and one that a worker has, survive a restart", async () => {
  const store = keptStore();
  const before = await startTestServer({ store });
  await start(before, { activityId: "had", input: payloads(3) });
  const { taskToken } = await pollActivity(before);
  await start(before, { activityId: "waits" });
  await start(before, { activityId: "delayed", startDelay: { seconds: 600, nanos: 0 } });
  await before.server.stop();
  const after = await startTestServer({ store });
  after.clock.advanceBy(1);
  expect((await pollActivity(after)).activityId).toBe("waits");
  await after.call(methods.RespondActivityTaskCompleted, { namespace, taskToken });
  expect((await describe(after, "had")).info?.status).toBe(ActivityExecutionStatus.COMPLETED);
  const late = pollActivity(after);
  after.clock.advanceBy(30_000);
  expect((await describe(after, "delayed")).info?.runState).toBe(1);
  await after.server.stop();
  await late;
});

test("a power cut takes back nothing that was answered", async () => {
  for (const seed of [1, 2, 3, 4]) {
    let store = new FaultyStore({ random: seededRandom(seed) });
    const before = await startTestServer({ store });
    await start(before, { activityId: "taken" });
    const { taskToken } = await pollActivity(before);
    await start(before, { activityId: "answered" });
    // Cut off while these are on their way.
    const lost = [
      start(before, { activityId: "lost" }),
      before.call(methods.RecordActivityTaskHeartbeat, { taskToken }),
    ];
    store = store.crash();
    const after = await startTestServer({ store });
    expect((await describe(after, "taken")).info?.runState, `seed ${seed}`).toBe(PendingActivityState.STARTED);
    expect((await describe(after, "answered")).info?.runState).toBe(PendingActivityState.SCHEDULED);
    await after.call(methods.RespondActivityTaskCompleted, { namespace, taskToken });
    await after.server.stop();
    await Promise.race([Promise.allSettled(lost), Promise.resolve()]);
  }
});

test("time passes for activities on the server's clock", async () => {
  const server = await startTestServer();
  await start(server, { retryPolicy: { initialInterval: second, maximumAttempts: 2 }, heartbeatTimeout: second });
  await pollActivity(server);
  server.clock.advanceBy(1000);
  expect((await describe(server)).info).toMatchObject({ attempt: 2, runState: 1 });
  server.clock.advanceBy(1000);
  expect((await pollActivity(server)).attempt).toBe(2);
  server.clock.advanceBy(1000);
  const { info, outcome } = await describe(server);
  expect(info?.status).toBe(ActivityExecutionStatus.TIMED_OUT);
  expect(outcome?.value?.value).toMatchObject({ message: "activity Heartbeat timeout" });
});

test("closed activities are forgotten when the namespace's retention has passed", async () => {
  const server = await startTestServer();
  await start(server);
  await server.call(methods.TerminateActivityExecution, { namespace, activityId: "a" });
  server.clock.advanceBy(3 * 24 * 3_600_000);
  await expect(describe(server)).rejects.toThrow("activity not found for ID: a");
});

test("the activities of a namespace that is deleted are deleted with it", async () => {
  const server = await startTestServer({ namespaces: ["default"] });
  await start(server, { activityId: "delayed", startDelay: { seconds: 600, nanos: 0 } });
  await server.call(OperatorService.methods.DeleteNamespace, { namespace });
  await expect.poll(() => describe(server, "delayed").catch((error: unknown) => String(error))).toContain("not found");
  // What was due is not.
  server.clock.advanceBy(601_000);
});

test("what an operator does to an activity needs a setting", async () => {
  const server = await startTestServer();
  await start(server);
  await expect(server.call(methods.PauseActivityExecution, { namespace, activityId: "a" })).rejects.toThrow(
    "Standalone activity operator commands are disabled",
  );
});

test("an operator pauses, resets, changes and unpauses an activity", async () => {
  const server = await startTestServer(operatorCommands);
  const { call } = server;
  await start(server);
  const activity = { namespace, activityId: "a" };
  await call(methods.PauseActivityExecution, { ...activity, reason: "wait" });
  expect((await describe(server)).info?.status).toBe(ActivityExecutionStatus.PAUSED);
  await call(methods.ResetActivityExecution, { ...activity, keepPaused: true });
  const { activityOptions } = await call(methods.UpdateActivityExecutionOptions, {
    ...activity,
    activityOptions: { taskQueue: { name: "other" }, heartbeatTimeout: second },
    updateMask: { paths: ["task_queue.name", "heartbeat_timeout"] },
  });
  expect(activityOptions).toMatchObject({ taskQueue: { name: "other" }, heartbeatTimeout: second });
  await call(methods.UnpauseActivityExecution, activity);
  expect(await pollActivity(server, { taskQueue: { name: "other" } })).toMatchObject({ activityId: "a", attempt: 1 });
  await expect(
    call(methods.UpdateActivityExecutionOptions, {
      ...activity,
      activityOptions: {},
      updateMask: { paths: ["retry_policy.non_retryable_error_types"] },
    }),
  ).rejects.toThrow('unsupported update_mask path: "retry_policy.non_retryable_error_types"');
});

test("a start that finds an activity attaches what it is told to", async () => {
  const server = await startTestServer();
  await start(server);
  const link = { variant: { case: "activity", value: { namespace, activityId: "x", runId: "y" } } } as const;
  const again = {
    idConflictPolicy: ActivityIdConflictPolicy.USE_EXISTING,
    onConflictOptions: { attachLinks: true },
    requestId: "second",
    links: [link],
  };
  expect((await start(server, again)).started).toBe(false);
  await start(server, again);
  expect((await describe(server)).info?.links).toMatchObject([link]);
});

test("a token is refused in another namespace, and one that is made up says nothing of other runs", async () => {
  const server = await startTestServer({ namespaces: ["default", "other"] });
  await start(server);
  const { taskToken } = await pollActivity(server);
  await expect(server.call(methods.RecordActivityTaskHeartbeat, { namespace: "other", taskToken })).rejects.toThrow(
    "Operation requested with a token from a different namespace.",
  );
  const claim = decodeTaskToken("activity", taskToken);
  assert(claim !== undefined);
  const forged = encodeTaskToken({ ...claim, runId: "another-run" });
  await expect(server.call(methods.RecordActivityTaskHeartbeat, { namespace, taskToken: forged })).rejects.toThrow(
    "activity task not found",
  );
});

test("without standalone activities the calls say so", async () => {
  const server = await startTestServer({ dynamicConfig: { "activity.enableStandalone": false } });
  await expect(start(server)).rejects.toThrow("Standalone activity is disabled");
});
