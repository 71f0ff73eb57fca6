import { VersioningBehavior, VersioningBehavior$names } from "../../../proto/gen/enums.ts";
import type {
  WorkflowExecutionStartedEventAttributes,
  WorkflowTaskCompletedEventAttributes,
} from "../../../proto/gen/history.ts";
import type { VersioningOverride } from "../../../proto/gen/workflow.ts";
import type { ExecutionState } from "../state.ts";
import { setSystemAttribute, setSystemKeyword } from "../system-attribute.ts";
import { foldAssignedBuild } from "../workflow-task/fold-build-id.ts";
import { isSameVersion, overrideTarget } from "./effective.ts";
import { UNVERSIONED } from "./versioning-state.ts";
import { currentForm } from "./override-form.ts";
import { versionText } from "./version-text.ts";

/** The override and the version that a run was started with. */
export function foldVersioningStarted(state: ExecutionState, started: WorkflowExecutionStartedEventAttributes): void {
  state.versioningOverride = currentForm(started.versioningOverride);
  const { inheritedPinnedVersion, inheritedAutoUpgradeInfo, declinedTargetVersionUpgrade } = started;
  const { inheritedBuildId, sourceVersionStamp: stamp } = started;
  state.compatibleBuildId = inheritedBuildId || (stamp?.useVersioning === true ? stamp.buildId : "");
  if (inheritedPinnedVersion !== undefined) {
    const declined = started.continuedExecutionRunId === "" ? undefined : declinedTargetVersionUpgrade;
    state.versioning = {
      ...UNVERSIONED,
      behavior: VersioningBehavior.PINNED,
      version: inheritedPinnedVersion,
      declined:
        declined === undefined ? undefined : { version: declined.deploymentVersion, revision: declined.revisionNumber },
    };
  } else if (inheritedAutoUpgradeInfo !== undefined) {
    state.versioning = {
      ...UNVERSIONED,
      behavior: VersioningBehavior.AUTO_UPGRADE,
      version: inheritedAutoUpgradeInfo.sourceDeploymentVersion,
      revision: inheritedAutoUpgradeInfo.sourceDeploymentRevisionNumber,
      initialBehavior: inheritedAutoUpgradeInfo.continueAsNewInitialVersioningBehavior,
    };
  }
  if (inheritedBuildId !== "") foldAssignedBuild(state, inheritedBuildId);
  foldVersionAttributes(state);
}

/** The version of the worker that has completed a task is the run's. */
export function foldVersioningCompleted(state: ExecutionState, attributes: WorkflowTaskCompletedEventAttributes): void {
  const { versioningBehavior: behavior, deploymentVersion, workerDeploymentName: deploymentName } = attributes;
  const { workerVersion } = attributes;
  state.workerVersion = workerVersion;
  const goesBySets = workerVersion?.useVersioning === true && behavior === VersioningBehavior.UNSPECIFIED;
  state.compatibleBuildId = goesBySets ? workerVersion.buildId : "";
  const { versioning, versioningOverride } = state;
  const arrived =
    versioning.transition !== undefined && isSameVersion(versioning.transition.version, deploymentVersion);
  const version = behavior === VersioningBehavior.UNSPECIFIED ? undefined : deploymentVersion;
  const unchanged =
    !arrived &&
    versioning.behavior === behavior &&
    versioning.deploymentName === deploymentName &&
    isSameVersion(versioning.version, version);
  if (!unchanged)
    state.versioning = {
      ...versioning,
      behavior,
      version,
      deploymentName,
      transition: arrived ? undefined : versioning.transition,
    };
  if (
    versioningOverride?.override?.case === "oneTime" &&
    isSameVersion(overrideTarget(versioningOverride), deploymentVersion)
  )
    state.versioningOverride = undefined;
  foldVersionAttributes(state);
  if (deploymentVersion !== undefined) foldUsedVersion(state, versionText(deploymentVersion));
}

/** An override has been set or taken away: the run stays where it is or goes there, so that a transition ends. */
export function foldOverride(state: ExecutionState, override: VersioningOverride | undefined): void {
  state.versioningOverride = currentForm(override);
  const deploymentName = overrideTarget(state.versioningOverride)?.deploymentName;
  state.versioning = {
    ...state.versioning,
    transition: undefined,
    deploymentName: deploymentName ?? state.versioning.version?.deploymentName ?? "",
  };
  foldVersionAttributes(state);
}

/** What search attributes say of the run's version. */
export function foldVersionAttributes(state: ExecutionState): void {
  const { versioning, versioningOverride } = state;
  const version = overrideTarget(versioningOverride) ?? versioning.version;
  const behavior =
    versioningOverride === undefined
      ? versioning.behavior
      : versioningOverride.override?.case === "autoUpgrade"
        ? VersioningBehavior.AUTO_UPGRADE
        : VersioningBehavior.PINNED;
  setSystemKeyword(state, "TemporalWorkerDeployment", version?.deploymentName ?? versioning.deploymentName);
  setSystemKeyword(state, "TemporalWorkerDeploymentVersion", version === undefined ? "" : versionText(version));
  setSystemKeyword(state, "TemporalWorkflowVersioningBehavior", behaviorName(behavior));
}

function behaviorName(behavior: VersioningBehavior): string {
  if (behavior === VersioningBehavior.UNSPECIFIED) return "";
  const name = (VersioningBehavior$names[behavior] ?? "").replace("VERSIONING_BEHAVIOR_", "");
  return name === "PINNED" ? "Pinned" : "AutoUpgrade";
}

/** The list of versions a run has been on takes up no more than this, as JSON. */
const USED_VERSIONS_MAX_BYTES = 2048;

function foldUsedVersion(state: ExecutionState, version: string): void {
  if (state.usedVersions.includes(version)) return;
  const used = [...state.usedVersions, version];
  while (used.length > 1 && JSON.stringify(used).length > USED_VERSIONS_MAX_BYTES) used.shift();
  state.usedVersions = used;
  setSystemAttribute(state, "TemporalUsedWorkerDeploymentVersions", used);
}
