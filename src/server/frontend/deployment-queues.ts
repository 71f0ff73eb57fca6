import { isSameVersion } from "../../core/execution/versioning/effective.ts";
import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import { findVersion, versionOf, type DeploymentRecord, type VersionQueue } from "../deployments/deployment-record.ts";
import { servesQueue } from "../deployments/routing.ts";
import type { Services } from "../services.ts";

/** Whether a version lacks queues of the current one that are in use: their tasks would be left without workers. */
export function missesQueues(services: Services, deployment: DeploymentRecord, buildId: string): boolean {
  const { currentBuildId } = deployment.routing;
  const current = versionOf(deployment, currentBuildId);
  if (current === undefined || buildId === "" || buildId === currentBuildId) return false;
  const queues = findVersion(deployment, currentBuildId)?.queues ?? [];
  return queues.some(
    (queue) => !servesQueue(deployment, buildId, queue) && isInUse(services, deployment, queue, current),
  );
}

/** A queue that another deployment has taken over, or that has no tasks, is not missed. */
function isInUse(
  { deployments, matching, clock }: Services,
  { namespaceId }: DeploymentRecord,
  queue: VersionQueue,
  current: WorkerDeploymentVersion,
): boolean {
  const address = { namespaceId, ...queue };
  if (!isSameVersion(deployments.routing(address).current.version, current)) return false;
  const tasks = matching.find(address, current);
  return tasks !== undefined && (tasks.backlog.size > 0 || tasks.added.perSecond(clock.now()) > 0);
}

/** Whether workers of a version have polled lately. */
export function hasPollers({ matching, clock }: Services, deployment: DeploymentRecord, buildId: string): boolean {
  const queues = findVersion(deployment, buildId)?.queues ?? [];
  return queues.some((queue) => {
    const address = { namespaceId: deployment.namespaceId, ...queue };
    const tasks = matching.find(address, versionOf(deployment, buildId));
    return tasks !== undefined && tasks.pollers.recent(clock.now()).length > 0;
  });
}
