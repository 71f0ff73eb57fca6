import { enumNames } from "../core/options/enum-names.ts";
import { TaskReachability as ReachabilityCode } from "../proto/gen/enums.ts";
import type {
  GetWorkerBuildIdCompatibilityResponse,
  GetWorkerTaskReachabilityResponse,
} from "../proto/gen/workflowservice.ts";
import type { CallOptions } from "./call-options.ts";
import { ServiceAnswerError } from "./client-error.ts";

/**
 * A change of the sets of compatible builds of a task queue.
 *
 * @deprecated Versions of workers are told apart by worker deployments.
 */
export type BuildIdOp =
  /** Adds a build in a set of its own, which becomes the queue's default: new workflows go to it. */
  | { readonly kind: "addNewDefault"; readonly buildId: string }
  /** Adds a build to the set of a build that there is; it becomes the default of its set. */
  | {
      readonly kind: "addNewCompatible";
      readonly buildId: string;
      readonly existingCompatibleBuildId: string;
      /** Whether the set becomes the queue's default too. @default false */
      readonly promoteSet?: boolean;
    }
  /** Makes the set of a build the queue's default. */
  | { readonly kind: "promoteSetByBuildId"; readonly buildId: string }
  /** Makes a build the default of its set. */
  | { readonly kind: "promoteBuildIdWithinSet"; readonly buildId: string }
  /** Makes one set of two; it keeps the default of the primary one. */
  | { readonly kind: "mergeSets"; readonly primaryBuildId: string; readonly secondaryBuildId: string };

/**
 * Builds that can take over each other's workflows.
 *
 * @deprecated Versions of workers are told apart by worker deployments.
 */
export interface BuildIdVersionSet {
  readonly buildIds: readonly string[];
  /** The build that the set's workflows go to: the last. */
  readonly default: string;
}

/**
 * The sets of compatible builds of a task queue.
 *
 * @deprecated Versions of workers are told apart by worker deployments.
 */
export interface WorkerBuildIdVersionSets {
  readonly versionSets: readonly BuildIdVersionSet[];
  /** The set that new workflows go to, the last; none if the queue has no sets. */
  readonly defaultSet: BuildIdVersionSet | undefined;
  /** The build that new workflows go to; none if the queue has no sets. */
  readonly defaultBuildId: string | undefined;
}

/**
 * How a build can still be reached by tasks.
 *
 * @deprecated Versions of workers are told apart by worker deployments.
 */
export const TaskReachabilityType = {
  /** By workflows that are yet to start. */
  newWorkflows: "newWorkflows",
  /** By workflows that have started, whether they still run or not. */
  existingWorkflows: "existingWorkflows",
  /** By workflows that run. */
  openWorkflows: "openWorkflows",
  /** By queries of workflows that have ended. */
  closedWorkflows: "closedWorkflows",
} as const;
export type TaskReachabilityType = keyof typeof TaskReachabilityType;

const reachabilities = enumNames(TaskReachabilityType, ReachabilityCode);

/** The number of `temporal.api.enums.v1.TaskReachability`. */
export function toReachabilityCode(type: TaskReachabilityType | undefined): ReachabilityCode {
  return type === undefined ? ReachabilityCode.UNSPECIFIED : reachabilities.toCode(type);
}

/**
 * On which task queues a build can be reached by tasks.
 *
 * @deprecated Versions of workers are told apart by worker deployments.
 */
export interface BuildIdReachability {
  /** By task queue; a build with an empty list cannot be reached there. */
  readonly taskQueueReachability: ReadonlyMap<string, readonly TaskReachabilityType[]>;
  /** Task queues that the service did not look at, since there were too many. */
  readonly unretrievedTaskQueues: ReadonlySet<string>;
}

/**
 * Which builds can still be reached by tasks.
 *
 * @deprecated Versions of workers are told apart by worker deployments.
 */
export interface WorkerTaskReachability {
  /** By build id. */
  readonly buildIdReachability: ReadonlyMap<string, BuildIdReachability>;
}

/** Which sets of compatible builds are asked for. */
export interface VersionSetsOptions extends CallOptions {
  /** The last so many. @default all */
  readonly maxSets?: number;
}

/** Which reachability of builds is asked for. */
export interface TaskReachabilityOptions extends CallOptions {
  /** @default all that the builds are known on */
  readonly taskQueues?: readonly string[];
  /** Workflows that tasks may come from. @default all that have started, and new ones */
  readonly reachability?: TaskReachabilityType;
}

/** Sets of compatible builds as the service gives them. */
export function toVersionSets({ majorVersionSets }: GetWorkerBuildIdCompatibilityResponse): WorkerBuildIdVersionSets {
  const versionSets = majorVersionSets.map(({ buildIds }) => ({ buildIds, default: buildIds.at(-1) ?? "" }));
  const defaultSet = versionSets.at(-1);
  return { versionSets, defaultSet, defaultBuildId: defaultSet?.default };
}

/** Reachability of builds as the service gives it. @throws {ServiceAnswerError} If it is of a sort not known here. */
export function toReachability({ buildIdReachability }: GetWorkerTaskReachabilityResponse): WorkerTaskReachability {
  return {
    buildIdReachability: new Map(
      buildIdReachability.map(({ buildId, taskQueueReachability }) => [buildId, toQueues(taskQueueReachability)]),
    ),
  };
}

type QueueAnswer = GetWorkerTaskReachabilityResponse["buildIdReachability"][number]["taskQueueReachability"];

function toQueues(answer: QueueAnswer): BuildIdReachability {
  const taskQueueReachability = new Map<string, readonly TaskReachabilityType[]>();
  const unretrievedTaskQueues = new Set<string>();
  for (const { taskQueue, reachability } of answer) {
    if (reachability.length === 1 && reachability[0] === ReachabilityCode.UNSPECIFIED)
      unretrievedTaskQueues.add(taskQueue);
    else taskQueueReachability.set(taskQueue, reachability.map(toType));
  }
  return { taskQueueReachability, unretrievedTaskQueues };
}

// One left out would make a build that still gets tasks look as if it got none.
function toType(code: ReachabilityCode): TaskReachabilityType {
  const type = reachabilities.toName(code);
  if (type === undefined) throw new ServiceAnswerError(`Cannot read the reachability of a build: ${code} is not known`);
  return type;
}
