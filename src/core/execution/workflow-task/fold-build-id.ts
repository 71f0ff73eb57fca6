import { VersioningBehavior } from "../../../proto/gen/enums.ts";
import type { WorkflowTaskCompletedEventAttributes } from "../../../proto/gen/history.ts";
import type { ExecutionState } from "../state.ts";
import { setSystemAttribute } from "../system-attribute.ts";

const UNVERSIONED = "unversioned";
const ASSIGNED = "assigned:";

/** Values of the build-ids search attribute take up no more than this, as JSON. */
const BUILD_IDS_MAX_BYTES = 2048;

/** A worker of a build that rules have assigned starts a workflow task. */
export function foldAssignedBuild(state: ExecutionState, buildId: string): void {
  if (buildId === state.assignedBuildId) return;
  if (state.assignedBuildId !== "") state.buildIdRedirects++;
  state.assignedBuildId = buildId;
  const others = state.buildIds.filter((id) => !id.startsWith(ASSIGNED) && id !== UNVERSIONED);
  const own = `versioned:${buildId}`;
  setBuildIds(state, [`${ASSIGNED}${buildId}`, ...others, ...(others.includes(own) ? [] : [own])]);
}

/** Notes which build of the worker has completed a workflow task. */
export function foldBuildId(
  state: ExecutionState,
  { workerVersion, versioningBehavior, deploymentVersion }: WorkflowTaskCompletedEventAttributes,
): void {
  const ids: string[] = [];
  if (versioningBehavior === VersioningBehavior.PINNED && deploymentVersion !== undefined)
    ids.push(`pinned:${deploymentVersion.deploymentName}:${deploymentVersion.buildId}`);
  else if (versioningBehavior === VersioningBehavior.UNSPECIFIED && workerVersion?.useVersioning !== true)
    ids.push(UNVERSIONED);
  const kept = state.buildIds.filter((id) => id !== UNVERSIONED && !id.startsWith("pinned:"));
  ids.push(...kept);
  if (workerVersion !== undefined && workerVersion.buildId !== "") {
    const own = `${workerVersion.useVersioning ? "versioned" : UNVERSIONED}:${workerVersion.buildId}`;
    if (!kept.includes(own)) ids.push(own);
  }
  if (ids.length === state.buildIds.length && ids.every((id, index) => id === state.buildIds[index])) return;
  setBuildIds(state, ids);
}

// The oldest builds are forgotten first; the sentinel in front stays.
function setBuildIds(state: ExecutionState, ids: string[]): void {
  while (ids.length > 1 && JSON.stringify(ids).length > BUILD_IDS_MAX_BYTES) ids.splice(1, 1);
  state.buildIds = ids;
  setSystemAttribute(state, "BuildIds", ids);
}
