import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import type { WorkerDeploymentVersionStatus } from "../../proto/gen/enums.ts";
import type { TaskQueueType } from "../matching/task.ts";
import type { BlobWrite } from "../store/store.ts";

/** Kind of the blobs that keep worker deployments. */
export const DEPLOYMENT_BLOB = "worker-deployment";

/** A task queue that workers of a version poll. */
export interface VersionQueue {
  readonly name: string;
  readonly type: TaskQueueType;
}

/** Whether runs that are pinned to a version no longer in use are still open. */
export interface Drainage {
  readonly drained: boolean;
  readonly changedMs: number;
  readonly checkedMs: number;
}

/** One version of a deployment: workers with the same build id. Instants are milliseconds since the epoch. */
export interface VersionRecord {
  readonly buildId: string;
  readonly createMs: number;
  /** Of the call that has made it; empty if workers or a change of the routing did. */
  readonly createRequestId: string;
  readonly status: WorkerDeploymentVersionStatus;
  readonly routingUpdateMs?: number | undefined;
  readonly currentSinceMs?: number | undefined;
  readonly rampingSinceMs?: number | undefined;
  readonly rampPercentage: number;
  readonly firstActivationMs?: number | undefined;
  readonly lastCurrentMs?: number | undefined;
  readonly lastDeactivationMs?: number | undefined;
  readonly drainage?: Drainage | undefined;
  readonly queues: readonly VersionQueue[];
  /** Encoded `VersionMetadata` in base64; empty if there is none. */
  readonly metadata: string;
  readonly lastModifierIdentity: string;
}

/** Which version new tasks go to. An empty build id means workers without a version. */
export interface Routing {
  readonly currentBuildId: string;
  readonly rampingBuildId?: string | undefined;
  readonly rampPercentage: number;
  readonly currentChangedMs?: number | undefined;
  readonly rampingChangedMs?: number | undefined;
  readonly percentageChangedMs?: number | undefined;
  readonly revision: number;
}

/** A worker deployment: workers that are one service, in all its versions. */
export interface DeploymentRecord {
  readonly namespaceId: string;
  readonly name: string;
  readonly createMs: number;
  readonly createRequestId: string;
  readonly routing: Routing;
  readonly versions: readonly VersionRecord[];
  readonly managerIdentity: string;
  readonly lastModifierIdentity: string;
  /** Changes whenever a caller's change takes effect. */
  readonly conflictToken: string;
}

/** A deployment without any versions. */
export function newDeployment(namespaceId: string, name: string, nowMs: number): DeploymentRecord {
  return {
    namespaceId,
    name,
    createMs: nowMs,
    createRequestId: "",
    routing: { currentBuildId: "", rampPercentage: 0, revision: 0 },
    versions: [],
    managerIdentity: "",
    lastModifierIdentity: "",
    conflictToken: `${nowMs}-0`,
  };
}

/** The version of a build of the deployment; undefined for an empty build id. */
export function versionOf({ name }: DeploymentRecord, buildId: string): WorkerDeploymentVersion | undefined {
  return buildId === "" ? undefined : { deploymentName: name, buildId };
}

/** The record of one version. */
export function findVersion({ versions }: DeploymentRecord, buildId: string): VersionRecord | undefined {
  return versions.find((version) => version.buildId === buildId);
}

/** The deployment with one version put in the place of the one with the same build id. */
export function withVersion(deployment: DeploymentRecord, version: VersionRecord): DeploymentRecord {
  const known = deployment.versions.some(({ buildId }) => buildId === version.buildId);
  const versions = known
    ? deployment.versions.map((before) => (before.buildId === version.buildId ? version : before))
    : [...deployment.versions, version];
  return { ...deployment, versions };
}

/** The write that makes a deployment durable, or its removal. */
export function deploymentWrite(deployment: DeploymentRecord, removed: boolean): BlobWrite {
  const id = `${deployment.namespaceId}/${deployment.name}`;
  return { kind: DEPLOYMENT_BLOB, id, value: removed ? null : Buffer.from(JSON.stringify(deployment)) };
}

/** What {@link deploymentWrite} wrote. */
export function decodeDeployment(value: Uint8Array): DeploymentRecord {
  return JSON.parse(Buffer.from(value).toString("utf8")) as DeploymentRecord;
}
