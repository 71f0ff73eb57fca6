import { beforeEach, onTestFinished } from "vitest";
import { VirtualClock } from "../core/time/virtual-clock.ts";
import type { Command, ScheduleActivityTaskCommandAttributes } from "../proto/gen/command.ts";
import type { WorkflowExecution } from "../proto/gen/common.ts";
import { CommandType, EventType$names } from "../proto/gen/enums.ts";
import type { HistoryEvent } from "../proto/gen/history.ts";
import {
  WorkflowService,
  type PollActivityTaskQueueRequest,
  type PollActivityTaskQueueResponse,
  type PollWorkflowTaskQueueRequest,
  type PollWorkflowTaskQueueResponse,
  type RespondWorkflowTaskCompletedRequest,
  type RespondWorkflowTaskCompletedResponse,
  type StartWorkflowExecutionRequest,
  type StartWorkflowExecutionResponse,
} from "../proto/gen/workflowservice.ts";
import type { Init, Method } from "../proto/message.ts";
import { StoreFailedError } from "./store/store-error.ts";
import { startServer, type Server, type ServerOptions } from "./server.ts";

/** How one call of a test is made. */
export interface CallOptions {
  /** @default none */
  readonly timeoutMs?: number;
  /** @default never aborts */
  readonly signal?: AbortSignal;
}

/** A server in this thread, on a clock that moves only when told, and a way to call it. */
export interface TestServer {
  readonly server: Server;
  readonly clock: VirtualClock;
  readonly call: <Request extends object, Response extends object>(
    method: Method<Request, Response>,
    request: Init<Request>,
    options?: CallOptions,
  ) => Promise<Response>;
}

/** Starts a server that stops when the test is over. Ids count up, so that failures read the same each time. */
export async function startTestServer(options: ServerOptions = {}): Promise<TestServer> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1) + 0.123);
  let ids = 0;
  const newId = (): string => `00000000-0000-4000-8000-${String(++ids).padStart(12, "0")}`;
  const server = await startServer({ clock, newId, ...options });
  onTestFinished(() => server.stop().catch(unlessPowerWasCut));
  return {
    server,
    clock,
    async call(method, request, { timeoutMs, signal = new AbortController().signal } = {}) {
      const body = method.request.encode(request);
      const answer = await server.handler.handle({ path: method.path, body, metadata: {}, timeoutMs, signal });
      return method.response.decode(answer);
    },
  };
}

/** Tests that cut the power leave a server behind that cannot write any more. */
function unlessPowerWasCut(error: unknown): void {
  if (!(error instanceof StoreFailedError)) throw error;
}

/** Starts a server for each test of a file: what is returned is always that of the test that runs. */
export function testServerOfEach(options: ServerOptions = {}): TestServer {
  let current: TestServer | undefined;
  const started = (): TestServer => {
    if (current === undefined) throw new Error("Cannot use the server of a test: no test runs");
    return current;
  };
  beforeEach(async () => {
    current = await startTestServer(options);
  });
  return {
    get server() {
      return started().server;
    },
    get clock() {
      return started().clock;
    },
    call: (...args) => started().call(...args),
  };
}

const { methods } = WorkflowService;
const namespace = "default";
const taskQueue = { name: "queue" };
const identity = "worker";

/** Starts a workflow of type "work" on queue "queue"; what is given replaces the defaults. */
export function start(
  { call }: TestServer,
  request: Init<StartWorkflowExecutionRequest> = {},
): Promise<StartWorkflowExecutionResponse> {
  return call(methods.StartWorkflowExecution, {
    namespace,
    workflowId: "workflow",
    workflowType: { name: "work" },
    taskQueue,
    ...request,
  });
}

/** Polls for a workflow task of queue "queue". */
export function pollWorkflow(
  { call }: TestServer,
  request: Init<PollWorkflowTaskQueueRequest> = {},
  options: CallOptions = {},
): Promise<PollWorkflowTaskQueueResponse> {
  return call(methods.PollWorkflowTaskQueue, { namespace, taskQueue, identity, ...request }, options);
}

/** Polls for an activity of queue "queue". */
export function pollActivity(
  { call }: TestServer,
  request: Init<PollActivityTaskQueueRequest> = {},
): Promise<PollActivityTaskQueueResponse> {
  return call(methods.PollActivityTaskQueue, { namespace, taskQueue, identity, ...request });
}

/** Completes a workflow task with commands. */
export function complete(
  { call }: TestServer,
  { taskToken }: Pick<PollWorkflowTaskQueueResponse, "taskToken">,
  commands: readonly Init<Command>[] = [],
  request: Init<RespondWorkflowTaskCompletedRequest> = {},
): Promise<RespondWorkflowTaskCompletedResponse> {
  return call(methods.RespondWorkflowTaskCompleted, { namespace, taskToken, commands, identity, ...request });
}

/** All events of a run, as reading from the first page to the last gives them. */
export async function historyOf(
  { call }: TestServer,
  execution: Init<WorkflowExecution> = { workflowId: "workflow" },
): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextPageToken: Uint8Array = new Uint8Array(0);
  do {
    const page = await call(methods.GetWorkflowExecutionHistory, { namespace, execution, nextPageToken });
    events.push(...(page.history?.events ?? []));
    ({ nextPageToken } = page);
  } while (nextPageToken.length > 0);
  return events;
}

/** Names of the types of events, without their common prefix. */
export function namesOf(events: readonly HistoryEvent[]): readonly string[] {
  return events.map(({ eventType }) => (EventType$names[eventType] ?? "?").replace("EVENT_TYPE_", ""));
}

/** The command that schedules activity "a" of type "act" on queue "queue". */
export function scheduleActivity(attributes: Init<ScheduleActivityTaskCommandAttributes> = {}): Init<Command> {
  return {
    commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
    attributes: {
      case: "scheduleActivityTaskCommandAttributes",
      value: {
        activityId: "a",
        activityType: { name: "act" },
        taskQueue,
        startToCloseTimeout: { seconds: 60, nanos: 0 },
        ...attributes,
      },
    },
  };
}

/** The command that completes the workflow. */
export function completeWorkflow(): Init<Command> {
  return {
    commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION,
    attributes: { case: "completeWorkflowExecutionCommandAttributes", value: {} },
  };
}
