import { WorkerDeploymentVersionStatus as Status } from "../../proto/gen/enums.ts";
import {
  findVersion,
  withVersion,
  type DeploymentRecord,
  type Routing,
  type VersionRecord,
} from "./deployment-record.ts";

/** A version that no workflow has been sent to. */
export function newVersion(buildId: string, nowMs: number, status: VersionRecord["status"]): VersionRecord {
  return {
    buildId,
    createMs: nowMs,
    createRequestId: "",
    status,
    rampPercentage: 0,
    queues: [],
    metadata: "",
    lastModifierIdentity: "",
  };
}

/** The deployment with the version, made if it is not there. */
export function ensureVersion(deployment: DeploymentRecord, buildId: string, nowMs: number): DeploymentRecord {
  if (findVersion(deployment, buildId) !== undefined) return deployment;
  return withVersion(deployment, newVersion(buildId, nowMs, Status.INACTIVE));
}

/** Makes a version the current one; an empty build id stands for workers without a version. */
export function setCurrent(deployment: DeploymentRecord, buildId: string, nowMs: number): DeploymentRecord {
  const { routing } = deployment;
  const promoted = routing.rampingBuildId === buildId;
  return withRouting(
    deployment,
    {
      ...routing,
      currentBuildId: buildId,
      currentChangedMs: nowMs,
      revision: routing.revision + 1,
      ...(promoted
        ? { rampingBuildId: undefined, rampPercentage: 0, rampingChangedMs: nowMs, percentageChangedMs: nowMs }
        : {}),
    },
    nowMs,
  );
}

/** Sends a share of the workflows to a version, or with undefined none any more. */
export function setRamping(
  deployment: DeploymentRecord,
  buildId: string | undefined,
  percentage: number,
  nowMs: number,
): DeploymentRecord {
  const { routing } = deployment;
  const sameVersion = buildId !== undefined && buildId === routing.rampingBuildId;
  return withRouting(
    deployment,
    {
      ...routing,
      rampingBuildId: buildId,
      rampPercentage: percentage,
      rampingChangedMs: sameVersion ? routing.rampingChangedMs : nowMs,
      percentageChangedMs: nowMs,
      revision: routing.revision + 1,
    },
    nowMs,
  );
}

function withRouting(deployment: DeploymentRecord, routing: Routing, nowMs: number): DeploymentRecord {
  const versions = deployment.versions.map((version) => underRouting(version, routing, nowMs));
  return { ...deployment, routing, versions };
}

/** What a change of the routing makes of a version. */
function underRouting(version: VersionRecord, routing: Routing, nowMs: number): VersionRecord {
  const { buildId, currentSinceMs, rampingSinceMs } = version;
  if (buildId === routing.currentBuildId)
    return {
      ...activated(version, routing.currentChangedMs ?? nowMs),
      status: Status.CURRENT,
      currentSinceMs: routing.currentChangedMs,
      lastCurrentMs: routing.currentChangedMs,
      routingUpdateMs: routing.currentChangedMs,
    };
  if (buildId === routing.rampingBuildId)
    return {
      ...activated(version, routing.percentageChangedMs ?? nowMs),
      status: Status.RAMPING,
      rampingSinceMs: routing.rampingChangedMs,
      rampPercentage: routing.rampPercentage,
      routingUpdateMs: routing.percentageChangedMs,
    };
  if (currentSinceMs === undefined && rampingSinceMs === undefined) return version;
  return draining({ ...version, currentSinceMs: undefined, rampingSinceMs: undefined, rampPercentage: 0 }, nowMs);
}

function activated(version: VersionRecord, atMs: number): VersionRecord {
  return {
    ...version,
    firstActivationMs: version.firstActivationMs ?? atMs,
    currentSinceMs: undefined,
    rampingSinceMs: undefined,
    rampPercentage: 0,
    drainage: undefined,
    lastDeactivationMs: undefined,
  };
}

function draining(version: VersionRecord, nowMs: number): VersionRecord {
  return {
    ...version,
    status: Status.DRAINING,
    routingUpdateMs: nowMs,
    lastDeactivationMs: nowMs,
    drainage: { drained: false, changedMs: nowMs, checkedMs: nowMs },
  };
}

/** A run was pinned to a version that had none any more: it is in use again. */
export function reactivated(version: VersionRecord, nowMs: number): VersionRecord {
  if (version.status !== Status.DRAINED && version.status !== Status.INACTIVE) return version;
  return {
    ...version,
    status: Status.DRAINING,
    drainage: { drained: false, changedMs: nowMs, checkedMs: nowMs },
  };
}

/** The outcome of looking whether runs are still pinned to a draining version. */
export function checkedDrainage(version: VersionRecord, hasOpenRuns: boolean, nowMs: number): VersionRecord {
  const { drainage } = version;
  if (drainage === undefined) return version;
  if (hasOpenRuns) return { ...version, drainage: { ...drainage, checkedMs: nowMs } };
  return {
    ...version,
    status: Status.DRAINED,
    drainage: { drained: true, changedMs: drainage.drained ? drainage.changedMs : nowMs, checkedMs: nowMs },
  };
}
