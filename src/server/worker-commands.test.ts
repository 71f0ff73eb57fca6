import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { CommandType } from "../proto/gen/enums.ts";
import { ExecuteCommandsRequest } from "../proto/gen/nexusservices/workerservice.ts";
import { WorkflowService, type PollNexusTaskQueueResponse } from "../proto/gen/workflowservice.ts";
import {
  complete,
  completeWorkflow,
  pollActivity,
  pollWorkflow,
  scheduleActivity,
  start,
  startTestServer,
  type TestServer,
} from "./calls.test-support.ts";
import { answerStart, refuse, startRequestOf } from "./frontend/nexus-calls.test-support.ts";

const { methods } = WorkflowService;
const namespace = "default";
const controlQueue = "commands";
const SCHEDULED_EVENT = 5;
const ANSWER_MS = 10_000;
const POLL_MS = 60_000;

async function startServer(enabled = true): Promise<TestServer> {
  return startTestServer({
    dynamicConfig: {
      "frontend.WorkerCommandsEnabled": enabled,
      "system.enableCancelActivityWorkerCommand": enabled,
    },
  });
}

/** Starts a workflow whose activity a worker has; gives the activity's token. */
async function startActivity(server: TestServer, workerControlTaskQueue = controlQueue): Promise<Uint8Array> {
  await start(server);
  await complete(server, await pollWorkflow(server), [scheduleActivity()]);
  const { taskToken } = await pollActivity(server, { workerControlTaskQueue });
  return taskToken;
}

/** Lets the workflow ask for the activity's cancellation, or do something else. */
async function act(server: TestServer, command: NonNullable<Parameters<typeof complete>[2]>[number]): Promise<void> {
  await server.call(methods.SignalWorkflowExecution, {
    namespace,
    workflowExecution: { workflowId: "workflow" },
    signalName: "go",
  });
  await complete(server, await pollWorkflow(server), [command]);
}

const cancelActivity = {
  commandType: CommandType.REQUEST_CANCEL_ACTIVITY_TASK,
  attributes: {
    case: "requestCancelActivityTaskCommandAttributes" as const,
    value: { scheduledEventId: SCHEDULED_EVENT },
  },
};

function pollCommands({ call }: TestServer): Promise<PollNexusTaskQueueResponse> {
  return call(methods.PollNexusTaskQueue, { namespace, taskQueue: { name: controlQueue } });
}

/** The tokens of the activities that a worker is told to cancel. */
function cancelledTokens(task: PollNexusTaskQueueResponse): readonly (Uint8Array | undefined)[] {
  const { service, operation, payload } = startRequestOf(task);
  expect([service, operation]).toEqual([
    "temporal.api.nexusservices.workerservice.v1.WorkerService",
    "ExecuteCommands",
  ]);
  const { commands } = ExecuteCommandsRequest.decode(payload?.data ?? new Uint8Array(0));
  return commands.map(({ type }) => type?.value.taskToken);
}

test("the worker of an activity that is to be cancelled is told so on its own queue, once", async () => {
  const server = await startServer();
  const taskToken = await startActivity(server);
  await act(server, cancelActivity);
  const task = await pollCommands(server);
  expect(cancelledTokens(task)).toEqual([taskToken]);
  await answerStart(server, task, { case: "syncSuccess", value: {} });
  await act(server, completeWorkflow());
  const waiting = pollCommands(server);
  server.clock.advanceBy(POLL_MS);
  expect((await waiting).taskToken).toHaveLength(0);
});

test("the workers of activities that a workflow leaves behind are told as well", async () => {
  const server = await startServer();
  const taskToken = await startActivity(server);
  const workflowExecution = { workflowId: "workflow" };
  await server.call(methods.TerminateWorkflowExecution, { namespace, workflowExecution });
  expect(cancelledTokens(await pollCommands(server))).toEqual([taskToken]);
});

test("a command that nobody takes is sent again, and only three times", async () => {
  const server = await startServer();
  const taskToken = await startActivity(server);
  await act(server, cancelActivity);
  for (let attempt = 1; attempt <= 3; attempt++) {
    expect(cancelledTokens(await pollCommands(server))).toEqual([taskToken]);
    server.clock.advanceBy(ANSWER_MS);
  }
  await setImmediate();
  const waiting = pollCommands(server);
  server.clock.advanceBy(POLL_MS);
  expect((await waiting).taskToken).toHaveLength(0);
});

test("a worker that fails a command is not asked again, and a namespace tells that there are commands", async () => {
  const server = await startServer();
  await startActivity(server);
  await act(server, cancelActivity);
  await refuse(server, await pollCommands(server), "BAD_REQUEST");
  const waiting = pollCommands(server);
  server.clock.advanceBy(POLL_MS);
  expect((await waiting).taskToken).toHaveLength(0);
  const { capabilities } = (await server.call(methods.DescribeNamespace, { namespace })).namespaceInfo ?? {};
  expect(capabilities?.workerCommands).toBe(true);
});

test.each([
  ["where commands are not switched on", false, controlQueue],
  ["of workers without a queue for them", true, ""],
])("nothing is sent %s", async (_where, enabled, queue) => {
  const server = await startServer(enabled);
  await startActivity(server, queue);
  await act(server, cancelActivity);
  const waiting = pollCommands(server);
  server.clock.advanceBy(POLL_MS);
  expect((await waiting).taskToken).toHaveLength(0);
});
