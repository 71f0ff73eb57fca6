import type { ActivityExecutionState } from "../../core/activity-execution/state.ts";
import { toTimestamp } from "../../core/execution/duration.ts";
import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import { WorkerVersioningMode } from "../../proto/gen/enums.ts";
import { PollActivityTaskQueueResponse, type PollActivityTaskQueueRequest } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import type { LiveActivity } from "../activities/activities.ts";
import type { StandaloneActivityTask } from "../matching/task.ts";
import type { Services } from "../services.ts";
import { encodeTaskToken } from "./task-token.ts";

/** A task that a poller gets once its start is durable. */
export interface TakenTask {
  readonly response: Uint8Array;
  readonly committed: Promise<void>;
}

/** Starts an attempt of a standalone activity for a poller; `undefined` if it is not wanted any more. */
export function takeStandalone(
  services: Services,
  { runKey, stamp }: StandaloneActivityTask,
  request: PollActivityTaskQueueRequest,
  { metadata }: IncomingCall,
): TakenTask | undefined {
  const taken = services.activities.take(runKey, {
    kind: "start",
    stamp,
    identity: request.identity,
    requestId: services.newId(),
    sdkName: textOf(metadata["client-name"]),
    sdkVersion: textOf(metadata["client-version"]),
    deploymentVersion: versionOf(request),
  });
  if (taken === undefined) return undefined;
  const { activity, committed } = taken;
  return { response: PollActivityTaskQueueResponse.encode(toResponse(services, activity)), committed };
}

function toResponse(services: Services, activity: LiveActivity): Init<PollActivityTaskQueueResponse> {
  const { key, namespaceId, id, runId, state } = activity;
  const { attempt, options } = state;
  const { input, header } = services.activities.readStart(activity);
  return {
    taskToken: encodeTaskToken({
      kind: "standaloneActivity",
      namespaceId,
      runKey: key,
      runId,
      attempt: attempt.count,
      stamp: attempt.startedStamp,
    }),
    workflowNamespace: services.namespaces.findById(namespaceId)?.name ?? "",
    workflowExecution: {},
    activityId: id,
    activityRunId: runId,
    activityType: { name: state.activityType },
    attempt: attempt.count,
    ...(input === undefined ? {} : { input }),
    ...(header === undefined ? {} : { header }),
    ...(state.heartbeatDetails === undefined ? {} : { heartbeatDetails: state.heartbeatDetails }),
    ...timesOf(state),
    scheduleToCloseTimeout: options.scheduleToCloseTimeout ?? {},
    ...(options.startToCloseTimeout === undefined ? {} : { startToCloseTimeout: options.startToCloseTimeout }),
    ...(options.heartbeatTimeout === undefined ? {} : { heartbeatTimeout: options.heartbeatTimeout }),
    ...(options.retryPolicy === undefined ? {} : { retryPolicy: options.retryPolicy }),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
  };
}

function timesOf({ scheduleMs, attempt }: ActivityExecutionState): Init<PollActivityTaskQueueResponse> {
  return {
    scheduledTime: toTimestamp(scheduleMs),
    currentAttemptScheduledTime: toTimestamp(attempt.dispatchMs ?? scheduleMs),
    startedTime: toTimestamp(attempt.startedMs ?? scheduleMs),
  };
}

function versionOf({ deploymentOptions }: PollActivityTaskQueueRequest): WorkerDeploymentVersion | undefined {
  if (deploymentOptions?.workerVersioningMode !== WorkerVersioningMode.VERSIONED) return undefined;
  const { buildId, deploymentName } = deploymentOptions;
  return { buildId, deploymentName };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
