import { WorkflowExecutionOptions } from "../../proto/gen/workflow.ts";
import {
  WorkflowService,
  type UpdateWorkflowExecutionOptionsRequest,
  type UpdateWorkflowExecutionOptionsResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { invalidArgument } from "../failures.ts";
import type { Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import { applyRequest } from "./apply.ts";
import { serve, type CallRow } from "./calls.ts";
import { limitLength, requireExecution, requireNamespace, requireRun } from "./requests.ts";
import { bindOverride, checkOverride } from "./versioning-override.ts";
import { prepareTimeSkipping } from "./time-skipping-request.ts";
import { checkPriority } from "./start-request.ts";

/** Holding up and changing whole runs from outside. */
export function runAdministrationCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.PauseWorkflowExecution, async (request) => {
      const { identity, reason, requestId } = request;
      const run = findRun(services, request);
      await applyRequest(services, run, { kind: "pauseRun", identity, reason, requestId });
      return {};
    }),
    serve(methods.UnpauseWorkflowExecution, async (request) => {
      const { identity, reason, requestId } = request;
      const run = findRun(services, request);
      await applyRequest(services, run, { kind: "unpauseRun", identity, reason, requestId });
      return {};
    }),
    serve(methods.UpdateWorkflowExecutionOptions, (request) => updateOptions(services, request)),
  ];
}

interface PauseRequest {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly identity: string;
  readonly reason: string;
  readonly requestId: string;
}

function findRun(services: Services, request: PauseRequest): Run {
  const { workflowId, runId } = request;
  limitLength(services, request.reason, "reason is too long.");
  limitLength(services, request.requestId, "request id is too long.");
  limitLength(services, request.identity, "identity is too long.");
  const execution = requireExecution({ workflowId, runId });
  return requireRun(services, requireNamespace(services, request.namespace), execution);
}

// Paths of the options that can be changed, in both spellings that clients use.
const versioningPaths = new Set(["versioning_override", "versioningOverride"]);
const priorityPaths = new Set(["priority"]);
const timeSkippingPaths = new Set(["time_skipping_config", "timeSkippingConfig"]);
const TIME_SKIPPING_PART = /^time_?skipping_?config\./i;

async function updateOptions(
  services: Services,
  request: UpdateWorkflowExecutionOptionsRequest,
): Promise<Init<UpdateWorkflowExecutionOptionsResponse>> {
  const { workflowExecution, workflowExecutionOptions, updateMask, identity } = request;
  const execution = requireExecution(workflowExecution);
  if (updateMask === undefined) throw invalidArgument("UpdateMask is required");
  if (workflowExecutionOptions === undefined) {
    throw invalidArgument("WorkflowExecutionOptions is required");
  }
  checkPriority(workflowExecutionOptions.priority);
  const timeSkippingConfig = prepareTimeSkipping(services, workflowExecutionOptions.timeSkippingConfig);
  checkPaths(updateMask.paths);
  const run = requireRun(services, requireNamespace(services, request.namespace), execution);
  const { versioningOverride, priority } = workflowExecutionOptions;
  const sets = (wanted: ReadonlySet<string>): boolean => updateMask.paths.some((path) => wanted.has(path));
  const setsVersioning = sets(versioningPaths);
  const setsPriority = sets(priorityPaths);
  // As they are set: skipping that begins at once may have ended already.
  const timeSkipping = { config: sets(timeSkippingPaths) ? timeSkippingConfig : run.state.timeSkipping?.config };
  if (setsVersioning) {
    checkOverride(services, versioningOverride);
    bindOverride(services, run.namespaceId, run.state.taskQueue, versioningOverride);
  }
  await applyRequest(services, run, {
    kind: "updateOptions",
    identity,
    ...(setsVersioning ? { versioningOverride: versioningOverride ?? "unset" } : {}),
    ...(setsPriority && priority !== undefined ? { priority } : {}),
    ...(sets(timeSkippingPaths) ? { timeSkipping } : {}),
  });
  return {
    workflowExecutionOptions: WorkflowExecutionOptions.create({
      priority: run.state.priority,
      versioningOverride: run.state.versioningOverride,
      timeSkippingConfig: timeSkipping.config,
    }),
  };
}

function checkPaths(paths: readonly string[]): void {
  if (paths.some((path) => TIME_SKIPPING_PART.test(path)))
    throw invalidArgument("error applying update_options: time_skipping_config doesn't support partial update");
  const known = [versioningPaths, priorityPaths, timeSkippingPaths];
  const unknown = paths.find((path) => !known.some((set) => set.has(path)));
  if (unknown !== undefined) throw invalidArgument(`error parsing UpdateMask: "${unknown}" cannot be updated here`);
}
