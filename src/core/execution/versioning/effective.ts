import type { WorkerDeploymentVersion } from "../../../proto/gen/deployment.ts";
import { ContinueAsNewVersioningBehavior, VersioningBehavior } from "../../../proto/gen/enums.ts";
import type { VersioningOverride } from "../../../proto/gen/workflow.ts";
import type { ExecutionState } from "../state.ts";

/** All that routing a run's tasks depends on. */
export interface VersionDirective {
  readonly workflowId: string;
  readonly runId: string;
  readonly behavior: VersioningBehavior;
  readonly version: WorkerDeploymentVersion | undefined;
  /** The task goes to the ramping version if there is one. */
  readonly usesRamping: boolean;
  /** Of the worker of the last completed task, if it goes by sets of compatible builds; empty otherwise. */
  readonly buildId: string;
  /** No workflow task has been completed yet. */
  readonly isNew: boolean;
  /** An activity that does not keep to the build of its workflow. */
  readonly isIndependent?: true;
}

type Versioned = Pick<ExecutionState, "versioning" | "versioningOverride">;

/** Whether two versions are one; undefined is that of workers without a version. */
export function isSameVersion(
  one: WorkerDeploymentVersion | undefined,
  other: WorkerDeploymentVersion | undefined,
): boolean {
  return one?.deploymentName === other?.deploymentName && one?.buildId === other?.buildId;
}

/** The version an override names, for good or for one task. */
export function overrideTarget(override: VersioningOverride | undefined): WorkerDeploymentVersion | undefined {
  if (override?.override?.case === "pinned") return override.override.value.version;
  if (override?.override?.case === "oneTime") return override.override.value.targetDeploymentVersion;
  return undefined;
}

/** How the run chooses its version now: a transition comes before an override, and that before what the worker says. */
export function effectiveBehavior({ versioning, versioningOverride }: Versioned): VersioningBehavior {
  if (versioning.transition !== undefined) return VersioningBehavior.AUTO_UPGRADE;
  if (versioningOverride === undefined) return versioning.behavior;
  return versioningOverride.override?.case === "autoUpgrade"
    ? VersioningBehavior.AUTO_UPGRADE
    : VersioningBehavior.PINNED;
}

/** The version the run is on now. */
export function effectiveVersion(state: Versioned): WorkerDeploymentVersion | undefined {
  const { versioning, versioningOverride } = state;
  if (versioning.transition !== undefined) return versioning.transition.version;
  const target = overrideTarget(versioningOverride);
  if (target !== undefined) return target;
  return effectiveBehavior(state) === VersioningBehavior.UNSPECIFIED ? undefined : versioning.version;
}

/** How the run's tasks are to be routed now. */
export function versionDirective(state: ExecutionState): VersionDirective {
  return {
    workflowId: state.workflowId,
    runId: state.runId,
    behavior: effectiveBehavior(state),
    version: effectiveVersion(state),
    usesRamping:
      state.previousStartedEventId === 0 &&
      state.versioning.initialBehavior === ContinueAsNewVersioningBehavior.USE_RAMPING_VERSION,
    buildId: state.compatibleBuildId,
    isNew: state.previousStartedEventId === 0,
  };
}

/** Whether tasks are routed alike by both. */
export function isSameDirective(one: VersionDirective, other: VersionDirective): boolean {
  return (
    one.behavior === other.behavior &&
    one.usesRamping === other.usesRamping &&
    one.buildId === other.buildId &&
    isSameVersion(one.version, other.version)
  );
}
