import type { ActivityTarget, ExecutionRequest } from "../../core/execution/contract.ts";
import { WorkerDeploymentOptions } from "../../proto/gen/deployment.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import {
  PollActivityTaskQueueResponse,
  WorkflowService,
  type PollActivityTaskQueueRequest,
} from "../../proto/gen/workflowservice.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import { invalidArgument, notFound } from "../failures.ts";
import { isOpen, type Run } from "../history/run.ts";
import type { Task } from "../matching/task.ts";
import type { Services } from "../services.ts";
import { activityTaskResponse } from "./activity-task-response.ts";
import { serve, serveBytes, type CallRow } from "./calls.ts";
import { toPoll } from "./polling.ts";
import { limitLength, requireNamespace, requireRun, requireTaskQueue } from "./requests.ts";
import { requireClaim, requireClaimedRun } from "./task-claims.ts";

const noTask = PollActivityTaskQueueResponse.encode({});

interface TakenTask {
  readonly response: Uint8Array;
  readonly committed: Promise<void>;
}

/** What workers, and those who complete activities from elsewhere, call about activities. */
export function activityTaskCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serveBytes(methods.PollActivityTaskQueue, (request, call) => poll(services, request, call)),
    serve(methods.RespondActivityTaskCompleted, (request) =>
      respond(services, byToken(services, request), ({ activity }) => ({
        kind: "completeActivity",
        activity,
        result: request.result,
        identity: request.identity,
      })),
    ),
    serve(methods.RespondActivityTaskCompletedById, (request) =>
      respond(services, byId(services, request), ({ activity }) => ({
        kind: "completeActivity",
        activity,
        result: request.result,
        identity: request.identity,
      })),
    ),
    serve(methods.RespondActivityTaskFailed, (request) => {
      const target = byToken(services, request);
      checkFailure(request.failure);
      return respond(services, target, ({ activity }) => ({
        kind: "failActivity",
        activity,
        failure: request.failure,
        lastHeartbeatDetails: request.lastHeartbeatDetails,
        identity: request.identity,
      }));
    }),
    serve(methods.RespondActivityTaskFailedById, (request) => {
      const target = byId(services, request);
      checkFailure(request.failure);
      return respond(services, target, ({ activity }) => ({
        kind: "failActivity",
        activity,
        failure: request.failure,
        lastHeartbeatDetails: request.lastHeartbeatDetails,
        identity: request.identity,
      }));
    }),
    serve(methods.RespondActivityTaskCanceled, (request) =>
      respond(services, byToken(services, request), ({ activity }) => ({
        kind: "cancelActivity",
        activity,
        details: request.details,
        identity: request.identity,
      })),
    ),
    serve(methods.RespondActivityTaskCanceledById, (request) =>
      respond(services, byId(services, request), ({ activity }) => ({
        kind: "cancelActivity",
        activity,
        details: request.details,
        identity: request.identity,
      })),
    ),
    serve(methods.RecordActivityTaskHeartbeat, (request) =>
      heartbeat(services, byToken(services, request), request.details, request.identity),
    ),
    serve(methods.RecordActivityTaskHeartbeatById, (request) =>
      heartbeat(services, byId(services, request), request.details, request.identity),
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
  const { deploymentOptions, taskQueueMetadata } = request;
  const worker = toPoll(services, call, {
    identity: request.identity,
    workerInstanceKey: request.workerInstanceKey,
    ratePerSecond: taskQueueMetadata?.maxTasksPerSecond?.value,
    ...(deploymentOptions === undefined
      ? {}
      : { deploymentOptions: WorkerDeploymentOptions.encode(deploymentOptions) }),
  });
  const taken = await services.matching.poll(address, worker, (task) => take(services, task, request.identity));
  if (taken === undefined) return noTask;
  // Unlike a workflow task's, this start must be durable first: an activity may be of the kind that runs once at most.
  await taken.committed;
  return taken.response;
}

/** Starts an activity for a poller; `undefined` if it is not wanted any more. */
function take(services: Services, task: Task, identity: string): TakenTask | undefined {
  if (task.kind !== "activity") return undefined;
  const { runKey, scheduledEventId, attempt, stamp } = task;
  const run = services.engine.load(runKey);
  if (run === undefined || !isOpen(run)) return undefined;
  const { value, committed } = services.engine.apply(run, {
    kind: "startActivityTask",
    scheduledEventId,
    attempt,
    stamp,
    identity,
    requestId: services.newId(),
  });
  if (value.startedActivityTask === undefined) return undefined;
  const response = activityTaskResponse(services, run, value.startedActivityTask);
  return { response: PollActivityTaskQueueResponse.encode(response), committed };
}

/** An activity that a request is about. */
interface Target {
  readonly run: Run;
  readonly activity: ActivityTarget;
}

function byToken(
  services: Services,
  request: { readonly taskToken: Uint8Array; readonly namespace: string; readonly identity: string },
): Target {
  const claim = requireClaim(services, "activity", request.taskToken, request.namespace);
  limitLength(services, request.identity, "Identity length exceeds limit.");
  const { scheduledEventId, startedEventId, attempt } = claim;
  return {
    run: requireClaimedRun(services, claim),
    activity: { by: "token", scheduledEventId, startedEventId, attempt },
  };
}

function byId(
  services: Services,
  request: {
    readonly namespace: string;
    readonly workflowId: string;
    readonly runId: string;
    readonly activityId: string;
    readonly identity: string;
  },
): Target {
  const namespace = requireNamespace(services, request.namespace);
  const { workflowId, runId, activityId } = request;
  if (activityId === "") throw invalidArgument("ActivityId is not set on request.");
  limitLength(services, request.identity, "Identity length exceeds limit.");
  // Without a workflow it would be an activity of its own, and there are none here.
  if (workflowId === "") throw notFound(`activity not found for ID: ${activityId}`);
  return { run: requireRun(services, namespace, { workflowId, runId }), activity: { by: "id", activityId } };
}

async function respond(
  { engine }: Services,
  target: Target,
  toRequest: (target: Target) => ExecutionRequest,
): Promise<Record<string, never>> {
  const { value, committed } = engine.apply(target.run, toRequest(target));
  await committed;
  if (value.error !== undefined) throw value.error;
  return {};
}

async function heartbeat(
  { engine }: Services,
  { run, activity }: Target,
  details: Extract<ExecutionRequest, { kind: "heartbeatActivity" }>["details"],
  identity: string,
): Promise<{ cancelRequested: boolean; activityPaused: boolean; activityReset: boolean }> {
  const { value, committed } = engine.apply(run, { kind: "heartbeatActivity", activity, details, identity });
  await committed;
  if (value.error !== undefined) throw value.error;
  const { cancelRequested = false, paused = false, reset = false } = value.activityState ?? {};
  return { cancelRequested, activityPaused: paused, activityReset: reset };
}

function checkFailure(failure: Failure | undefined): void {
  if (failure !== undefined && failure.failureInfo?.case !== "applicationFailureInfo") {
    throw invalidArgument("Failure must have ApplicationFailureInfo.");
  }
}
