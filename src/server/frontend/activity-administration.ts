import type { ActivitySelector } from "../../core/execution/contract.ts";
import { durationMs } from "../../core/execution/duration.ts";
import { pendingActivities } from "../../core/execution/view.ts";
import type { ActivityOptions } from "../../proto/gen/activity.ts";
import type { WorkflowExecution } from "../../proto/gen/common.ts";
import {
  WorkflowService,
  type PauseActivityRequest,
  type ResetActivityRequest,
  type UnpauseActivityRequest,
  type UpdateActivityOptionsRequest,
  type UpdateActivityOptionsResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { invalidArgument } from "../failures.ts";
import type { Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import { applyRequest } from "./apply.ts";
import { serve, type CallRow } from "./calls.ts";
import { requireNamespace, requireRun } from "./requests.ts";
import { checkPriority } from "./start-request.ts";

/** Holding up and changing activities of a run from outside. */
export function activityAdministrationCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.PauseActivity, async (request) => {
      await pauseActivities(services, request, request);
      return {};
    }),
    serve(methods.UnpauseActivity, async (request) => {
      await unpauseActivities(services, request, request);
      return {};
    }),
    serve(methods.ResetActivity, async (request) => {
      await resetActivities(services, request, request);
      return {};
    }),
    serve(methods.UpdateActivityOptions, (request) => updateActivitiesOptions(services, request)),
  ];
}

/** Lets no attempt of the activities follow the one that runs. */
export async function pauseActivities(
  services: Services,
  target: ActivitiesTarget,
  { identity, reason, requestId }: Pick<PauseActivityRequest, "identity" | "reason" | "requestId">,
): Promise<void> {
  const { run, activities } = select(services, target);
  await applyRequest(services, run, { kind: "pauseActivity", activities, identity, reason, requestId });
}

/** Lets paused activities go on. */
export async function unpauseActivities(
  services: Services,
  target: ActivitiesTarget,
  {
    resetAttempts,
    resetHeartbeat,
    jitter,
  }: Pick<UnpauseActivityRequest, "resetAttempts" | "resetHeartbeat" | "jitter">,
): Promise<void> {
  const { run, activities } = select(services, target);
  await applyRequest(services, run, {
    kind: "unpauseActivity",
    activities,
    resetAttempts,
    resetHeartbeat,
    jitterMs: durationMs(jitter),
  });
}

/** Has activities begin again with their first attempt. */
export async function resetActivities(
  services: Services,
  target: ActivitiesTarget,
  asked: Pick<ResetActivityRequest, "resetHeartbeat" | "keepPaused" | "restoreOriginalOptions" | "jitter">,
): Promise<void> {
  const { resetHeartbeat, keepPaused, restoreOriginalOptions, jitter } = asked;
  const { run, activities } = select(services, target);
  await applyRequest(services, run, {
    kind: "resetActivity",
    activities,
    resetHeartbeat,
    keepPaused,
    restoreOriginalOptions,
    jitterMs: durationMs(jitter),
  });
}

/** Gives activities other options, and answers those of the first. */
export async function updateActivitiesOptions(
  services: Services,
  request: ActivitiesTarget & Pick<UpdateActivityOptionsRequest, "activityOptions" | "updateMask" | "restoreOriginal">,
): Promise<Init<UpdateActivityOptionsResponse>> {
  const { activityOptions, updateMask, restoreOriginal } = request;
  const { run, activities } = select(services, request);
  checkPriority(activityOptions?.priority);
  if (!restoreOriginal && activityOptions === undefined) {
    throw invalidArgument("ActivityOptions are not provided");
  }
  if (!restoreOriginal && updateMask === undefined) {
    throw invalidArgument("UpdateMask is not provided");
  }
  const change =
    restoreOriginal || activityOptions === undefined
      ? "restoreOriginal"
      : { options: activityOptions, paths: updateMask?.paths ?? [] };
  await applyRequest(services, run, { kind: "updateActivityOptions", activities, change });
  return { activityOptions: optionsOf(services, run, activities) };
}

/** Options in force of the first activity that is meant. */
function optionsOf({ clock }: Services, run: Run, activities: ActivitySelector): ActivityOptions | undefined {
  return pendingActivities(run.state, clock.now()).find(({ activityId, activityType }) => {
    if (activities.by === "id") return activityId === activities.activityId;
    return activities.by === "all" || activityType?.name === activities.activityType;
  })?.activityOptions;
}

interface Selection {
  readonly run: Run;
  readonly activities: ActivitySelector;
}

/** Which activities of a workflow a request means. */
export interface ActivitiesTarget {
  readonly namespace: string;
  readonly execution: WorkflowExecution | undefined;
  readonly activity:
    | { readonly case: "id" | "type"; readonly value: string }
    | { readonly case: "unpauseAll" | "matchAll"; readonly value: boolean }
    | undefined;
}

function select(services: Services, request: ActivitiesTarget): Selection {
  const { execution, activity } = request;
  if (execution === undefined || execution.workflowId === "") {
    throw invalidArgument("WorkflowId is not set on request.");
  }
  if (activity === undefined) {
    throw invalidArgument("Either Activity.Id or Activity.Type should be set on request.");
  }
  const run = requireRun(services, requireNamespace(services, request.namespace), execution);
  if (activity.case === "id") return { run, activities: { by: "id", activityId: activity.value } };
  if (activity.case === "type") {
    return { run, activities: { by: "type", activityType: activity.value } };
  }
  return { run, activities: { by: "all" } };
}
