import { oldVersionText, parseVersion, UNVERSIONED_TEXT } from "../../core/execution/versioning/version-text.ts";
import type {
  SetWorkerDeploymentCurrentVersionRequest,
  SetWorkerDeploymentCurrentVersionResponse,
  SetWorkerDeploymentManagerRequest,
  SetWorkerDeploymentManagerResponse,
  SetWorkerDeploymentRampingVersionRequest,
  SetWorkerDeploymentRampingVersionResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { ensureVersion, setCurrent, setRamping } from "../deployments/deployment-change.ts";
import { findVersion, newDeployment, versionOf, type DeploymentRecord } from "../deployments/deployment-record.ts";
import { failedPrecondition, invalidArgument, notFound } from "../failures.ts";
import type { Services } from "../services.ts";
import {
  checkBuildId,
  checkConflictToken,
  checkDeploymentName,
  checkManager,
  encodeConflictToken,
  modified,
  requireDeployment,
  requireDeploymentNamespace,
} from "./deployment-requests.ts";
import { missesQueues } from "./deployment-queues.ts";

/** Makes a version the one that new workflows begin on and that those move to which follow upgrades. */
export async function changeCurrent(
  services: Services,
  request: SetWorkerDeploymentCurrentVersionRequest,
): Promise<Init<SetWorkerDeploymentCurrentVersionResponse>> {
  const { id } = requireDeploymentNamespace(services, request.namespace);
  const { deploymentName, identity } = request;
  if (deploymentName === "") throw invalidArgument("deployment name cannot be empty");
  const buildId = askedBuildId(deploymentName, request.version) ?? request.buildId;
  const deployment = findForChange(services, id, request, buildId);
  const { currentBuildId } = deployment.routing;
  const answer = (changed: DeploymentRecord): Init<SetWorkerDeploymentCurrentVersionResponse> => ({
    conflictToken: encodeConflictToken(changed),
    previousVersion: oldVersionText(versionOf(deployment, currentBuildId)),
    previousDeploymentVersion: versionOf(deployment, currentBuildId),
  });
  const sameVersion = currentBuildId === buildId;
  if (sameVersion && deployment.lastModifierIdentity === identity) return answer(deployment);
  checkConflictToken(deployment, request.conflictToken);
  requireVersion(deployment, buildId, request.allowNoPollers);
  checkManager(deployment, identity);
  const nowMs = services.clock.now();
  const known = buildId === "" ? deployment : ensureVersion(deployment, buildId, nowMs);
  if (!request.ignoreMissingTaskQueues && missesQueues(services, known, buildId))
    throw failedPrecondition(missingQueuesMessage("current", deploymentName, buildId));
  const changed = modified(sameVersion ? known : setCurrent(known, buildId, nowMs), identity, nowMs);
  await services.deployments.put(changed);
  return answer(changed);
}

/** Sends a share of the workflows to a version that is not current. */
export async function changeRamping(
  services: Services,
  request: SetWorkerDeploymentRampingVersionRequest,
): Promise<Init<SetWorkerDeploymentRampingVersionResponse>> {
  const { id } = requireDeploymentNamespace(services, request.namespace);
  const { deploymentName, identity, percentage } = request;
  const asked = askedBuildId(deploymentName, request.version) ?? request.buildId;
  const buildId = asked === "" && percentage === 0 ? undefined : asked;
  if (percentage < 0 || percentage > 100) throw invalidArgument("Percentage must be between 0 and 100 (inclusive)");
  const deployment = findForChange(services, id, request, buildId ?? "");
  const { routing } = deployment;
  const answer = (changed: DeploymentRecord): Init<SetWorkerDeploymentRampingVersionResponse> => ({
    conflictToken: encodeConflictToken(changed),
    previousVersion:
      routing.rampingBuildId === undefined ? "" : oldVersionText(versionOf(deployment, routing.rampingBuildId)),
    previousPercentage: routing.rampPercentage,
    previousDeploymentVersion:
      routing.rampingBuildId === undefined ? undefined : versionOf(deployment, routing.rampingBuildId),
  });
  const sameVersion = routing.rampingBuildId === buildId;
  const unchanged = sameVersion && routing.rampPercentage === percentage;
  if (unchanged && deployment.lastModifierIdentity === identity) return answer(deployment);
  checkConflictToken(deployment, request.conflictToken);
  if (buildId !== undefined) {
    if (buildId === routing.currentBuildId)
      throw failedPrecondition(
        `requested ramping version ${oldVersionText(versionOf(deployment, buildId))} is already current`,
      );
    requireVersion(deployment, buildId, request.allowNoPollers);
  }
  checkManager(deployment, identity);
  const nowMs = services.clock.now();
  const known = buildId === undefined || buildId === "" ? deployment : ensureVersion(deployment, buildId, nowMs);
  if (!sameVersion && !request.ignoreMissingTaskQueues && missesQueues(services, known, buildId ?? ""))
    throw failedPrecondition(missingQueuesMessage("ramping", deploymentName, buildId ?? ""));
  const changed = modified(unchanged ? known : setRamping(known, buildId, percentage, nowMs), identity, nowMs);
  await services.deployments.put(changed);
  return answer(changed);
}

/** Names who alone may change the routing. */
export async function changeManager(
  services: Services,
  request: SetWorkerDeploymentManagerRequest,
): Promise<Init<SetWorkerDeploymentManagerResponse>> {
  const { deploymentName, identity, newManagerIdentity } = request;
  if (identity === "") throw invalidArgument("Identity is required");
  const { id } = requireDeploymentNamespace(services, request.namespace);
  checkDeploymentName(services, deploymentName);
  const manager = newManagerIdentity?.case === "self" ? identity : (newManagerIdentity?.value ?? "");
  const deployment = services.deployments.find(id, deploymentName);
  if (deployment === undefined)
    throw notFound(`workflow not found for ID: temporal-sys-worker-deployment:${deploymentName}`);
  const { managerIdentity: previousManagerIdentity } = deployment;
  if (previousManagerIdentity === manager && deployment.lastModifierIdentity === identity)
    return { conflictToken: encodeConflictToken(deployment), previousManagerIdentity };
  checkConflictToken(deployment, request.conflictToken);
  const changed = modified({ ...deployment, managerIdentity: manager }, identity, services.clock.now());
  await services.deployments.put(changed);
  return { conflictToken: encodeConflictToken(changed), previousManagerIdentity };
}

/** The build id that older clients name in one text with the deployment; undefined if the text is empty. */
function askedBuildId(deploymentName: string, version: string): string | undefined {
  if (version === "") return undefined;
  if (version === UNVERSIONED_TEXT) return "";
  const parsed = parseVersion(version);
  if (parsed === undefined)
    throw invalidArgument(
      `invalid version string: expected delimiter ':' or '.' not found in version string ${version}`,
    );
  if (parsed.deploymentName !== deploymentName)
    throw invalidArgument(`invalid version string '${version}' does not match deployment name '${deploymentName}'`);
  return parsed.buildId;
}

function findForChange(
  services: Services,
  namespaceId: string,
  request: { readonly deploymentName: string; readonly allowNoPollers: boolean },
  buildId: string,
): DeploymentRecord {
  const { deploymentName, allowNoPollers } = request;
  checkDeploymentName(services, deploymentName);
  if (!allowNoPollers) return requireDeployment(services, namespaceId, deploymentName);
  if (buildId !== "") checkBuildId(services, buildId);
  const known = services.deployments.find(namespaceId, deploymentName);
  return known ?? newDeployment(namespaceId, deploymentName, services.clock.now());
}

function requireVersion(deployment: DeploymentRecord, buildId: string, mayBeNew: boolean): void {
  if (buildId === "" || mayBeNew || findVersion(deployment, buildId) !== undefined) return;
  throw notFound(`build ID '${buildId}' not found in Worker Deployment '${deployment.name}'`);
}

function missingQueuesMessage(role: "current" | "ramping", deploymentName: string, buildId: string): string {
  return `proposed ${role} version '${deploymentName}:${buildId}' is missing active task queues from the current version; these would become unversioned if it is set as the ${role} version`;
}
