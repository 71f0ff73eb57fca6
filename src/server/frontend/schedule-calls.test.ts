import { expect, test } from "vitest";
import { CommandType, ScheduleOverlapPolicy, WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import type { Schedule } from "../../proto/gen/schedule.ts";
import type { NewWorkflowExecutionInfo } from "../../proto/gen/workflow.ts";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { WorkflowService, type DescribeScheduleResponse } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import {
  complete,
  completeWorkflow,
  historyOf,
  pollWorkflow,
  startTestServer,
  type TestServer,
} from "../calls.test-support.ts";
import { MemoryStore } from "../store/memory-store.ts";

const { methods } = WorkflowService;
const namespace = "default";
const scheduleId = "schedule";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const hourly = { cronString: ["@hourly"] };

interface Parts {
  readonly spec?: Schedule["spec"] | object;
  readonly policies?: Init<NonNullable<Schedule["policies"]>>;
  readonly state?: Init<NonNullable<Schedule["state"]>>;
  readonly action?: Init<NewWorkflowExecutionInfo>;
}

function scheduleOf({ action, ...parts }: Parts): Init<Schedule> {
  return {
    spec: hourly,
    ...parts,
    action: {
      action: {
        case: "startWorkflow",
        value: { workflowId: "job", workflowType: { name: "work" }, taskQueue: { name: "queue" }, ...action },
      },
    },
  };
}

function create({ call }: TestServer, parts: Parts = {}, request: object = {}): Promise<unknown> {
  return call(methods.CreateSchedule, {
    namespace,
    scheduleId,
    requestId: "create",
    schedule: scheduleOf(parts),
    ...request,
  });
}

function describe({ call }: TestServer): Promise<DescribeScheduleResponse> {
  return call(methods.DescribeSchedule, { namespace, scheduleId });
}

function overlap(overlapPolicy: ScheduleOverlapPolicy): Parts {
  return { policies: { overlapPolicy } };
}

test("a year of an hourly schedule starts a workflow every hour", async () => {
  const server = await startTestServer();
  await create(server, overlap(ScheduleOverlapPolicy.ALLOW_ALL));
  server.clock.advanceBy(365 * DAY_MS);
  const { info } = await describe(server);
  expect(info?.actionCount).toBe(365 * 24);
  expect(info?.recentActions.at(-1)?.startWorkflowResult?.workflowId).toBe("job-2027-01-01T00:00:00Z");
  const { count } = await server.call(methods.CountWorkflowExecutions, {
    namespace,
    query: "TemporalScheduledById = 'schedule' AND TemporalScheduledStartTime < '2026-01-01T03:30:00Z'",
  });
  expect(count).toBe(3);
}, 30_000);

test("a schedule goes on where it was after a restart", async () => {
  const store = new MemoryStore();
  const first = await startTestServer({ store });
  await create(first, overlap(ScheduleOverlapPolicy.ALLOW_ALL));
  first.clock.advanceBy(2 * HOUR_MS);
  const clock = new VirtualClock(Date.UTC(2026, 0, 1, 2));
  const second = await startTestServer({ store: store.copy(), clock, newId: () => crypto.randomUUID() });
  expect((await describe(second)).info?.actionCount).toBe(2);
  clock.advanceTo(Date.UTC(2026, 0, 1, 5));
  expect((await describe(second)).info?.actionCount).toBe(5);
});

test("a result is given to the next run, and what waited starts when the run before it ends", async () => {
  const server = await startTestServer();
  await create(server, overlap(ScheduleOverlapPolicy.BUFFER_ONE));
  server.clock.advanceBy(3 * HOUR_MS);
  const before = await describe(server);
  expect(before.info).toMatchObject({ actionCount: 1, bufferSize: 1, overlapSkipped: 1 });
  expect(before.info?.runningWorkflows).toHaveLength(1);
  const result = { payloads: [{ data: new TextEncoder().encode('"done"') }] };
  await complete(server, await pollWorkflow(server), [
    {
      commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION,
      attributes: { case: "completeWorkflowExecutionCommandAttributes", value: { result } },
    },
  ]);
  const { info } = await describe(server);
  expect(info).toMatchObject({ actionCount: 2, bufferSize: 0 });
  expect(info?.recentActions.map(({ startWorkflowStatus }) => startWorkflowStatus)).toEqual([
    WorkflowExecutionStatus.COMPLETED,
    WorkflowExecutionStatus.RUNNING,
  ]);
  const [started] = await historyOf(server, { workflowId: "job-2026-01-01T02:00:00Z" });
  const attributes = started?.attributes;
  if (attributes?.case !== "workflowExecutionStartedEventAttributes") throw new Error("expected a started event");
  expect(attributes.value.lastCompletionResult?.payloads[0]?.data).toEqual(result.payloads[0]?.data);
});

test("the policy terminate-other ends what runs and starts the next at once", async () => {
  const server = await startTestServer();
  await create(server, overlap(ScheduleOverlapPolicy.TERMINATE_OTHER));
  server.clock.advanceBy(2 * HOUR_MS);
  const { info } = await describe(server);
  expect(info?.recentActions.map(({ startWorkflowStatus }) => startWorkflowStatus)).toEqual([
    WorkflowExecutionStatus.TERMINATED,
    WorkflowExecutionStatus.RUNNING,
  ]);
});

test("a failure pauses the schedule if its policy says so", async () => {
  const server = await startTestServer();
  await create(server, { policies: { pauseOnFailure: true } });
  server.clock.advanceBy(HOUR_MS);
  await complete(server, await pollWorkflow(server), [
    {
      commandType: CommandType.FAIL_WORKFLOW_EXECUTION,
      attributes: { case: "failWorkflowExecutionCommandAttributes", value: { failure: { message: "no luck" } } },
    },
  ]);
  server.clock.advanceBy(DAY_MS);
  const { schedule, info } = await describe(server);
  expect(schedule?.state?.paused).toBe(true);
  expect(schedule?.state?.notes).toBe("paused due to workflow failure: job-2026-01-01T01:00:00Z: no luck");
  expect(info?.actionCount).toBe(1);
});

test("limited actions run out, and each one taken changes the conflict token", async () => {
  const server = await startTestServer();
  const { conflictToken } = (await create(server, {
    ...overlap(ScheduleOverlapPolicy.ALLOW_ALL),
    state: { limitedActions: true, remainingActions: 2 },
  })) as { conflictToken: Uint8Array };
  server.clock.advanceBy(DAY_MS);
  const described = await describe(server);
  expect(described.info?.actionCount).toBe(2);
  expect(described.info?.futureActionTimes).toEqual([]);
  const update = { namespace, scheduleId, schedule: scheduleOf({}) };
  await expect(server.call(methods.UpdateSchedule, { ...update, conflictToken })).rejects.toThrow(
    "mismatched conflict token",
  );
  await server.call(methods.UpdateSchedule, { ...update, conflictToken: described.conflictToken });
  server.clock.advanceBy(HOUR_MS);
  expect((await describe(server)).info?.actionCount).toBe(3);
});

test("triggers and backfills act even while the schedule is paused", async () => {
  const server = await startTestServer();
  const patch = {
    triggerImmediately: {},
    backfillRequest: [
      {
        startTime: { seconds: Date.UTC(2020, 0, 1) / 1000, nanos: 0 },
        endTime: { seconds: Date.UTC(2020, 0, 1, 2) / 1000, nanos: 0 },
        overlapPolicy: ScheduleOverlapPolicy.ALLOW_ALL,
      },
    ],
  };
  await create(server, { state: { paused: true } }, { initialPatch: patch });
  const { info } = await describe(server);
  expect(info?.recentActions.map(({ startWorkflowResult }) => startWorkflowResult?.workflowId).toSorted()).toEqual([
    "job-2020-01-01T00:00:00Z",
    "job-2020-01-01T01:00:00Z",
    "job-2020-01-01T02:00:00Z",
    "job-2026-01-01T00:00:00Z",
  ]);
});

test("a pause and its end leave their notes, and nothing that was due meanwhile is made up for", async () => {
  const server = await startTestServer();
  await create(server, overlap(ScheduleOverlapPolicy.ALLOW_ALL));
  await server.call(methods.PatchSchedule, { namespace, scheduleId, patch: { pause: "holidays" } });
  server.clock.advanceBy(DAY_MS);
  const paused = await describe(server);
  expect(paused.schedule?.state).toMatchObject({ paused: true, notes: "holidays" });
  expect(paused.info?.actionCount).toBe(0);
  await server.call(methods.PatchSchedule, { namespace, scheduleId, patch: { unpause: "back" } });
  server.clock.advanceBy(HOUR_MS);
  expect((await describe(server)).info?.actionCount).toBe(1);
});

test("the same request makes one schedule, and another one finds the id taken", async () => {
  const server = await startTestServer();
  await create(server);
  await create(server);
  await expect(create(server, {}, { requestId: "other" })).rejects.toThrow('schedule "schedule" is already registered');
});

test("lists page through schedules, newest first, and filter them", async () => {
  const server = await startTestServer();
  for (let n = 0; n < 5; n++) {
    await create(server, { state: { paused: n === 3 } }, { scheduleId: `s${n}`, requestId: `r${n}` });
    server.clock.advanceBy(1000);
  }
  const ids: string[] = [];
  let nextPageToken = new Uint8Array(0) as Uint8Array;
  do {
    const page = await server.call(methods.ListSchedules, { namespace, maximumPageSize: 2, nextPageToken });
    ids.push(...page.schedules.map((entry) => entry.scheduleId));
    ({ nextPageToken } = page);
  } while (nextPageToken.length > 0);
  expect(ids).toEqual(["s4", "s3", "s2", "s1", "s0"]);
  const query = "TemporalSchedulePaused = true OR ScheduleId = 's1'";
  const found = await server.call(methods.ListSchedules, { namespace, query });
  expect(found.schedules.map((entry) => entry.scheduleId)).toEqual(["s3", "s1"]);
  expect((await server.call(methods.CountSchedules, { namespace, query })).count).toBe(2);
});

test("a deleted schedule starts nothing more, and is not found", async () => {
  const server = await startTestServer();
  await create(server);
  await server.call(methods.DeleteSchedule, { namespace, scheduleId });
  server.clock.advanceBy(DAY_MS);
  await expect(describe(server)).rejects.toThrow("schedule not found");
  await expect(server.call(methods.DeleteSchedule, { namespace, scheduleId })).rejects.toThrow("schedule not found");
  expect((await server.call(methods.CountWorkflowExecutions, { namespace })).count).toBe(0);
});

test("the original workflow id is kept if the policy says so", async () => {
  const server = await startTestServer();
  await create(server, { policies: { keepOriginalWorkflowId: true } });
  server.clock.advanceBy(HOUR_MS);
  await complete(server, await pollWorkflow(server), [completeWorkflow()]);
  server.clock.advanceBy(HOUR_MS);
  const { info } = await describe(server);
  expect(info?.recentActions.map(({ startWorkflowResult }) => startWorkflowResult?.workflowId)).toEqual(["job", "job"]);
});

test("a retry policy is described as it was given, and its gaps are filled in for the runs", async () => {
  const server = await startTestServer();
  await create(server, { action: { retryPolicy: { maximumAttempts: 3 } } });
  const { schedule } = await describe(server);
  const retryPolicy = { maximumAttempts: 3, initialInterval: undefined, maximumInterval: undefined };
  expect(schedule?.action?.action?.value.retryPolicy).toMatchObject({ ...retryPolicy, backoffCoefficient: 0 });
  server.clock.advanceBy(HOUR_MS);
  const { history } = await pollWorkflow(server);
  expect(history?.events[0]?.attributes?.value).toMatchObject({
    retryPolicy: {
      maximumAttempts: 3,
      initialInterval: { seconds: 1 },
      maximumInterval: { seconds: 100 },
      backoffCoefficient: 2,
    },
  });
});

test("a call about no schedule is refused in the service's words", async () => {
  const server = await startTestServer();
  const refused = { message: "Can't load workflow execution.  WorkflowId not set." };
  for (const method of [methods.DescribeSchedule, methods.DeleteSchedule, methods.ListScheduleMatchingTimes] as const) {
    await expect(server.call(method, { namespace })).rejects.toMatchObject(refused);
  }
  await expect(server.call(methods.CreateSchedule, { namespace })).rejects.toThrow("RequestId is not set on request.");
  const request = { namespace, requestId: "r" };
  await expect(server.call(methods.CreateSchedule, request)).rejects.toThrow("ScheduleId is not set on request.");
});

test("a schedule without an action is taken and does nothing when its time comes, until it is given one", async () => {
  const store = new MemoryStore();
  const first = await startTestServer({ store });
  const state = { limitedActions: true, remainingActions: 2 };
  const empty = { spec: hourly, state };
  await create(first, {}, { schedule: empty, initialPatch: { triggerImmediately: {} } });
  first.clock.advanceBy(DAY_MS);
  const { schedule: described, info } = await describe(first);
  expect(described).toMatchObject({ action: { action: undefined }, state });
  expect(info).toMatchObject({ actionCount: 0, bufferSize: 0, overlapSkipped: 0, recentActions: [] });
  expect(info?.futureActionTimes).toHaveLength(2);
  const { schedules } = await first.call(methods.ListSchedules, { namespace });
  expect(schedules).toMatchObject([
    { scheduleId, memo: { fields: {} }, info: { workflowType: undefined, recentActions: [] } },
  ]);
  const clock = new VirtualClock(first.clock.now());
  const second = await startTestServer({ store: store.copy(), clock, newId: () => crypto.randomUUID() });
  const schedule = scheduleOf({ state, ...overlap(ScheduleOverlapPolicy.ALLOW_ALL) });
  const update = { namespace, scheduleId, requestId: "update" };
  await expect(second.call(methods.UpdateSchedule, { ...update, schedule: empty })).rejects.toMatchObject({
    status: RPCStatusCode.INVALID_ARGUMENT,
    message: "Only StartWorkflow action is supported for schedules",
  });
  await second.call(methods.UpdateSchedule, { ...update, schedule });
  clock.advanceBy(DAY_MS);
  expect((await describe(second)).info?.actionCount).toBe(2);
});

test.each([undefined, {}])("a schedule of which nothing is said, as in %j, is taken", async (schedule) => {
  const server = await startTestServer();
  await create(server, {}, { schedule });
  await server.call(methods.PatchSchedule, { namespace, scheduleId, patch: { triggerImmediately: {} } });
  server.clock.advanceBy(DAY_MS);
  const described = await describe(server);
  expect(described.schedule).toMatchObject({ spec: {}, action: {}, policies: {}, state: {} });
  expect(described.info).toMatchObject({ actionCount: 0, futureActionTimes: [] });
});
