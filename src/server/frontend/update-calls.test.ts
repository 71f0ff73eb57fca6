import { expect, test } from "vitest";
import {
  CommandType,
  EventType,
  UpdateWorkflowExecutionLifecycleStage as Stage,
  WorkflowIdConflictPolicy,
} from "../../proto/gen/enums.ts";
import { MultiOperationExecutionFailure } from "../../proto/gen/errordetails.ts";
import type { Message } from "../../proto/gen/protocol.ts";
import { Acceptance, Rejection, Request, Response } from "../../proto/gen/update.ts";
import { WorkflowService, type UpdateWorkflowExecutionResponse } from "../../proto/gen/workflowservice.ts";
import type { Init, MessageType } from "../../proto/message.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import {
  complete,
  completeWorkflow,
  pollWorkflow,
  start,
  startTestServer,
  testServerOfEach,
} from "../calls.test-support.ts";

const { methods } = WorkflowService;
const namespace = "default";
const execution = { workflowId: "workflow" };
const service = testServerOfEach();

function update(updateId: string, lifecycleStage: Stage = Stage.COMPLETED): Promise<UpdateWorkflowExecutionResponse> {
  return service.call(methods.UpdateWorkflowExecution, {
    namespace,
    workflowExecution: execution,
    waitPolicy: { lifecycleStage },
    request: { meta: { updateId }, input: { name: "set" } },
  });
}

function answer<T extends object>(message: Message, type: MessageType<T>, body: Init<T>): Init<Message> {
  return {
    id: `${message.protocolInstanceId}/${type.typeName}`,
    protocolInstanceId: message.protocolInstanceId,
    body: { typeUrl: `type.googleapis.com/${type.typeName}`, value: type.encode(body) },
  };
}

function accept(message: Message): Init<Message> {
  const acceptedRequest = Request.decode(message.body?.value ?? new Uint8Array(0));
  return answer(message, Acceptance, {
    acceptedRequestMessageId: message.id,
    acceptedRequestSequencingEventId: 2,
    acceptedRequest,
  });
}

function respond(message: Message): Init<Message> {
  return answer(message, Response, {
    meta: { updateId: message.protocolInstanceId },
    outcome: { value: { case: "success", value: { payloads: [] } } },
  });
}

/** Answers the update that the next workflow task brings. */
async function work(toMessages: (message: Message) => readonly Init<Message>[], asked = service): Promise<void> {
  const task = await pollWorkflow(asked);
  const [message] = task.messages;
  if (message === undefined) throw new Error("Expected a workflow task with an update");
  const messages = toMessages(message);
  const commands = messages.map(({ id }) => ({
    commandType: CommandType.PROTOCOL_MESSAGE,
    attributes: { case: "protocolMessageCommandAttributes" as const, value: { messageId: id ?? "" } },
  }));
  await complete(asked, task, commands, { messages });
}

test("an update's caller waits until the workflow has done it", async () => {
  await start(service);
  const updated = update("u1");
  await work((message) => [accept(message), respond(message)]);
  expect(await updated).toMatchObject({ stage: Stage.COMPLETED, outcome: { value: { case: "success" } } });
});

test("one who wants only to know that it is accepted hears so, and may ask for the outcome later", async () => {
  await start(service);
  const updated = update("u1", Stage.ACCEPTED);
  await work((message) => [accept(message)]);
  expect(await updated).toMatchObject({ stage: Stage.ACCEPTED, outcome: undefined });
  const polled = service.call(methods.PollWorkflowExecutionUpdate, {
    namespace,
    updateRef: { workflowExecution: execution, updateId: "u1" },
    waitPolicy: { lifecycleStage: Stage.COMPLETED },
  });
  service.clock.advanceBy(20_000);
  expect(await polled).toMatchObject({ stage: Stage.ACCEPTED, outcome: undefined });
});

