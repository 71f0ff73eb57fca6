import { isSameDirective, versionDirective } from "../../core/execution/versioning/effective.ts";
import type { PollerRoute } from "../../core/execution/versioning/versioning-state.ts";
import type { WorkerVersionCapabilities } from "../../proto/gen/common.ts";
import type { WorkerDeploymentOptions, WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import { WorkerVersioningMode } from "../../proto/gen/enums.ts";
import { NO_RULES } from "../deployments/version-rules.ts";
import { setOf } from "../deployments/version-sets.ts";
import { invalidArgument } from "../failures.ts";
import type { Run } from "../history/run.ts";
import type { TaskQueueAddress } from "../matching/matching.ts";
import type { QueuedTask } from "../matching/task.ts";
import type { Services } from "../services.ts";

/**
 * The version of a worker that polls; undefined if it has none.
 *
 * @throws {RPCError} `INVALID_ARGUMENT` if it says it has one and does not say which.
 */
export function pollerVersion(
  options: WorkerDeploymentOptions | undefined,
  capabilities: WorkerVersionCapabilities | undefined,
): WorkerDeploymentVersion | undefined {
  if (options?.workerVersioningMode === WorkerVersioningMode.VERSIONED) {
    const { deploymentName, buildId } = options;
    if (deploymentName === "") throw invalidArgument("versioned worker must have deployment name");
    if (buildId === "") throw invalidArgument("versioned worker must have build id");
    if (/[.:]/.test(deploymentName)) throw invalidArgument("deployment name cannot contain ':' or '.'");
    return { deploymentName, buildId };
  }
  if (capabilities?.useVersioning !== true) return undefined;
  const { deploymentSeriesName: deploymentName, buildId } = capabilities;
  return deploymentName === "" || buildId === "" ? undefined : { deploymentName, buildId };
}

/** Notes that workers of a version poll a queue, where versions of workers are allowed. */
export function registerPoller(
  { deployments, clock, settings }: Services,
  { namespaceId, type, name }: TaskQueueAddress,
  version: WorkerDeploymentVersion,
): void {
  if (settings.deploymentVersions) deployments.register(namespaceId, version, { name, type }, clock.now());
}

/** What the run must know of the worker that gets one of its tasks. */
export function routeOfPoller(
  { deployments }: Services,
  { namespaceId, state }: Run,
  version: WorkerDeploymentVersion | undefined,
): PollerRoute {
  const queue = { namespaceId, type: "workflow", name: state.taskQueue } as const;
  return { version, target: deployments.target(queue, versionDirective(state)) };
}

/** The build of the worker that gets one of the run's workflow tasks, where rules assign builds. */
export function assignedBuild(
  { compatibleBuilds }: Services,
  { namespaceId, state }: Run,
  capabilities: WorkerVersionCapabilities | undefined,
): Pick<PollerRoute, "assignedBuildId"> {
  const { buildId = "", useVersioning = false, deploymentSeriesName = "" } = capabilities ?? {};
  const queue = { namespaceId, name: state.taskQueue };
  if (!useVersioning || deploymentSeriesName !== "" || compatibleBuilds.rulesOf(queue) === NO_RULES) return {};
  return setOf(compatibleBuilds.find(queue), buildId) === undefined ? { assignedBuildId: buildId } : {};
}

/** Whether the run has moved since the task was offered: then it was offered once more, and this one is void. */
export function isMisrouted({ state }: Run, { directive }: QueuedTask): boolean {
  return directive !== undefined && !isSameDirective(directive, versionDirective(state));
}

/** Where workers without a deployment wait that say which build they are: with those of compatible builds. */
export function waitingPlace(
  { compatibleBuilds }: Services,
  address: TaskQueueAddress,
  capabilities: WorkerVersionCapabilities | undefined,
): WorkerDeploymentVersion | undefined {
  if (capabilities?.useVersioning !== true) return undefined;
  if (capabilities.buildId === "") throw invalidArgument("build ID must be provided when using worker versioning");
  return compatibleBuilds.waitingPlace(address, capabilities.buildId);
}
