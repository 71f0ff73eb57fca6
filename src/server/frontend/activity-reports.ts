import type { AttemptReport, AttemptTarget, AttemptWish } from "../../core/activity-execution/contract.ts";
import type { ActivityTarget } from "../../core/execution/contract.ts";
import { ExecutionError } from "../../core/execution/execution-error.ts";
import type { Payloads } from "../../proto/gen/common.ts";
import { Failure } from "../../proto/gen/failure.ts";
import type {
  RecordActivityTaskHeartbeatResponse,
  RespondActivityTaskFailedResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { LiveActivity } from "../activities/activities.ts";
import { invalidArgument, notFound } from "../failures.ts";
import type { Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import { requireStandaloneActivities } from "./activity-execution-request.ts";
import { activityNotFound } from "./activity-executions.ts";
import { applyRequest } from "./apply.ts";
import { isTooLarge } from "./blob-size.ts";
import { limitLength, requireNamespace, requireRun } from "./requests.ts";
import { requireClaim, requireClaimedRun } from "./task-claims.ts";
import type { StandaloneActivityTaskClaim } from "./task-token.ts";

/** An activity that a report is about: a workflow's, or a standalone one. */
export type ReportedActivity =
  | { readonly run: Run; readonly activity: ActivityTarget }
  | { readonly standalone: LiveActivity; readonly target: AttemptTarget };

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
  if (claim.kind === "standaloneActivity") return standaloneByToken(services, claim);
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
  if (workflowId === "") {
    if (!services.settings.standaloneActivities) throw invalidArgument("WorkflowId is not set on request.");
    const standalone = services.activities.find(namespace.id, activityId, runId);
    if (standalone === undefined) throw activityNotFound(activityId);
    return { standalone, target: { by: "id" } };
  }
  return {
    run: requireRun(services, namespace, { workflowId, runId }),
    activity: { by: "id", activityId },
  };
}

function standaloneByToken(services: Services, claim: StandaloneActivityTaskClaim): ReportedActivity {
  requireStandaloneActivities(services);
  const { runKey, runId, attempt, stamp } = claim;
  const standalone = services.activities.load(runKey);
  // Keys are small numbers: the rest of the token must fit as well.
  if (standalone === undefined || standalone.runId !== runId) throw notFound("activity task not found");
  return { standalone, target: { by: "token", attempt, stamp } };
}

/** Tells the activity and answers what it wants its worker to know, once that is durable. */
async function report(
  services: Services,
  reported: ReportedActivity,
  asked: AttemptReport,
): Promise<AttemptWish | undefined> {
  if ("run" in reported) {
    const { run, activity } = reported;
    // Its worker only frees a slot by the answer, and the workflow has the news already.
    const { activityState } = await applyRequest(services, run, { ...asked, activity }, { patient: true });
    return activityState;
  }
  const { standalone, target } = reported;
  try {
    const { value, committed } = services.activities.apply(standalone, { kind: "report", target, report: asked });
    await committed;
    return value.wish;
  } catch (error) {
    // As the service has it: an attempt that is not there is told like an activity that is not there.
    if (error instanceof ExecutionError && error.status === "NOT_FOUND") throw activityNotFound(standalone.id);
    throw error;
  }
}

/** An activity has a result. One that is too large to be kept fails it. */
export async function completeActivity(
  services: Services,
  reported: ReportedActivity,
  { result, identity }: { readonly result: Payloads | undefined; readonly identity: string },
): Promise<Record<string, never>> {
  if (isTooLarge(services, result)) {
    const failure = serverFailure("Complete result exceeds size limit.");
    await report(services, reported, { kind: "failActivity", failure, identity });
  } else {
    await report(services, reported, { kind: "completeActivity", result, identity });
  }
  return {};
}

/** An attempt of an activity has failed. Heartbeat details that are too large to be kept are left out. */
export async function failActivity(
  services: Services,
  reported: ReportedActivity,
  request: {
    readonly failure: Failure | undefined;
    readonly lastHeartbeatDetails: Payloads | undefined;
    readonly identity: string;
  },
): Promise<Init<RespondActivityTaskFailedResponse>> {
  const { failure, lastHeartbeatDetails, identity } = request;
  const { by } = "run" in reported ? reported.activity : reported.target;
  // As the service has it: only workers are held to that.
  if (by === "token" && failure !== undefined && failure.failureInfo?.case !== "applicationFailureInfo") {
    throw invalidArgument("Failure must have ApplicationFailureInfo.");
  }
  const tooLarge = isTooLarge(services, lastHeartbeatDetails);
  await report(services, reported, {
    kind: "failActivity",
    failure,
    lastHeartbeatDetails: tooLarge ? undefined : lastHeartbeatDetails,
    identity,
  });
  return tooLarge ? { failures: [heartbeatFailure()] } : {};
}

/** An activity has ended because it was told to. */
export async function cancelActivity(
  services: Services,
  reported: ReportedActivity,
  { details, identity }: { readonly details: Payloads | undefined; readonly identity: string },
): Promise<Record<string, never>> {
  await report(services, reported, { kind: "cancelActivity", details, identity });
  return {};
}

/** An activity is alive. Details that are too large to be kept fail it. */
export async function recordHeartbeat(
  services: Services,
  reported: ReportedActivity,
  { details, identity }: { readonly details: Payloads | undefined; readonly identity: string },
): Promise<Init<RecordActivityTaskHeartbeatResponse>> {
  if (isTooLarge(services, details)) {
    const failure = heartbeatFailure();
    await report(services, reported, { kind: "failActivity", failure, identity });
    return { cancelRequested: true };
  }
  const wish = await report(services, reported, { kind: "heartbeatActivity", details, identity });
  const { cancelRequested = false, paused = false, reset = false } = wish ?? {};
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
