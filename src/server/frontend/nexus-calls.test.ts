import { expect, test } from "vitest";
import {
  CallbackState,
  NexusOperationCancellationState as CancelState,
  PendingNexusOperationState as State,
} from "../../proto/gen/enums.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import {
  complete,
  completeWorkflow,
  historyOf,
  namesOf,
  pollWorkflow,
  start,
  startTestServer,
} from "../calls.test-support.ts";
import { MemoryStore } from "../store/memory-store.ts";
import {
  answerStart,
  cancelOperation,
  completeHandlerTask,
  createEndpoint,
  describe,
  pollNexus,
  refuse,
  startCaller,
  startHandlerWorkflow,
  startRequestOf,
} from "./nexus-calls.test-support.ts";

const BEGINNING = [
  "WORKFLOW_EXECUTION_STARTED",
  "WORKFLOW_TASK_SCHEDULED",
  "WORKFLOW_TASK_STARTED",
  "WORKFLOW_TASK_COMPLETED",
  "NEXUS_OPERATION_SCHEDULED",
];

test("an operation that its handler completes at once is over in one event", async () => {
  const server = await startTestServer();
  const endpointId = await createEndpoint(server);
  const input = { metadata: {}, data: new Uint8Array([1]) };
  await startCaller(server, { input, nexusHeader: { "X-Mine": "yes" }, scheduleToCloseTimeout: { seconds: 60 } });
  const task = await pollNexus(server);
  expect(task.request).toMatchObject({
    endpoint: "endpoint",
    header: { "x-mine": "yes", "operation-timeout": "60000ms", "request-timeout": "9s" },
    capabilities: { temporalFailureResponses: true },
  });
  expect(startRequestOf(task)).toMatchObject({
    service: "service",
    operation: "operate",
    callback: "temporal://system",
    payload: { data: new Uint8Array([1]) },
    links: [
      {
        url: expect.stringMatching(
          /^temporal:\/\/\/namespaces\/default\/workflows\/workflow\/[-0-9a-f]+\/history\?eventID=5&eventType=NexusOperationScheduled&referenceType=EventReference$/,
        ) as string,
        type: "temporal.api.common.v1.Link.WorkflowEvent",
      },
    ],
  });
  await answerStart(server, task, { case: "syncSuccess", value: { payload: { data: new Uint8Array([2]) } } });
  await pollWorkflow(server);
  const events = await historyOf(server);
  expect(namesOf(events)).toEqual([
    ...BEGINNING,
    "NEXUS_OPERATION_COMPLETED",
    "WORKFLOW_TASK_SCHEDULED",
    "WORKFLOW_TASK_STARTED",
  ]);
  expect(events[4]?.attributes?.value).toMatchObject({ endpointId, nexusHeader: { "x-mine": "yes" } });
  expect(events[5]?.attributes?.value).toMatchObject({ result: { data: new Uint8Array([2]) } });
});

test("an operation behind which a workflow stands ends with that workflow, even if it ends before it has begun", async () => {
  const server = await startTestServer();
  await createEndpoint(server);
  await startCaller(server);
  const task = await pollNexus(server);
  await startHandlerWorkflow(server, startRequestOf(task));
  await completeHandlerTask(server, [completeWorkflow()]);
  const events = await historyOf(server);
  expect(namesOf(events).slice(5, 7)).toEqual(["NEXUS_OPERATION_STARTED", "NEXUS_OPERATION_COMPLETED"]);
  expect(events[5]?.links[0]?.variant?.value).toMatchObject({ workflowId: "handler" });
  expect((await describe(server, "handler")).callbacks).toMatchObject([{ state: CallbackState.SUCCEEDED, attempt: 1 }]);
  await answerStart(server, task, { case: "asyncSuccess", value: { operationToken: "late" } });
  expect(namesOf(await historyOf(server))).toHaveLength(events.length);
});

test("a handler that may do better is asked again, ever later; one that cannot ends the operation", async () => {
  const server = await startTestServer();
  await createEndpoint(server);
  await startCaller(server);
  await refuse(server, await pollNexus(server), "INTERNAL");
  // The run hears of the answer soon after the handler is rid of it.
  let { pendingNexusOperations } = await describe(server);
  while (pendingNexusOperations[0]?.attempt === 0) ({ pendingNexusOperations } = await describe(server));
  expect(pendingNexusOperations).toMatchObject([
    { state: State.BACKING_OFF, attempt: 1, lastAttemptFailure: { message: "no" }, scheduledEventId: 5 },
  ]);
  server.clock.advanceBy(1000);
  await refuse(server, await pollNexus(server), "NOT_FOUND");
  await pollWorkflow(server);
  const events = await historyOf(server);
  expect(events[5]?.attributes).toMatchObject({
    case: "nexusOperationFailedEventAttributes",
    value: {
      failure: {
        message: "nexus operation completed unsuccessfully",
        cause: { message: "no", failureInfo: { value: { type: "NOT_FOUND" } } },
      },
    },
  });
});

