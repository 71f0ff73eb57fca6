import type { InheritedAutoUpgradeInfo, WorkerDeploymentVersion } from "../../../proto/gen/deployment.ts";
import { type ContinueAsNewVersioningBehavior, type VersioningBehavior } from "../../../proto/gen/enums.ts";
import type { WorkerVersionStamp } from "../../../proto/gen/common.ts";
import type { DeclinedTargetVersionUpgrade } from "../../../proto/gen/history.ts";

/** What matching knows of the worker that gets a task. */
export interface PollerRoute {
  /** Undefined for a worker without a version. */
  readonly version: WorkerDeploymentVersion | undefined;
  /** Where new tasks of the workflow would go now; undefined if that was not asked. */
  readonly target: TargetVersion | undefined;
  /** Build of the worker, where rules assign builds to workflows. */
  readonly assignedBuildId?: string;
}

/** What a run takes over from its parent, or from the one before it, as its started event says. */
export interface InheritedVersioning {
  readonly inheritedPinnedVersion?: WorkerDeploymentVersion | undefined;
  readonly inheritedAutoUpgradeInfo?: InheritedAutoUpgradeInfo | undefined;
  readonly declinedTargetVersionUpgrade?: DeclinedTargetVersionUpgrade | undefined;
  /** Of a workflow that rules have assigned a build. */
  readonly inheritedBuildId?: string;
  /** Of a workflow that goes by sets of compatible builds. */
  readonly sourceVersionStamp?: WorkerVersionStamp;
}

/** Whether workers of a version serve a queue; asked only about queues other than the run's own. */
export type ServesQueue = (taskQueue: string, version: WorkerDeploymentVersion) => boolean;

/** A version that new tasks of a run would go to, and which change of the routing made it so. */
export interface TargetVersion {
  /** Undefined means workers without a version. */
  readonly version: WorkerDeploymentVersion | undefined;
  readonly revision: number;
}

/** On which version of its worker's code a run is, and on which it goes on. */
export interface VersioningState {
  /** As the worker of the last completed task said, or as inherited. */
  readonly behavior: VersioningBehavior;
  /** Of the worker of the last completed task, or inherited; undefined for workers without a version. */
  readonly version: WorkerDeploymentVersion | undefined;
  /** A task was given to a worker of another version: until one such task is completed, the run is on its way there. */
  readonly transition: { readonly version: WorkerDeploymentVersion | undefined } | undefined;
  /** Of the routing that the run was last given another version by. */
  readonly revision: number;
  /** How the first task of a run that continues another is routed. */
  readonly initialBehavior: ContinueAsNewVersioningBehavior;
  /** Another version that a pinned run has been told of. */
  readonly notified: TargetVersion | undefined;
  /** A version that the run before knew of when it continued as new without moving to it. */
  readonly declined: TargetVersion | undefined;
  /** Of the worker of the last completed task, with or without a version. */
  readonly deploymentName: string;
}

/** Of a run that no versioned worker has had to do with. */
export const UNVERSIONED: VersioningState = {
  behavior: 0,
  version: undefined,
  transition: undefined,
  revision: 0,
  initialBehavior: 0,
  notified: undefined,
  declined: undefined,
  deploymentName: "",
};
