import type { ActivityTarget } from "../../core/execution/contract.ts";
import type { Payloads } from "../../proto/gen/common.ts";
import { Failure } from "../../proto/gen/failure.ts";
import type {
  RecordActivityTaskHeartbeatResponse,
  RespondActivityTaskFailedResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { invalidArgument, notFound } from "../failures.ts";
import type { Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import { applyRequest } from "./apply.ts";
import { isTooLarge } from "./blob-size.ts";
import { limitLength, requireNamespace, requireRun } from "./requests.ts";
import { requireClaim, requireClaimedRun } from "./task-claims.ts";

/** An activity that a report is about. */
export interface ReportedActivity {
  readonly run: Run;
  readonly activity: ActivityTarget;
}

/** The activity whose token a worker holds. */
export function activityByToken(
  services: Services,
  request: {
    readonly taskToken: Uint8Array;
    readonly namespace: string;
    readonly identity: string;
  },
): ReportedActivity {
  const claim = requireClaim(services, "activity", request.taskToken, request.namespace);
  limitLength(services, request.identity, "Identity length exceeds limit.");
  const { scheduledEventId, startedEventId, attempt } = claim;
  return {
    run: requireClaimedRun(services, claim),
    activity: { by: "token", scheduledEventId, startedEventId, attempt },
  };
}

/** The activity that a caller names. */
export function activityById(
  services: Services,
  request: {
    readonly namespace: string;
    readonly workflowId: string;
    readonly runId: string;
    readonly activityId: string;
    readonly identity: string;
  },
): ReportedActivity {
  const namespace = requireNamespace(services, request.namespace);
  const { workflowId, runId, activityId } = request;
  if (activityId === "") throw invalidArgument("ActivityId is not set on request.");
  limitLength(services, request.identity, "Identity length exceeds limit.");
  // Without a workflow it would be an activity of its own, and there are none here.
  if (workflowId === "") throw notFound(`activity not found for ID: ${activityId}`);
  return {
    run: requireRun(services, namespace, { workflowId, runId }),
    activity: { by: "id", activityId },
  };
}

/** An activity has a result. One that is too large to be kept fails it. */
export async function completeActivity(
  services: Services,
  { run, activity }: ReportedActivity,
  { result, identity }: { readonly result: Payloads | undefined; readonly identity: string },
): Promise<Record<string, never>> {
  if (isTooLarge(services, result)) {
    const failure = serverFailure("Complete result exceeds size limit.");
    await applyRequest(services, run, { kind: "failActivity", activity, failure, identity });
  } else {
    await applyRequest(services, run, { kind: "completeActivity", activity, result, identity });
  }
  return {};
}

/** An attempt of an activity has failed. Heartbeat details that are too large to be kept are left out. */
export async function failActivity(
  services: Services,
  { run, activity }: ReportedActivity,
  request: {
    readonly failure: Failure | undefined;
    readonly lastHeartbeatDetails: Payloads | undefined;
    readonly identity: string;
  },
): Promise<Init<RespondActivityTaskFailedResponse>> {
  const { failure, lastHeartbeatDetails, identity } = request;
  if (failure !== undefined && failure.failureInfo?.case !== "applicationFailureInfo") {
    throw invalidArgument("Failure must have ApplicationFailureInfo.");
  }
  const tooLarge = isTooLarge(services, lastHeartbeatDetails);
  await applyRequest(services, run, {
    kind: "failActivity",
    activity,
    failure,
    lastHeartbeatDetails: tooLarge ? undefined : lastHeartbeatDetails,
    identity,
  });
  return tooLarge ? { failures: [heartbeatFailure()] } : {};
}

/** An activity has ended because it was told to. */
export async function cancelActivity(
  services: Services,
  { run, activity }: ReportedActivity,
  { details, identity }: { readonly details: Payloads | undefined; readonly identity: string },
): Promise<Record<string, never>> {
  await applyRequest(services, run, { kind: "cancelActivity", activity, details, identity });
  return {};
}

/** An activity is alive. Details that are too large to be kept fail it. */
export async function recordHeartbeat(
  services: Services,
  { run, activity }: ReportedActivity,
  { details, identity }: { readonly details: Payloads | undefined; readonly identity: string },
): Promise<Init<RecordActivityTaskHeartbeatResponse>> {
  if (isTooLarge(services, details)) {
    const failure = heartbeatFailure();
    await applyRequest(services, run, { kind: "failActivity", activity, failure, identity });
    return { cancelRequested: true };
  }
  const { activityState } = await applyRequest(services, run, {
    kind: "heartbeatActivity",
    activity,
    details,
    identity,
  });
  const { cancelRequested = false, paused = false, reset = false } = activityState ?? {};
  return { cancelRequested, activityPaused: paused, activityReset: reset };
}

function heartbeatFailure(): Failure {
  return serverFailure("Heartbeat details exceed size limit.");
}

function serverFailure(message: string): Failure {
  return Failure.create({
    message,
    source: "Server",
    failureInfo: { case: "serverFailureInfo", value: { nonRetryable: true } },
  });
}
