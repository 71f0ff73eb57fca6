import type { VersionDirective } from "../../core/execution/versioning/effective.ts";
import type { TargetVersion } from "../../core/execution/versioning/versioning-state.ts";
import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import { VersioningBehavior } from "../../proto/gen/enums.ts";
import type { TaskQueueType } from "../matching/task.ts";
import { findVersion, versionOf, type DeploymentRecord, type VersionQueue } from "./deployment-record.ts";
import { fingerprint32 } from "./fingerprint.ts";

/** Where a queue's tasks go that are not bound to a version. */
export interface QueueRouting {
  readonly current: TargetVersion;
  readonly ramping: (TargetVersion & { readonly percentage: number }) | undefined;
  /** When this last changed, in milliseconds since the epoch; zero if it never did. */
  readonly changedMs: number;
}

interface Candidate extends TargetVersion {
  readonly changedMs: number;
  readonly percentage: number;
}

const NOWHERE: Candidate = { version: undefined, revision: 0, changedMs: 0, percentage: 0 };

/** Whether a version's workers poll a queue. */
export function servesQueue(deployment: DeploymentRecord, buildId: string, queue: VersionQueue): boolean {
  const version = findVersion(deployment, buildId);
  return version?.queues.some(({ name, type }) => name === queue.name && type === queue.type) === true;
}

/** The routing of a queue by the deployments that have it; a version that serves it comes before none, then the later. */
export function routeQueue(deployments: readonly DeploymentRecord[], queue: VersionQueue): QueueRouting {
  let current = NOWHERE;
  let ramping: Candidate | undefined;
  for (const deployment of deployments) {
    if (!deployment.versions.some(({ buildId }) => servesQueue(deployment, buildId, queue))) continue;
    const { routing } = deployment;
    const { revision } = routing;
    const isServed = (buildId: string): boolean => buildId === "" || servesQueue(deployment, buildId, queue);
    if (isServed(routing.currentBuildId)) {
      const changedMs = routing.currentChangedMs ?? 0;
      const version = versionOf(deployment, routing.currentBuildId);
      current = later(current, { version, revision, changedMs, percentage: 0 });
    }
    if (routing.rampingBuildId !== undefined && isServed(routing.rampingBuildId)) {
      const changedMs = routing.percentageChangedMs ?? 0;
      const version = versionOf(deployment, routing.rampingBuildId);
      ramping = later(ramping, { version, revision, changedMs, percentage: routing.rampPercentage });
    }
  }
  return { current, ramping, changedMs: Math.max(current.changedMs, ramping?.changedMs ?? 0) };
}

function later(one: Candidate | undefined, other: Candidate): Candidate {
  if (one === undefined) return other;
  if ((one.version === undefined) !== (other.version === undefined)) return one.version === undefined ? other : one;
  return other.changedMs > one.changedMs ? other : one;
}

/** What a ramp lets through of tasks without a workflow, in percent: the service draws less than this for them. */
const NO_WORKFLOW_THRESHOLD = 1;

/** Where a workflow's tasks go that are not bound to a version. The same workflow id is always on the same side of a ramp. */
export function targetOf({ current, ramping }: QueueRouting, workflowId: string, usesRamping: boolean): TargetVersion {
  if (ramping === undefined) return current;
  if (usesRamping && ramping.version !== undefined) return ramping;
  if (ramping.percentage <= 0) return current;
  if (ramping.percentage >= 100) return ramping;
  const threshold = workflowId === "" ? NO_WORKFLOW_THRESHOLD : (100 * fingerprint32(workflowId)) / 2 ** 32;
  return threshold <= ramping.percentage ? ramping : current;
}

/** The version whose workers get a task; undefined means workers without one. */
export function routeTask(
  deployments: readonly DeploymentRecord[],
  queue: VersionQueue,
  { behavior, version, workflowId, usesRamping }: VersionDirective,
): WorkerDeploymentVersion | undefined {
  if (behavior === VersioningBehavior.PINNED && isBound(deployments, queue, version)) return version;
  return targetOf(routeQueue(deployments, queue), workflowId, usesRamping).version;
}

/** A pinned workflow's activities are bound to its version only on queues that the version has. */
function isBound(
  deployments: readonly DeploymentRecord[],
  queue: VersionQueue,
  version: WorkerDeploymentVersion | undefined,
): boolean {
  if (queue.type === "workflow" || version === undefined) return true;
  const deployment = deployments.find(({ name }) => name === version.deploymentName);
  return deployment !== undefined && servesQueue(deployment, version.buildId, queue);
}

/** A queue type as messages have it. */
export const queueTypeCodes: Readonly<Record<TaskQueueType, number>> = { workflow: 1, activity: 2, nexus: 3 };
