import type { ActivityOptions } from "../../proto/gen/activity.ts";
import type { Payloads } from "../../proto/gen/common.ts";
import type { ActivityTaskScheduledEventAttributes } from "../../proto/gen/history.ts";
import type { Message } from "../../proto/gen/protocol.ts";
import type { Outcome } from "../../proto/gen/update.ts";
import type { EncodedEvent } from "./encoded-event.ts";
import type { WorkflowTaskToken } from "./workflow-task-token.ts";
import type { ExecutionError } from "./execution-error.ts";

/** What the reply to a request carries beyond success; by request kind. */
export interface StepReply {
  /**
   * The request was refused, and the refusal changed the run (a workflow task failed because of its commands, say):
   * commit the record and its effects, then answer with this error.
   */
  readonly error?: ExecutionError;
  /** Of `startWorkflowTask`, of an eager `start`, and of `completeWorkflowTask` when its request asked for the next task and there is one. */
  readonly startedWorkflowTask?: StartedWorkflowTask;
  readonly startedActivityTask?: StartedActivityTask;
  /** `completeWorkflowTask`: activities started at once because the worker asked for eager execution; answered with the completion. */
  readonly eagerActivityTasks?: readonly StartedActivityTask[];
  /** Heartbeat: what the activity must know. */
  readonly activityState?: {
    readonly cancelRequested: boolean;
    readonly paused: boolean;
    readonly reset: boolean;
  };
  /** `completeWorkflowTask`: where the worker has to go back to, because the task it has done has vanished from history. */
  readonly resetHistoryEventId?: number;
  /** `updateActivityOptions`: the options in force now, of the last activity changed. */
  readonly activityOptions?: ActivityOptions;
  /** `admitUpdate`. */
  readonly update?: UpdateStatus;
  /** `start` with a request id seen before, or a signal seen before: nothing was changed. */
  readonly duplicate?: true;
  /** A task that is no longer wanted: drop it. */
  readonly stale?: true;
}

/** How far an update has come. */
export interface UpdateStatus {
  readonly stage: "admitted" | "accepted" | "completed";
  /** Zero until accepted. */
  readonly acceptedEventId: number;
  /** The event that holds the outcome; zero if there is none (yet). */
  readonly completedEventId: number;
  /** The outcome where no event holds it: the run closed before the update was done. */
  readonly outcome?: Outcome;
}

/**
 * All of a poll response that only the state knows; history itself is read by the frontend: all of it, or on a sticky
 * queue what comes after `previousStartedEventId`, up to and with `startedEventId`. Where `transientEvents` is not empty,
 * the stored history ends before them and they are appended.
 */
export interface StartedWorkflowTask {
  readonly token: WorkflowTaskToken;
  readonly previousStartedEventId: number;
  readonly startedEventId: number;
  readonly attempt: number;
  readonly scheduledTimeMs: number;
  readonly startedTimeMs: number;
  readonly normalTaskQueue: string;
  readonly workflowType: string;
  /** The worker is on a sticky queue and has the run in its cache: history starts after `previousStartedEventId`. */
  readonly stickyExecution: boolean;
  /** Events that a transient or speculative task shows the worker but that are not in history. */
  readonly transientEvents: readonly EncodedEvent[];
  /** Protocol messages of the poll's answer: updates that wait for the workflow. */
  readonly messages: readonly Message[];
}

/** A poll response for one attempt of an activity. */
export interface StartedActivityTask {
  readonly scheduledEventId: number;
  /** Input, headers, timeouts and the retry policy in force. */
  readonly scheduled: ActivityTaskScheduledEventAttributes;
  readonly attempt: number;
  readonly startedEventId: number;
  readonly scheduledTimeMs: number;
  readonly currentAttemptScheduledTimeMs: number;
  readonly startedTimeMs: number;
  readonly heartbeatDetails?: Payloads | undefined;
  readonly heartbeatTimeoutMs: number;
  /** Token parts. */
  readonly activityId: string;
  readonly activityType: string;
}
