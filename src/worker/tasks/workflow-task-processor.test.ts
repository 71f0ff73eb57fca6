import { expect, test } from "vitest";
import type { Activation, ActivationCompletion, WorkflowCommand } from "../../core/replay/activation.ts";
import type { LocalActivityRequest, LocalActivityResult } from "../../core/replay/local-activity-queue.ts";
import { silentLogger } from "../../core/telemetry/logger.ts";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { defaultPayloadConverter } from "../../payload/default-converter.ts";
import { CommandType, EventType, QueryResultType, WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import { HistoryEvent } from "../../proto/gen/history.ts";
import {
  GetWorkflowExecutionHistoryRequest,
  GetWorkflowExecutionHistoryResponse,
  PollWorkflowTaskQueueResponse,
  RespondQueryTaskCompletedRequest,
  RespondWorkflowTaskCompletedRequest,
  RespondWorkflowTaskFailedRequest,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { WorkflowTaskAnswer } from "./workflow-processor.ts";
import { WorkflowTaskProcessor, type ProcessorConfig } from "./workflow-task-processor.ts";

type Script = (activation: Activation) => readonly WorkflowCommand[];

const config: ProcessorConfig = {
  namespace: "default",
  identity: "me",
  buildId: "",
  instanceKey: "key",
  deployment: undefined,
  taskQueue: "q",
  stickyQueue: "sticky",
  stickyTimeoutMs: 10_000,
  eagerActivitiesMax: 1,
  defaultVersioningBehavior: 0,
  cachedRunsMax: 2,
  sdk: { name: "test", version: "1" },
  recordsFlags: true,
  deploymentVersion: undefined,
  nondeterminismFails: [],
};

function setUp(script: Script, changes: Partial<ProcessorConfig> = {}) {
  const clock = new VirtualClock(1_000_000);
  const released: string[] = [];
  const fetched: number[] = [];
  let created = 0;
  let disposed = 0;
  const pages: Init<HistoryEvent>[][] = [];
  const localResults: ((result: LocalActivityResult) => void)[] = [];
  const processor = new WorkflowTaskProcessor({
    config: { ...config, ...changes },
    clock,
    logger: silentLogger,
    onReleased: (runId) => released.push(runId),
    runner: {
      create() {
        created++;
        return {
          activate: (activation): ActivationCompletion => ({
            status: "completed",
            commands: script(activation),
            usedFlags: [],
            versioningBehavior: 0,
          }),
          dispose: () => disposed++,
        };
      },
    },
    host: {
      fetchHistory(bytes) {
        const { nextPageToken } = GetWorkflowExecutionHistoryRequest.decode(bytes);
        const page = nextPageToken[0] ?? 0;
        fetched.push(page);
        if (pages.length === 0) return Promise.reject(new Error("no history"));
        const isLast = page === pages.length - 1;
        return Promise.resolve(
          GetWorkflowExecutionHistoryResponse.encode({
            history: { events: pages[page] ?? [] },
            nextPageToken: isLast ? new Uint8Array() : new Uint8Array([page + 1]),
          }),
        );
      },
      runLocalActivity: (_workflow, _request: LocalActivityRequest) =>
        new Promise((resolve) => localResults.push(resolve)),
      cancelLocalActivity: () => undefined,
      cancelLocalActivities: () => undefined,
    },
  });
  return { processor, clock, released, fetched, pages, localResults, counts: () => ({ created, disposed }) };
}

function event(
  eventId: number,
  eventType: EventType,
  attributes?: Init<HistoryEvent>["attributes"],
): Init<HistoryEvent> {
  return { eventId, eventType, eventTime: { seconds: 1_000, nanos: 0 }, attributes };
}

function scheduled(eventId: number): Init<HistoryEvent> {
  return event(eventId, EventType.WORKFLOW_TASK_SCHEDULED, {
    case: "workflowTaskScheduledEventAttributes",
    value: { attempt: 1 },
  });
}

function started(eventId: number): Init<HistoryEvent> {
  return event(eventId, EventType.WORKFLOW_TASK_STARTED, {
    case: "workflowTaskStartedEventAttributes",
    value: { scheduledEventId: eventId - 1 },
  });
}

const firstEvents = [
  event(1, EventType.WORKFLOW_EXECUTION_STARTED, {
    case: "workflowExecutionStartedEventAttributes",
    value: {
      workflowType: { name: "W" },
      workflowTaskTimeout: { seconds: 10 },
      originalExecutionRunId: "run-1",
      attempt: 1,
    },
  }),
  scheduled(2),
  started(3),
];

const timerEvents = [
  event(4, EventType.WORKFLOW_TASK_COMPLETED, {
    case: "workflowTaskCompletedEventAttributes",
    value: { scheduledEventId: 2, startedEventId: 3 },
  }),
  event(5, EventType.TIMER_STARTED, {
    case: "timerStartedEventAttributes",
    value: { timerId: "1", startToFireTimeout: { seconds: 1 }, workflowTaskCompletedEventId: 4 },
  }),
  event(6, EventType.TIMER_FIRED, { case: "timerFiredEventAttributes", value: { timerId: "1", startedEventId: 5 } }),
  scheduled(7),
  started(8),
];

function task(
  events: readonly Init<HistoryEvent>[],
  changes: Init<PollWorkflowTaskQueueResponse> = {},
  runId = "run-1",
): Uint8Array {
  return PollWorkflowTaskQueueResponse.encode({
    taskToken: new Uint8Array([7]),
    workflowExecution: { workflowId: "w", runId },
    workflowType: { name: "W" },
    attempt: 1,
    startedEventId: events.at(-1)?.eventId ?? 0,
    history: { events },
    ...changes,
  });
}

const secondTask = { previousStartedEventId: 3 };

/** Starts a timer, then completes. */
const timerScript: Script = ({ jobs }) =>
  jobs.flatMap((job): WorkflowCommand[] => {
    if (job.kind === "initializeWorkflow") return [{ kind: "startTimer", seq: 1, durationMs: 1_000 }];
    if (job.kind === "fireTimer")
      return [{ kind: "completeWorkflow", result: defaultPayloadConverter.toPayload("done") }];
    if (job.kind === "queryWorkflow") {
      return [
        {
          kind: "respondToQuery",
          queryId: job.queryId,
          result: { status: "succeeded", response: defaultPayloadConverter.toPayload(job.queryType) },
        },
      ];
    }
    return [];
  });

function completed(answer: WorkflowTaskAnswer): RespondWorkflowTaskCompletedRequest {
  if (answer.kind === "fail") throw new Error(RespondWorkflowTaskFailedRequest.decode(answer.body).failure?.message);
  if (answer.kind !== "complete") throw new Error(`Answer is ${answer.kind}`);
  return RespondWorkflowTaskCompletedRequest.decode(answer.body);
}

test("a first task is answered with commands, and asks to keep the run with this worker", async () => {
  const { processor } = setUp(timerScript);
  const request = completed(await processor.process("run-1", task(firstEvents)));
  expect(request.commands.map(({ commandType }) => commandType)).toEqual([CommandType.START_TIMER]);
  expect(request).toMatchObject({
    identity: "me",
    namespace: "default",
    returnNewWorkflowTask: true,
    workerInstanceKey: "key",
  });
  expect(request.stickyAttributes?.workerTaskQueue).toMatchObject({ name: "sticky", normalName: "q" });
  expect(request.sdkMetadata).toMatchObject({ sdkName: "test" });
});

test("the next task goes on with the run in memory, and a run that ended is let go of", async () => {
  const { processor, released, fetched, counts } = setUp(timerScript);
  await processor.process("run-1", task(firstEvents));
  const request = completed(await processor.process("run-1", task(timerEvents, secondTask)));
  expect(request.commands.map(({ commandType }) => commandType)).toEqual([CommandType.COMPLETE_WORKFLOW_EXECUTION]);
  expect(counts()).toEqual({ created: 1, disposed: 1 });
  expect(released).toEqual(["run-1"]);
  expect(fetched).toEqual([]);
});

test("new events for a run not held fetch all of history, page by page", async () => {
  const { processor, pages, fetched } = setUp(timerScript);
  pages.push(firstEvents, timerEvents);
  const request = completed(await processor.process("run-1", task(timerEvents, secondTask)));
  expect(request.commands.map(({ commandType }) => commandType)).toEqual([CommandType.COMPLETE_WORKFLOW_EXECUTION]);
  expect(fetched).toEqual([0, 1]);
});

test("a history that cannot be fetched leaves the task to another try", async () => {
  const { processor, counts } = setUp(timerScript);
  expect(await processor.process("run-1", task(timerEvents, secondTask))).toEqual({ kind: "drop" });
  expect(counts().created).toBe(0);
});

test("code that does not follow history fails the task once, and its run is let go of", async () => {
  const { processor, released } = setUp(() => []);
  const events = [...firstEvents, ...timerEvents];
  const answer = await processor.process("run-1", task(events, secondTask));
  if (answer.kind !== "fail") throw new Error(`Answer is ${answer.kind}`);
  expect(RespondWorkflowTaskFailedRequest.decode(answer.body)).toMatchObject({
    cause: WorkflowTaskFailedCause.NON_DETERMINISTIC_ERROR,
    identity: "me",
  });
  expect(released).toEqual(["run-1"]);
  expect(await processor.process("run-1", task(events, { ...secondTask, attempt: 2 }))).toEqual({ kind: "drop" });
});

test("nondeterminism fails the workflow where that is wanted", async () => {
  const { processor } = setUp(() => [], { nondeterminismFails: ["W"] });
  const request = completed(await processor.process("run-1", task([...firstEvents, ...timerEvents], secondTask)));
  expect(request.commands.map(({ commandType }) => commandType)).toEqual([CommandType.FAIL_WORKFLOW_EXECUTION]);
});

test("a query that is a task of its own is answered by itself, from fetched history if the run is not held", async () => {
  const { processor, pages } = setUp(timerScript);
  pages.push([...firstEvents, ...timerEvents.slice(0, 2)]);
  const query = { query: { queryType: "state" }, startedEventId: 0, previousStartedEventId: 3 };
  for (let round = 0; round < 2; round++) {
    const answer = await processor.process("run-1", task([], query));
    if (answer.kind !== "answerQuery") throw new Error(`Answer is ${answer.kind}`);
    const request = RespondQueryTaskCompletedRequest.decode(answer.body);
    expect(request.completedType).toBe(QueryResultType.ANSWERED);
    expect(defaultPayloadConverter.fromPayloads(request.queryResult?.payloads ?? [])).toEqual(["state"]);
  }
});

test("queries with a task are answered with it", async () => {
  const { processor } = setUp(timerScript);
  const request = completed(
    await processor.process("run-1", task(firstEvents, { queries: { a: { queryType: "state" } } })),
  );
  expect(request.queryResults["a"]?.resultType).toBe(QueryResultType.ANSWERED);
});

test("no more runs are kept than the cache may hold, and none without a cache", async () => {
  const { processor, released } = setUp(timerScript);
  for (const runId of ["a", "b", "c"]) await processor.process(runId, task(firstEvents, {}, runId));
  expect(released).toEqual(["a"]);
  const without = setUp(timerScript, { cachedRunsMax: 0 });
  await without.processor.process("a", task(firstEvents, {}, "a"));
  expect(without.released).toEqual(["a"]);
});

test("the cache follows memory: runs with long histories leave room for fewer", async () => {
  const cachedBytesMax = 10 * 40_000;
  const { processor, released } = setUp(timerScript, { cachedRunsMax: 1_000, cachedBytesMax });
  const ids = Array.from({ length: 12 }, (_, index) => `small-${index}`);
  for (const runId of ids) await processor.process(runId, task(firstEvents, {}, runId));
  // Ten small ones at most; which ones go is a matter of their last use.
  expect(released.length).toBeGreaterThanOrEqual(2);
  expect(released.length).toBeLessThanOrEqual(4);
  expect(released).toEqual(ids.slice(0, released.length));
  // One task as long as half of the budget: the oldest half goes.
  released.length = 0;
  const long = firstEvents.map((one) => ({ ...one, userMetadata: { summary: { data: new Uint8Array(14_000) } } }));
  await processor.process("long", task(long, {}, "long"));
  expect(released.length).toBeGreaterThanOrEqual(4);
  expect(released).not.toContain("small-11");
  expect(released).not.toContain("long");
});

const activity = {
  activityId: "1",
  activityType: "act",
  arguments: [],
  headers: {},
  cancellationType: "tryCancel",
} as const;

test("only as many activities are asked for at once as there may be, and only on the worker's own queue", async () => {
  const schedule = (seq: number, taskQueue: string): WorkflowCommand => ({
    kind: "scheduleActivity",
    seq,
    activity: { ...activity, activityId: String(seq), startToCloseTimeoutMs: 1_000 },
    taskQueue,
    requestEagerExecution: true,
    useWorkflowBuildId: false,
  });
  const { processor } = setUp(() => [schedule(1, "other"), schedule(2, "q"), schedule(3, "q")]);
  const answer = await processor.process("run-1", task(firstEvents));
  const eager = completed(answer).commands.map(
    ({ attributes }) =>
      attributes?.case === "scheduleActivityTaskCommandAttributes" && attributes.value.requestEagerExecution,
  );
  expect(eager).toEqual([false, true, false]);
  expect(answer).toMatchObject({ eagerActivities: 1 });
});

const localScript: Script = ({ jobs }) =>
  jobs.flatMap((job): WorkflowCommand[] => {
    if (job.kind === "initializeWorkflow")
      return [
        { kind: "scheduleLocalActivity", seq: 1, activity: { ...activity, startToCloseTimeoutMs: 60_000 }, attempt: 1 },
      ];
    if (job.kind === "resolveActivity") return [{ kind: "completeWorkflow" }];
    return [];
  });

const localResult: LocalActivityResult = {
  seq: 1,
  outcome: { status: "completed" },
  attempt: 1,
  runtimeMs: 5,
  originalScheduleTimeMs: 1_000_000,
};

test("a task waits for its local activities and records them", async () => {
  const { processor, localResults } = setUp(localScript);
  const answer = processor.process("run-1", task(firstEvents));
  localResults[0]?.(localResult);
  const request = completed(await answer);
  expect(request.commands.map(({ commandType }) => commandType)).toEqual([
    CommandType.RECORD_MARKER,
    CommandType.COMPLETE_WORKFLOW_EXECUTION,
  ]);
});

test("a task that waits too long is answered before its time is up, and the next one goes on waiting", async () => {
  const { processor, clock, localResults } = setUp(localScript);
  const first = processor.process("run-1", task(firstEvents));
  clock.advanceBy(8_000);
  const heartbeat = completed(await first);
  expect(heartbeat).toMatchObject({ commands: [], forceCreateNewWorkflowTask: true });
  const more = [
    event(4, EventType.WORKFLOW_TASK_COMPLETED, {
      case: "workflowTaskCompletedEventAttributes",
      value: { scheduledEventId: 2, startedEventId: 3 },
    }),
    scheduled(5),
    started(6),
  ];
  const second = processor.process("run-1", task(more, secondTask));
  localResults[0]?.(localResult);
  const request = completed(await second);
  expect(request.forceCreateNewWorkflowTask).toBe(false);
  expect(request.commands.map(({ commandType }) => commandType)).toEqual([
    CommandType.RECORD_MARKER,
    CommandType.COMPLETE_WORKFLOW_EXECUTION,
  ]);
});
