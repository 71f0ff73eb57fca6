import { toTimestamp } from "../../core/execution/duration.ts";
import { oldVersionText } from "../../core/execution/versioning/version-text.ts";
import { fromBase64 } from "../../proto/base64.ts";
import {
  VersionMetadata,
  type RoutingConfig,
  type VersionDrainageInfo,
  type WorkerDeploymentInfo,
  type WorkerDeploymentInfo_WorkerDeploymentVersionSummary as VersionSummary,
  type WorkerDeploymentVersionInfo,
} from "../../proto/gen/deployment.ts";
import { RoutingConfigUpdateState, VersionDrainageStatus, type TaskQueueType } from "../../proto/gen/enums.ts";
import type { Timestamp } from "../../proto/gen/google/protobuf.ts";
import type { ListWorkerDeploymentsResponse_WorkerDeploymentSummary as DeploymentSummary } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { findVersion, versionOf, type DeploymentRecord, type VersionRecord } from "./deployment-record.ts";
import { queueTypeCodes } from "./routing.ts";

function at(ms: number | undefined): Timestamp | undefined {
  return ms === undefined ? undefined : toTimestamp(ms);
}

/** Where tasks go, as messages have it. */
export function toRoutingConfig(deployment: DeploymentRecord): Init<RoutingConfig> {
  const { routing } = deployment;
  const { rampingBuildId } = routing;
  const ramping = rampingBuildId === undefined ? undefined : versionOf(deployment, rampingBuildId);
  return {
    currentDeploymentVersion: versionOf(deployment, routing.currentBuildId),
    currentVersion: oldVersionText(versionOf(deployment, routing.currentBuildId)),
    rampingDeploymentVersion: ramping,
    rampingVersion: rampingBuildId === undefined ? "" : oldVersionText(ramping),
    rampingVersionPercentage: routing.rampPercentage,
    currentVersionChangedTime: at(routing.currentChangedMs),
    rampingVersionChangedTime: at(routing.rampingChangedMs),
    rampingVersionPercentageChangedTime: at(routing.percentageChangedMs),
    revisionNumber: routing.revision,
  };
}

function toDrainageInfo({ drainage }: VersionRecord): Init<VersionDrainageInfo> | undefined {
  if (drainage === undefined) return undefined;
  return {
    status: drainage.drained ? VersionDrainageStatus.DRAINED : VersionDrainageStatus.DRAINING,
    lastChangedTime: at(drainage.changedMs),
    lastCheckedTime: at(drainage.checkedMs),
  };
}

/** A version in the description of its deployment. */
export function toVersionSummary(deployment: DeploymentRecord, version: VersionRecord): Init<VersionSummary> {
  const name = versionOf(deployment, version.buildId);
  const drainageInfo = toDrainageInfo(version);
  return {
    version: oldVersionText(name),
    deploymentVersion: name,
    status: version.status,
    createTime: at(version.createMs),
    drainageStatus: drainageInfo?.status ?? VersionDrainageStatus.UNSPECIFIED,
    drainageInfo,
    currentSinceTime: at(version.currentSinceMs),
    rampingSinceTime: at(version.rampingSinceMs),
    routingUpdateTime: at(version.routingUpdateMs),
    firstActivationTime: at(version.firstActivationMs),
    lastCurrentTime: at(version.lastCurrentMs),
    lastDeactivationTime: at(version.lastDeactivationMs),
  };
}

/** A deployment's description, the latest version first. */
export function toDeploymentInfo(deployment: DeploymentRecord): Init<WorkerDeploymentInfo> {
  return {
    name: deployment.name,
    createTime: at(deployment.createMs),
    routingConfig: toRoutingConfig(deployment),
    lastModifierIdentity: deployment.lastModifierIdentity,
    managerIdentity: deployment.managerIdentity,
    routingConfigUpdateState: RoutingConfigUpdateState.COMPLETED,
    versionSummaries: latestFirst(deployment).map((version) => toVersionSummary(deployment, version)),
  };
}

function latestFirst({ versions }: DeploymentRecord): readonly VersionRecord[] {
  return [...versions].reverse().sort((a, b) => b.createMs - a.createMs);
}

/** A deployment in the list of all. */
export function toDeploymentSummary(deployment: DeploymentRecord): Init<DeploymentSummary> {
  const { routing, name, createMs } = deployment;
  const summary = (buildId: string | undefined): Init<VersionSummary> | undefined => {
    const version = buildId === undefined ? undefined : findVersion(deployment, buildId);
    return version === undefined ? undefined : toVersionSummary(deployment, version);
  };
  return {
    name,
    createTime: at(createMs),
    routingConfig: toRoutingConfig(deployment),
    latestVersionSummary: summary(latestFirst(deployment)[0]?.buildId),
    currentVersionSummary: summary(routing.currentBuildId),
    rampingVersionSummary: summary(routing.rampingBuildId),
  };
}

/** A version's own description. */
export function toVersionInfo(deployment: DeploymentRecord, version: VersionRecord): Init<WorkerDeploymentVersionInfo> {
  const name = versionOf(deployment, version.buildId);
  return {
    version: oldVersionText(name),
    deploymentVersion: name,
    status: version.status,
    createTime: at(version.createMs),
    routingChangedTime: at(version.routingUpdateMs),
    currentSinceTime: at(version.currentSinceMs),
    rampingSinceTime: at(version.rampingSinceMs),
    rampPercentage: version.rampPercentage,
    taskQueueInfos: version.queues.map(({ name: queueName, type }) => ({
      name: queueName,
      type: queueTypeCodes[type] as TaskQueueType,
    })),
    drainageInfo: toDrainageInfo(version),
    metadata: decodeMetadata(version),
    lastModifierIdentity: version.lastModifierIdentity,
  };
}

/** What callers have attached to a version. */
export function decodeMetadata({ metadata }: VersionRecord): VersionMetadata | undefined {
  const bytes = metadata === "" ? undefined : fromBase64(metadata);
  return bytes === undefined ? undefined : VersionMetadata.decode(bytes);
}
