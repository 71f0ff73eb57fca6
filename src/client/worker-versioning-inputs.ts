import type { CallOptions } from "./call-options.ts";
import type { BuildIdOp, TaskReachabilityType } from "./worker-versioning.ts";

/** A change of a task queue's sets of compatible builds as interceptors see it. */
export interface UpdateWorkerBuildIdCompatibilityInput {
  readonly taskQueue: string;
  readonly operation: BuildIdOp;
  readonly call: CallOptions;
}

/** A look at a task queue's sets of compatible builds as interceptors see it. */
export interface GetWorkerBuildIdCompatibilityInput {
  readonly taskQueue: string;
  /** The last so many sets. @default all */
  readonly maxSets: number | undefined;
  readonly call: CallOptions;
}

/** The question which builds can still be reached by tasks as interceptors see it. */
export interface GetWorkerTaskReachabilityInput {
  readonly buildIds: readonly string[];
  /** All that the builds are known on if empty. */
  readonly taskQueues: readonly string[];
  readonly reachability: TaskReachabilityType | undefined;
  readonly call: CallOptions;
}
