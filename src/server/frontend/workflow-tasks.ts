import { TaskQueueKind } from "../../proto/gen/enums.ts";
import type { WorkerVersionCapabilities } from "../../proto/gen/common.ts";
import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import {
  PollWorkflowTaskQueueResponse,
  WorkflowService,
  type PollWorkflowTaskQueueRequest,
  type RespondWorkflowTaskCompletedRequest,
  type RespondWorkflowTaskCompletedResponse,
  type RespondWorkflowTaskFailedRequest,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import { isOpen } from "../history/run.ts";
import type { Task, WorkflowTask } from "../matching/task.ts";
import type { Services } from "../services.ts";
import { activityTaskResponse } from "./activity-task-response.ts";
import { serve, serveBytes, type CallRow } from "./calls.ts";
import {
  assignedBuild,
  isMisrouted,
  pollerVersion,
  registerPoller,
  routeOfPoller,
  waitingPlace,
} from "./poller-version.ts";
import { scaledPoll, toPoll } from "./polling.ts";
import { bufferedOutcomes } from "./query-outcome.ts";
import { limitLength, requireExecution, requireNamespace, requireRun, requireTaskQueue } from "./requests.ts";
import { requireClaim, requireClaimedRun } from "./task-claims.ts";
import { queryTaskResponse, workflowTaskResponse } from "./workflow-task-response.ts";

const noTask = PollWorkflowTaskQueueResponse.encode({});

/** What workers call about workflow tasks. */
export function workflowTaskCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serveBytes(methods.PollWorkflowTaskQueue, (request, call) => pollTask(services, request, call)),
    serve(methods.RespondWorkflowTaskCompleted, (request) => complete(services, request)),
    serve(methods.RespondWorkflowTaskFailed, (request) => fail(services, request)),
    serve(methods.ResetStickyTaskQueue, async (request) => {
      const namespace = requireNamespace(services, request.namespace);
      const run = requireRun(services, namespace, requireExecution(request.execution));
      await services.engine.apply(run, { kind: "resetSticky" }).committed;
      return {};
    }),
  ];
}

/** Who gets a workflow task or a query. */
interface TaskPoller {
  readonly identity: string;
  readonly version: WorkerDeploymentVersion | undefined;
  /** What it says of its build where it has no version. */
  readonly capabilities: WorkerVersionCapabilities | undefined;
  /** Has the run in its cache. */
  readonly sticky: boolean;
}

async function pollTask(
  services: Services,
  request: PollWorkflowTaskQueueRequest,
  call: IncomingCall,
): Promise<Uint8Array> {
  limitLength(services, request.identity, "Identity length exceeds limit.");
  const queue = requireTaskQueue(services, request.taskQueue);
  const namespace = requireNamespace(services, request.namespace);
  const address = { namespaceId: namespace.id, type: "workflow", name: queue.name } as const;
  const { deploymentOptions, workerVersionCapabilities } = request;
  const worker = toPoll(services, call, {
    identity: request.identity,
    workerInstanceKey: request.workerInstanceKey,
    deploymentOptions,
    workerVersionCapabilities,
  });
  const sticky = queue.kind === TaskQueueKind.STICKY;
  const version = pollerVersion(deploymentOptions, workerVersionCapabilities);
  if (!sticky && version !== undefined) registerPoller(services, address, version);
  const poller: TaskPoller = { identity: request.identity, version, capabilities: workerVersionCapabilities, sticky };
  const { onScaling, withScaling } = scaledPoll(PollWorkflowTaskQueueResponse);
  const poll = sticky
    ? { ...worker, onScaling }
    : { ...worker, onScaling, version: version ?? waitingPlace(services, address, workerVersionCapabilities) };
  const response = await services.matching.poll(address, poll, (task) => take(services, task, poller));
  return response === undefined ? noTask : withScaling(response);
}

/** Starts a task for a poller; `undefined` if it is not wanted any more. */
function take(services: Services, task: Task, poller: TaskPoller): Uint8Array | undefined {
  if (task.kind === "query") {
    const pending = services.queries.findDirect(task.id);
    if (pending === undefined) return undefined;
    return PollWorkflowTaskQueueResponse.encode(queryTaskResponse(services, pending, poller.sticky));
  }
  if (task.kind === "workflow") return takeWorkflowTask(services, task, poller);
  return undefined;
}

function takeWorkflowTask(
  services: Services,
  task: WorkflowTask,
  { identity, version, capabilities, sticky }: TaskPoller,
): Uint8Array | undefined {
  const { runKey, scheduledEventId, attempt } = task;
  const run = services.engine.load(runKey);
  if (run === undefined || !isOpen(run) || isMisrouted(run, task)) return undefined;
  // The poll need not wait for the commit: a start that a crash loses is a task delivered again.
  const start = {
    kind: "startWorkflowTask",
    scheduledEventId,
    attempt,
    identity,
    requestId: services.newId(),
    stickyQueue: sticky,
    route: { ...routeOfPoller(services, run, version), ...assignedBuild(services, run, capabilities) },
  } as const;
  const { value } = services.engine.apply(run, start, { patient: true });
  if (value.startedWorkflowTask === undefined) return undefined;
  return PollWorkflowTaskQueueResponse.encode(workflowTaskResponse(services, run, value.startedWorkflowTask, 0));
}

async function complete(
  services: Services,
  request: RespondWorkflowTaskCompletedRequest,
): Promise<Init<RespondWorkflowTaskCompletedResponse>> {
  limitLength(services, request.identity, "Identity length exceeds limit.");
  const claim = requireClaim(services, "workflow", request.taskToken, request.namespace);
  const run = requireClaimedRun(services, claim);
  const { scheduledEventId, startedEventId, attempt } = claim;
  const { value, committed } = services.engine.apply(run, {
    kind: "completeWorkflowTask",
    token: { scheduledEventId, startedEventId, attempt },
    request,
  });
  const outcomes = bufferedOutcomes(services, request.queryResults);
  services.queries.complete(run.key, outcomes, run.state.workflowTask !== undefined);
  await committed;
  if (value.error !== undefined) throw value.error;
  services.workerCommands.tellCancelled(run);
  const { startedWorkflowTask, eagerActivityTasks, resetHistoryEventId = 0 } = value;
  return {
    resetHistoryEventId,
    ...(startedWorkflowTask === undefined
      ? {}
      : { workflowTask: workflowTaskResponse(services, run, startedWorkflowTask, 0) }),
    ...(eagerActivityTasks === undefined
      ? {}
      : {
          activityTasks: eagerActivityTasks.map((task) =>
            activityTaskResponse(services, run, task, request.workerControlTaskQueue),
          ),
        }),
  };
}

async function fail(services: Services, request: RespondWorkflowTaskFailedRequest): Promise<Record<string, never>> {
  const claim = requireClaim(services, "workflow", request.taskToken, request.namespace);
  limitLength(services, request.identity, "Identity length exceeds limit.");
  const run = requireClaimedRun(services, claim);
  const { scheduledEventId, startedEventId, attempt } = claim;
  const { value, committed } = services.engine.apply(run, {
    kind: "failWorkflowTask",
    token: { scheduledEventId, startedEventId, attempt },
    request,
  });
  if (run.state.workflowTask === undefined) services.queries.unblock(run.key);
  await committed;
  if (value.error !== undefined) throw value.error;
  return {};
}
