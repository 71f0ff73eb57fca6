import type { VersionDirective } from "../../core/execution/versioning/effective.ts";
import { VersioningBehavior } from "../../proto/gen/enums.ts";
import type { RunKey } from "../store/store.ts";

/** What sort of tasks a queue hands out. A workflow's queries travel as tasks of its workflow task queue. */
export type TaskQueueType = "workflow" | "activity" | "nexus";

/** Priorities run from 1, served first, to this. */
export const PRIORITY_MAX = 5;
/** Priority of a task that names none. */
export const PRIORITY_DEFAULT = 3;

/** Anything that waits in a task queue. */
export interface QueuedTask {
  /** From 1, served first, to {@link PRIORITY_MAX}. */
  readonly priority: number;
  /** When the task was offered, in milliseconds since the epoch. */
  readonly offeredMs: number;
  /** How the run stood when the task was offered; absent on queues that one worker alone polls. */
  readonly directive?: VersionDirective;
}

/** Of tasks that belong to no workflow: to the version that new workflows go to. */
export const NO_WORKFLOW: VersionDirective = {
  workflowId: "",
  runId: "",
  behavior: VersioningBehavior.UNSPECIFIED,
  version: undefined,
  usesRamping: false,
  buildId: "",
  isNew: true,
};

/** A workflow task of a run; stale when the run's pending task is another by the time it is taken. */
export interface WorkflowTask extends QueuedTask {
  readonly kind: "workflow";
  readonly runKey: RunKey;
  readonly scheduledEventId: number;
  readonly attempt: number;
}

/** One attempt of an activity. */
export interface ActivityTask extends QueuedTask {
  readonly kind: "activity";
  readonly runKey: RunKey;
  readonly scheduledEventId: number;
  readonly attempt: number;
  readonly stamp: number;
}

/** A query that goes to a worker by itself, not with a workflow task. */
export interface QueryTask extends QueuedTask {
  readonly kind: "query";
  readonly id: string;
}

/** One attempt of a standalone activity; stale when the activity's stamp is another by the time it is taken. */
export interface StandaloneActivityTask extends QueuedTask {
  readonly kind: "standaloneActivity";
  readonly runKey: RunKey;
  readonly stamp: number;
}

/** A request to a Nexus endpoint; stale when nobody waits for its answer any more. */
export interface NexusTask extends QueuedTask {
  readonly kind: "nexus";
  readonly id: string;
}

export type Task = WorkflowTask | ActivityTask | QueryTask | NexusTask | StandaloneActivityTask;
