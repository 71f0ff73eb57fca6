import { WorkerVersionStamp } from "../../../proto/gen/common.ts";
import type { WorkerDeploymentVersion } from "../../../proto/gen/deployment.ts";
import { ContinueAsNewVersioningBehavior, VersioningBehavior } from "../../../proto/gen/enums.ts";
import type { DeclinedTargetVersionUpgrade } from "../../../proto/gen/history.ts";
import type { VersioningOverride } from "../../../proto/gen/workflow.ts";
import type { ExecutionState } from "../state.ts";
import { effectiveBehavior, effectiveVersion, overrideTarget } from "./effective.ts";
import type { InheritedVersioning, ServesQueue, TargetVersion } from "./versioning-state.ts";

function serves(state: ExecutionState, taskQueue: string, servesQueue: ServesQueue | undefined) {
  return (version: WorkerDeploymentVersion | undefined): version is WorkerDeploymentVersion =>
    version !== undefined && (taskQueue === state.taskQueue || servesQueue?.(taskQueue, version) === true);
}

/** What a child takes over, and the override it is under; a child in another namespace takes over nothing. */
export function inheritByChild(
  state: ExecutionState,
  child: {
    readonly taskQueue: string;
    readonly sameNamespace: boolean;
    readonly override: VersioningOverride | undefined;
    readonly keepsBuild: boolean;
  },
  servesQueue: ServesQueue | undefined,
): { readonly inherited: InheritedVersioning; readonly override: VersioningOverride | undefined } {
  if (child.override !== undefined || !child.sameNamespace) return { inherited: {}, override: child.override };
  const isServed = serves(state, child.taskQueue, servesQueue);
  const version = effectiveVersion(state);
  const { versioningOverride } = state;
  return {
    inherited: {
      ...(isServed(version) ? inheritedFrom(state, version, ContinueAsNewVersioningBehavior.UNSPECIFIED) : {}),
      ...(child.keepsBuild ? inheritedBuild(state) : {}),
    },
    override: isServed(overrideTarget(versioningOverride)) ? versioningOverride : undefined,
  };
}

/** What the run takes over that continues another as new. */
export function inheritBySuccessor(
  state: ExecutionState,
  next: {
    readonly taskQueue: string;
    readonly initialBehavior: ContinueAsNewVersioningBehavior;
    readonly keepsBuild: boolean;
  },
  servesQueue: ServesQueue | undefined,
): InheritedVersioning {
  const version = effectiveVersion(state);
  if (serves(state, next.taskQueue, servesQueue)(version)) return inheritedFrom(state, version, next.initialBehavior);
  return next.keepsBuild ? inheritedBuild(state) : {};
}

/** The build of a worker without a deployment, as sets or rules have it. */
function inheritedBuild(state: ExecutionState): InheritedVersioning {
  const { assignedBuildId, compatibleBuildId: buildId } = state;
  if (effectiveBehavior(state) !== VersioningBehavior.UNSPECIFIED) return {};
  if (assignedBuildId !== "") return { inheritedBuildId: assignedBuildId };
  return buildId === "" ? {} : { sourceVersionStamp: WorkerVersionStamp.create({ buildId, useVersioning: true }) };
}

function inheritedFrom(
  state: ExecutionState,
  version: WorkerDeploymentVersion,
  initialBehavior: ContinueAsNewVersioningBehavior,
): InheritedVersioning {
  const behavior = effectiveBehavior(state);
  const { revision, notified, declined } = state.versioning;
  if (behavior === VersioningBehavior.PINNED && initialBehavior === ContinueAsNewVersioningBehavior.UNSPECIFIED)
    return { inheritedPinnedVersion: version, declinedTargetVersionUpgrade: toDeclined(notified ?? declined) };
  if (behavior === VersioningBehavior.UNSPECIFIED || revision === 0) return {};
  return {
    inheritedAutoUpgradeInfo: {
      sourceDeploymentVersion: version,
      sourceDeploymentRevisionNumber: revision,
      continueAsNewInitialVersioningBehavior: initialBehavior,
    },
  };
}

function toDeclined(target: TargetVersion | undefined): DeclinedTargetVersionUpgrade | undefined {
  return target === undefined ? undefined : { deploymentVersion: target.version, revisionNumber: target.revision };
}

/** What a run of a cron schedule takes over: a build that the one before had taken over itself. */
export function inheritByCron({ started }: ExecutionState): InheritedVersioning {
  const inheritedBuildId = started?.inheritedBuildId ?? "";
  return inheritedBuildId === "" ? {} : { inheritedBuildId };
}

/** What a retry takes over: only what the failed run had taken over itself, but for a build of a compatible set. */
export function inheritByRetry(state: ExecutionState): InheritedVersioning {
  const version = effectiveVersion(state);
  const behavior = effectiveBehavior(state);
  if (version === undefined) {
    const build = inheritedBuild(state);
    return build.inheritedBuildId === undefined ? build : inheritByCron(state);
  }
  const { started, versioning } = state;
  if (behavior === VersioningBehavior.PINNED)
    return started?.inheritedPinnedVersion === undefined
      ? {}
      : {
          inheritedPinnedVersion: version,
          declinedTargetVersionUpgrade: started.declinedTargetVersionUpgrade,
        };
  return behavior === VersioningBehavior.AUTO_UPGRADE ? inheritedFrom(state, version, versioning.initialBehavior) : {};
}