test("an endpoint without workers times out, again and again, until the operation itself does", async () => {
  const server = await startTestServer();
  await createEndpoint(server);
  await startCaller(server, { scheduleToCloseTimeout: { seconds: 60 } });
  const passSecond = async (): Promise<string | undefined> => {
    server.clock.advanceBy(1000);
    const [pending] = (await describe(server)).pendingNexusOperations;
    return pending?.lastAttemptFailure?.message;
  };
  await expect.poll(passSecond).toBe("upstream timeout");
  const polls = pollWorkflow(server, {}, { timeoutMs: 3_600_000 });
  const passAll = async (): Promise<readonly string[]> => {
    await passSecond();
    return namesOf(await historyOf(server));
  };
  await expect.poll(passAll, { timeout: 20_000 }).toContain("NEXUS_OPERATION_TIMED_OUT");
  await polls;
});

test("a started operation is asked to cancel, and the handler's answer is recorded", async () => {
  const server = await startTestServer();
  await createEndpoint(server);
  await startCaller(server);
  await answerStart(server, await pollNexus(server), { case: "asyncSuccess", value: { operationToken: "token" } });
  await complete(server, await pollWorkflow(server), [cancelOperation(5)]);
  const task = await pollNexus(server);
  expect(task.request?.variant).toMatchObject({ case: "cancelOperation", value: { operationToken: "token" } });
  await server.call(WorkflowService.methods.RespondNexusTaskCompleted, {
    namespace: "default",
    taskToken: task.taskToken,
    response: { variant: { case: "cancelOperation", value: {} } },
  });
  await pollWorkflow(server);
  expect(namesOf(await historyOf(server))).toContain("NEXUS_OPERATION_CANCEL_REQUEST_COMPLETED");
  expect((await describe(server)).pendingNexusOperations).toMatchObject([
    { state: State.STARTED, operationToken: "token", cancellationInfo: { state: CancelState.SUCCEEDED, attempt: 1 } },
  ]);
});

test("what a handler has not answered is asked again by the next server, and callbacks find their way after a restart", async () => {
  const store = new MemoryStore();
  const first = await startTestServer({ store });
  await createEndpoint(first);
  await startCaller(first);
  await pollNexus(first);
  const second = await startTestServer({ store: store.copy() });
  await first.server.stop();
  const task = await pollNexus(second);
  await startHandlerWorkflow(second, startRequestOf(task));
  await answerStart(second, task, { case: "asyncSuccess", value: { operationToken: "token" } });
  await completeHandlerTask(second, [completeWorkflow()]);
  expect(namesOf(await historyOf(second))).toContain("NEXUS_OPERATION_COMPLETED");
});

test("a request that finds the handler's workflow running attaches its callback, and every caller hears of the end", async () => {
  const server = await startTestServer();
  await createEndpoint(server);
  await startCaller(server);
  const request = startRequestOf(await pollNexus(server));
  await start(server, { workflowId: "handler", taskQueue: { name: "callees" } });
  await start(server, {
    workflowId: "handler",
    taskQueue: { name: "callees" },
    requestId: request.requestId,
    workflowIdConflictPolicy: 2,
    onConflictOptions: { attachRequestId: true, attachCompletionCallbacks: true, attachLinks: true },
    completionCallbacks: [
      { variant: { case: "nexus", value: { url: request.callback, header: request.callbackHeader } } },
    ],
  });
  await completeHandlerTask(server, [completeWorkflow()]);
  expect(namesOf(await historyOf(server, { workflowId: "handler" }))).toContain("WORKFLOW_EXECUTION_OPTIONS_UPDATED");
  const started = (await historyOf(server))[5];
  expect(started?.links[0]?.variant?.value).toMatchObject({ reference: { case: "requestIdRef" } });
});

test("workers are told what is wrong with their answers", async () => {
  const server = await startTestServer();
  const { methods } = WorkflowService;
  const answer = { namespace: "default", taskToken: new Uint8Array([1]) };
  await expect(server.call(methods.RespondNexusTaskCompleted, answer)).rejects.toThrow(
    "Error deserializing task token.",
  );
  await createEndpoint(server);
  await startCaller(server);
  const { taskToken } = await pollNexus(server);
  const request = { namespace: "default", taskToken };
  await expect(server.call(methods.RespondNexusTaskFailed, request)).rejects.toThrow(
    "request must contain error or failure",
  );
  server.clock.advanceBy(10_000);
  await expect(
    server.call(methods.RespondNexusTaskCompleted, { ...request, response: { variant: undefined } }),
  ).rejects.toThrow("Nexus task not found or already expired");
});