test("an update's event has the links of its request, those that its callbacks carry as well among them", async () => {
  const told = await startTestServer({
    dynamicConfig: {
      "history.enableUpdateCallbacks": true,
      "component.callbacks.allowedAddresses": JSON.stringify([{ Pattern: "*", AllowInsecure: true }]),
    },
  });
  await start(told);
  const link = { variant: { case: "batchJob" as const, value: { jobId: "caller" } } };
  const updated = told.call(methods.UpdateWorkflowExecution, {
    namespace,
    workflowExecution: execution,
    waitPolicy: { lifecycleStage: Stage.ACCEPTED },
    request: {
      meta: { updateId: "u1" },
      input: { name: "set" },
      requestId: "request",
      links: [link],
      completionCallbacks: [
        { variant: { case: "nexus", value: { url: "http://localhost:1/callback" } }, links: [link] },
      ],
    },
  });
  await work((message) => [accept(message)], told);
  await updated;
  const { history } = await told.call(methods.GetWorkflowExecutionHistory, { namespace, execution });
  const accepted = history?.events.find(({ eventType }) => eventType === EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED);
  expect(accepted?.links).toMatchObject([link]);
});

test("the same update again gets the outcome that is in history", async () => {
  await start(service);
  const updated = update("u1");
  await work((message) => [accept(message), respond(message)]);
  await updated;
  expect(await update("u1")).toMatchObject({ outcome: { value: { case: "success" } } });
});

test("a refused update fails, and leaves nothing behind", async () => {
  await start(service);
  const updated = update("u1");
  await work((message) => [
    answer(message, Rejection, { rejectedRequestMessageId: message.id, failure: { message: "no" } }),
  ]);
  expect((await updated).outcome?.value).toMatchObject({ case: "failure", value: { message: "no" } });
  await expect(
    service.call(methods.PollWorkflowExecutionUpdate, {
      namespace,
      updateRef: { workflowExecution: execution, updateId: "u1" },
    }),
  ).rejects.toMatchObject({ status: 5, message: 'update "u1" not found' });
});

test("an update that its closing workflow did not take is reported as aborted", async () => {
  await start(service);
  const task = await pollWorkflow(service);
  const updated = update("u1");
  const [outcome] = await Promise.allSettled([
    updated,
    complete(service, task, [completeWorkflow()]).then(() => pollThenComplete()),
  ]);
  expect(outcome).toMatchObject({ status: "rejected" });
});

async function pollThenComplete(): Promise<void> {
  const { workflowExecutionInfo } = await service.call(methods.DescribeWorkflowExecution, { namespace, execution });
  if (workflowExecutionInfo?.closeTime !== undefined) return;
  const task = await pollWorkflow(service);
  await complete(service, task, [completeWorkflow()]);
}

const startOperation = {
  operation: {
    case: "startWorkflow" as const,
    value: {
      namespace,
      workflowId: "workflow",
      workflowType: { name: "work" },
      taskQueue: { name: "queue" },
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    },
  },
};
const updateOperation = {
  operation: {
    case: "updateWorkflow" as const,
    value: {
      namespace,
      workflowExecution: execution,
      request: { meta: { updateId: "u1" }, input: { name: "set" } },
    },
  },
};

test("start and update go together", async () => {
  const operations = [startOperation, updateOperation];
  const executed = service.call(methods.ExecuteMultiOperation, { namespace, operations });
  await work((message) => [accept(message), respond(message)]);
  const [first, second] = (await executed).responses;
  expect(first?.response).toMatchObject({ case: "startWorkflow", value: { started: true } });
  expect(second?.response).toMatchObject({ case: "updateWorkflow", value: { stage: Stage.COMPLETED } });
});

test("when one of the two is wrong, both fail, each with its reason", async () => {
  const { value } = updateOperation.operation;
  const wrong = {
    operation: { case: "updateWorkflow" as const, value: { ...value, request: { meta: {}, input: {} } } },
  };
  const failure = await service
    .call(methods.ExecuteMultiOperation, { namespace, operations: [startOperation, wrong] })
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RPCError);
  const { details, message, status } = failure as RPCError;
  expect([status, message]).toEqual([3, "Update-with-Start could not be executed."]);
  const { statuses } = MultiOperationExecutionFailure.decode(details[0]?.value ?? new Uint8Array(0));
  expect(statuses.map((each) => [each.code, each.message])).toEqual([
    [10, "Operation was aborted."],
    [3, "Update name is not set on request."],
  ]);
});
