import type { ActivityExecutionRequest } from "../../core/activity-execution/contract.ts";
import { updatablePaths } from "../../core/activity-execution/options.ts";
import { durationFault, priorityFault } from "../../core/execution/command/check.ts";
import { durationMs } from "../../core/execution/duration.ts";
import type { ActivityOptions } from "../../proto/gen/activity.ts";
import {
  WorkflowService,
  type UpdateActivityExecutionOptionsRequest,
  type UpdateActivityExecutionOptionsResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Duration } from "../../proto/gen/google/protobuf.ts";
import type { Init } from "../../proto/message.ts";
import type { LiveActivity } from "../activities/activities.ts";
import { invalidArgument, unimplemented } from "../failures.ts";
import type { Services } from "../services.ts";
import {
  pauseActivities,
  resetActivities,
  unpauseActivities,
  updateActivitiesOptions,
} from "./activity-administration.ts";
import { checkReference, requireStandaloneActivities, type ActivityReference } from "./activity-execution-request.ts";
import { checkReason, requireActivity } from "./activity-executions.ts";
import { serve, type CallRow } from "./calls.ts";
import { requireTaskQueue } from "./requests.ts";

type Reference = ActivityReference & { readonly namespace: string; readonly workflowId: string };

/** Holding up and changing one activity by its id: a workflow's if the request names one, else a standalone one. */
export function activityExecutionAdministrationCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.PauseActivityExecution, async (request) => {
      requireCommands(services, request);
      checkReason(services, request.reason);
      const { reason, identity, requestId } = request;
      if (request.workflowId !== "") await pauseActivities(services, ofWorkflow(request), request);
      else
        await apply(services, request, { kind: "pause", reason, identity, requestId: requestId || services.newId() });
      return {};
    }),
    serve(methods.UnpauseActivityExecution, async (request) => {
      requireCommands(services, request);
      checkJitter(request.jitter);
      const { requestId, jitter } = request;
      const asked = { resetAttempts: false, resetHeartbeat: false, jitter };
      if (request.workflowId !== "") await unpauseActivities(services, ofWorkflow(request), asked);
      else await apply(services, request, { kind: "unpause", requestId, jitterMs: someOf(jitter) });
      return {};
    }),
    serve(methods.ResetActivityExecution, async (request) => {
      requireCommands(services, request);
      checkJitter(request.jitter);
      const { requestId, resetHeartbeat, keepPaused, restoreOriginalOptions, jitter } = request;
      const asked = { resetHeartbeat, keepPaused, restoreOriginalOptions };
      if (request.workflowId !== "") await resetActivities(services, ofWorkflow(request), { ...asked, jitter });
      else await apply(services, request, { kind: "reset", requestId, jitterMs: someOf(jitter), ...asked });
      return {};
    }),
    serve(methods.UpdateActivityExecutionOptions, (request) => update(services, request)),
  ];
}

async function update(
  services: Services,
  request: UpdateActivityExecutionOptionsRequest,
): Promise<Init<UpdateActivityExecutionOptionsResponse>> {
  requireCommands(services, request);
  const { activityOptions, updateMask, restoreOriginal, requestId } = request;
  const paths = (updateMask?.paths ?? []).map(camelCase);
  if (paths.length > 0 && restoreOriginal) {
    throw invalidArgument("Both UpdateMask and RestoreOriginal are provided");
  }
  if (!restoreOriginal) checkOptions(services, activityOptions, updateMask?.paths);
  if (request.workflowId !== "") return updateActivitiesOptions(services, { ...request, ...ofWorkflow(request) });
  const change =
    restoreOriginal || activityOptions === undefined
      ? "restoreOriginal"
      : { options: withQueueKind(services, activityOptions, paths), paths };
  const { state } = await apply(services, request, {
    kind: "updateOptions",
    activityId: request.activityId,
    requestId,
    change,
  });
  return { activityOptions: state.options };
}

async function apply(services: Services, request: Reference, asked: ActivityExecutionRequest): Promise<LiveActivity> {
  const activity = requireActivity(services, request);
  const { value, committed } = services.activities.apply(activity, asked);
  await committed;
  return { ...activity, state: value.state };
}

function requireCommands(services: Services, request: Reference): void {
  checkReference(services, request);
  if (request.workflowId !== "") return;
  requireStandaloneActivities(services);
  if (!services.settings.activityOperatorCommands) {
    throw unimplemented("Standalone activity operator commands are disabled");
  }
}

/** The same request in the form in which it names one activity of a workflow. */
function ofWorkflow({ namespace, workflowId, runId, activityId }: Reference): {
  readonly namespace: string;
  readonly execution: { readonly workflowId: string; readonly runId: string };
  readonly activity: { readonly case: "id"; readonly value: string };
} {
  return { namespace, execution: { workflowId, runId }, activity: { case: "id", value: activityId } };
}

function checkJitter(jitter: Duration | undefined): void {
  const fault = durationFault(jitter);
  if (fault !== undefined) throw invalidArgument(`invalid jitter: ${fault}`);
}

/** What of a jitter falls to one request, in milliseconds. */
function someOf(jitter: Duration | undefined): number {
  return Math.random() * durationMs(jitter);
}

function checkOptions(
  services: Services,
  options: ActivityOptions | undefined,
  paths: readonly string[] | undefined,
): void {
  if (options === undefined) throw invalidArgument("ActivityOptions are not provided");
  if (paths === undefined) throw invalidArgument("UpdateMask is not provided");
  if (paths.length === 0) throw invalidArgument("UpdateMask must specify at least one path");
  for (const path of paths) {
    if (!updatablePaths.has(camelCase(path))) {
      throw invalidArgument(`unsupported update_mask path: ${JSON.stringify(path)}`);
    }
  }
  if (paths.some((path) => camelCase(path) === "startDelay")) {
    const fault = durationFault(options.startDelay);
    if (fault !== undefined) throw invalidArgument(`invalid StartDelay: ${fault}`);
    if (durationMs(options.startDelay) > 0 && !services.settings.activityStartDelay) {
      throw invalidArgument("start_delay is not enabled for this namespace");
    }
  }
  const wrongPriority = priorityFault(options.priority);
  if (wrongPriority !== undefined) throw invalidArgument(wrongPriority);
}

function withQueueKind(services: Services, options: ActivityOptions, paths: readonly string[]): ActivityOptions {
  if (!paths.includes("taskQueue.name")) return options;
  return { ...options, taskQueue: requireTaskQueue(services, options.taskQueue) };
}

function camelCase(path: string): string {
  return path.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase());
}
