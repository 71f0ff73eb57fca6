import { type Machine, to } from "../../machine.ts";

export type WorkflowTaskState = "none" | "scheduled" | "started";
export type WorkflowTaskInput = {
  readonly kind: "taskScheduled" | "taskStarted" | "taskCompleted" | "taskFailed" | "taskTimedOut";
};
export type WorkflowTaskOutput = "begin" | "confirm";

/**
 * The workflow tasks of a run, one after the other.
 *
 * A task counts from its start only if it is the one that the events being applied lead to (`begin`); any other counts
 * once history shows that it completed (`confirm`). One that fails or times out never counts.
 */
export const workflowTaskMachine: Machine<WorkflowTaskState, WorkflowTaskInput, WorkflowTaskOutput> = {
  name: "workflow task",
  table: {
    none: {
      taskScheduled: () => to("scheduled"),
    },
    scheduled: {
      taskStarted: () => to("started", "begin"),
      taskTimedOut: () => to("none"),
      taskFailed: () => to("none"),
    },
    started: {
      taskCompleted: () => to("none", "confirm"),
      taskFailed: () => to("none"),
      taskTimedOut: () => to("none"),
    },
  },
};
