import type { Command, ScheduleNexusOperationCommandAttributes } from "../../proto/gen/command.ts";
import { CommandType } from "../../proto/gen/enums.ts";
import { OperatorService } from "../../proto/gen/operatorservice.ts";
import type { StartOperationRequest, StartOperationResponse } from "../../proto/gen/nexus.ts";
import {
  WorkflowService,
  type DescribeWorkflowExecutionResponse,
  type PollNexusTaskQueueResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { complete, pollWorkflow, start, type TestServer } from "../calls.test-support.ts";

const namespace = "default";
const { methods } = WorkflowService;

/** Makes endpoint "endpoint", whose handlers poll queue "handlers". */
export async function createEndpoint({ call }: TestServer): Promise<string> {
  const variant = { case: "worker" as const, value: { namespace, taskQueue: "handlers" } };
  const { endpoint } = await call(OperatorService.methods.CreateNexusEndpoint, {
    spec: { name: "endpoint", target: { variant } },
  });
  return endpoint?.id ?? "";
}

/** The command that schedules operation "operate" of service "service" at endpoint "endpoint". */
export function scheduleOperation(attributes: Init<ScheduleNexusOperationCommandAttributes> = {}): Init<Command> {
  return {
    commandType: CommandType.SCHEDULE_NEXUS_OPERATION,
    attributes: {
      case: "scheduleNexusOperationCommandAttributes",
      value: { endpoint: "endpoint", service: "service", operation: "operate", ...attributes },
    },
  };
}

/** The command that asks for an operation's cancellation. */
export function cancelOperation(scheduledEventId: number): Init<Command> {
  return {
    commandType: CommandType.REQUEST_CANCEL_NEXUS_OPERATION,
    attributes: { case: "requestCancelNexusOperationCommandAttributes", value: { scheduledEventId } },
  };
}

/** Starts workflow "workflow", whose first task schedules an operation: event 5. */
export async function startCaller(
  server: TestServer,
  attributes: Init<ScheduleNexusOperationCommandAttributes> = {},
): Promise<void> {
  await start(server);
  await complete(server, await pollWorkflow(server), [scheduleOperation(attributes)]);
}

/** Polls for a request to a handler. */
export function pollNexus({ call }: TestServer): Promise<PollNexusTaskQueueResponse> {
  return call(methods.PollNexusTaskQueue, { namespace, taskQueue: { name: "handlers" }, identity: "handler" });
}

/** What a request asks to start. */
export function startRequestOf({ request }: PollNexusTaskQueueResponse): StartOperationRequest {
  if (request?.variant?.case !== "startOperation") throw new Error("The request does not start an operation");
  return request.variant.value;
}

/** Answers a request to start an operation. */
export async function answerStart(
  { call }: TestServer,
  { taskToken }: PollNexusTaskQueueResponse,
  variant: NonNullable<Init<StartOperationResponse>["variant"]>,
): Promise<void> {
  await call(methods.RespondNexusTaskCompleted, {
    namespace,
    taskToken,
    response: { variant: { case: "startOperation", value: { variant } } },
  });
}

/** Refuses a request with a handler error. */
export async function refuse(
  { call }: TestServer,
  { taskToken }: PollNexusTaskQueueResponse,
  type: string,
): Promise<void> {
  await call(methods.RespondNexusTaskFailed, {
    namespace,
    taskToken,
    failure: { message: "no", failureInfo: { case: "nexusHandlerFailureInfo", value: { type } } },
  });
}

/** Describes workflow "workflow". */
export function describe({ call }: TestServer, workflowId = "workflow"): Promise<DescribeWorkflowExecutionResponse> {
  return call(methods.DescribeWorkflowExecution, { namespace, execution: { workflowId } });
}

/** Starts workflow "handler" on queue "callees", which tells the caller of an operation how it ends. */
export async function startHandlerWorkflow(
  server: TestServer,
  { callback, callbackHeader, requestId }: StartOperationRequest,
): Promise<void> {
  await start(server, {
    workflowId: "handler",
    taskQueue: { name: "callees" },
    requestId,
    completionCallbacks: [{ variant: { case: "nexus", value: { url: callback, header: callbackHeader } } }],
  });
}

/** Completes the workflow task of queue "callees" with commands. */
export async function completeHandlerTask(server: TestServer, commands: readonly Init<Command>[]): Promise<void> {
  await complete(server, await pollWorkflow(server, { taskQueue: { name: "callees" } }), commands);
}
