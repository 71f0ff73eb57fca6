import type { Duration } from "../core/time/duration.ts";
import type { ScheduleActionStartWorkflow } from "./schedule-action.ts";
import type { DescribedScheduleSpec, ScheduleSpec } from "./schedule-spec.ts";

/** What becomes of a start for which the time has come while the one before still runs. */
export const ScheduleOverlapPolicy = {
  /** It is left out. */
  skip: "skip",
  /** It waits for the running one to end, if no other waits already. */
  bufferOne: "bufferOne",
  /** It waits for its turn, with any number of others. */
  bufferAll: "bufferAll",
  /** The running one is asked to cancel, and the new one starts when it has ended. */
  cancelOther: "cancelOther",
  /** The running one is terminated. */
  terminateOther: "terminateOther",
  /** It starts beside the running one. Then workflows do not learn the result of the run before. */
  allowAll: "allowAll",
} as const;
export type ScheduleOverlapPolicy = keyof typeof ScheduleOverlapPolicy;

/** How a schedule deals with what does not go by plan. */
export interface SchedulePolicy {
  /** @default "skip" */
  readonly overlap?: ScheduleOverlapPolicy | undefined;
  /** How late a start may be that was missed while the service was down. @default 365 days */
  readonly catchupWindow?: Duration | undefined;
  /** Pauses the schedule when a workflow fails or times out for good. @default false */
  readonly pauseOnFailure?: boolean | undefined;
  /** Starts workflows by the action's id as it is, without the time at its end. @default false */
  readonly keepOriginalWorkflowId?: boolean | undefined;
}

/** What people and the service change while a schedule is in use. */
export interface ScheduleState {
  /** For people; the service says here why it paused the schedule. @default none */
  readonly note?: string | undefined;
  /** @default false */
  readonly paused?: boolean | undefined;
  /** Whether only {@link remainingActions} more starts happen. @default false */
  readonly limitedActions?: boolean | undefined;
  /** Starts that are left, where they are limited. @default 0 */
  readonly remainingActions?: number | undefined;
}

/** Starts a workflow time and again. */
export interface Schedule {
  /** What happens. */
  readonly action: ScheduleActionStartWorkflow;
  /** When it happens. */
  readonly spec: ScheduleSpec;
  readonly policy?: SchedulePolicy | undefined;
  readonly state?: ScheduleState | undefined;
}

/** A schedule as the service describes it; change what is to be changed, and give it back as an update. */
export interface DescribedSchedule extends Schedule {
  readonly spec: DescribedScheduleSpec;
  readonly policy: {
    readonly overlap: ScheduleOverlapPolicy;
    /** In milliseconds. */
    readonly catchupWindow: number;
    readonly pauseOnFailure: boolean;
    readonly keepOriginalWorkflowId: boolean;
  };
  readonly state: {
    readonly note: string | undefined;
    readonly paused: boolean;
    readonly limitedActions: boolean;
    readonly remainingActions: number;
  };
}

/** A span of time whose starts happen as if that time passed now. */
export interface ScheduleBackfill {
  /** Where it begins and ends, both included. */
  readonly startAt: Date;
  readonly endAt: Date;
  /** @default the schedule's */
  readonly overlap?: ScheduleOverlapPolicy | undefined;
}
