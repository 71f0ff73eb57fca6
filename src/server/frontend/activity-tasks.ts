import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import {
  PollActivityTaskQueueResponse,
  WorkflowService,
  type PollActivityTaskQueueRequest,
} from "../../proto/gen/workflowservice.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import { isOpen } from "../history/run.ts";
import type { Task } from "../matching/task.ts";
import type { Services } from "../services.ts";
import { activityTaskResponse } from "./activity-task-response.ts";
import { takeStandalone, type TakenTask } from "./standalone-activity-tasks.ts";
import {
  activityById,
  activityByToken,
  cancelActivity,
  completeActivity,
  failActivity,
  recordHeartbeat,
} from "./activity-reports.ts";
import { serve, serveBytes, type CallRow } from "./calls.ts";
import { isMisrouted, pollerVersion, registerPoller, routeOfPoller, waitingPlace } from "./poller-version.ts";
import { scaledPoll, toPoll } from "./polling.ts";
import { limitLength, requireNamespace, requireTaskQueue } from "./requests.ts";

const noTask = PollActivityTaskQueueResponse.encode({});

/** What workers, and those who complete activities from elsewhere, call about activities. */
export function activityTaskCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serveBytes(methods.PollActivityTaskQueue, (request, call) => poll(services, request, call)),
    serve(methods.RespondActivityTaskCompleted, (request) =>
      completeActivity(services, activityByToken(services, request), request),
    ),
    serve(methods.RespondActivityTaskCompletedById, (request) =>
      completeActivity(services, activityById(services, request), request),
    ),
    serve(methods.RespondActivityTaskFailed, (request) =>
      failActivity(services, activityByToken(services, request), request),
    ),
    serve(methods.RespondActivityTaskFailedById, (request) =>
      failActivity(services, activityById(services, request), request),
    ),
    serve(methods.RespondActivityTaskCanceled, (request) =>
      cancelActivity(services, activityByToken(services, request), request),
    ),
    serve(methods.RespondActivityTaskCanceledById, (request) =>
      cancelActivity(services, activityById(services, request), request),
    ),
    serve(methods.RecordActivityTaskHeartbeat, (request) =>
      recordHeartbeat(services, activityByToken(services, request), request),
    ),
    serve(methods.RecordActivityTaskHeartbeatById, (request) =>
      recordHeartbeat(services, activityById(services, request), request),
    ),
  ];
}

async function poll(
  services: Services,
  request: PollActivityTaskQueueRequest,
  call: IncomingCall,
): Promise<Uint8Array> {
  const queue = requireTaskQueue(services, request.taskQueue);
  limitLength(services, request.identity, "Identity length exceeds limit.");
  const namespace = requireNamespace(services, request.namespace);
  const address = { namespaceId: namespace.id, type: "activity", name: queue.name } as const;
  const { deploymentOptions, taskQueueMetadata, workerVersionCapabilities } = request;
  const worker = toPoll(services, call, {
    identity: request.identity,
    workerInstanceKey: request.workerInstanceKey,
    ratePerSecond: taskQueueMetadata?.maxTasksPerSecond?.value,
    deploymentOptions,
    workerVersionCapabilities,
  });
  const version = pollerVersion(deploymentOptions, workerVersionCapabilities);
  if (version !== undefined) registerPoller(services, address, version);
  const poller = { request, call, version };
  const place = version ?? waitingPlace(services, address, request.workerVersionCapabilities);
  const { onScaling, withScaling } = scaledPoll(PollActivityTaskQueueResponse);
  const waiting = { ...worker, version: place, onScaling };
  const taken = await services.matching.poll(address, waiting, (task) => take(services, task, poller));
  if (taken === undefined) return noTask;
  // Unlike a workflow task's, this start must be durable first: an activity may be of the kind that runs once at most.
  await taken.committed;
  return withScaling(taken.response);
}

/** Starts an activity for a poller; `undefined` if it is not wanted any more. */
function take(
  services: Services,
  task: Task,
  {
    request,
    call,
    version,
  }: {
    readonly request: PollActivityTaskQueueRequest;
    readonly call: IncomingCall;
    readonly version: WorkerDeploymentVersion | undefined;
  },
): TakenTask | undefined {
  if (task.kind === "standaloneActivity") return takeStandalone(services, task, request, call);
  if (task.kind !== "activity") return undefined;
  const { runKey, scheduledEventId, attempt, stamp } = task;
  const run = services.engine.load(runKey);
  if (run === undefined || !isOpen(run) || isMisrouted(run, task)) return undefined;
  const { value, committed } = services.engine.apply(run, {
    kind: "startActivityTask",
    scheduledEventId,
    attempt,
    stamp,
    identity: request.identity,
    requestId: services.newId(),
    route: routeOfPoller(services, run, version),
  });
  if (value.startedActivityTask === undefined) return undefined;
  const response = activityTaskResponse(services, run, value.startedActivityTask, request.workerControlTaskQueue);
  return { response: PollActivityTaskQueueResponse.encode(response), committed };
}
