import { CommandType, EventType, RetryState } from "../../../proto/gen/enums.ts";
import type { Failure } from "../../../proto/gen/failure.ts";
import type {
  ActivityTaskCanceledEventAttributes,
  ActivityTaskScheduledEventAttributes,
  HistoryEvent,
} from "../../../proto/gen/history.ts";
import { type Machine, step, to } from "../../machine.ts";
import type { ActivityCancellation, ActivityResolution, WorkflowCommand } from "../activation.ts";
import { toScheduleActivity } from "../commands.ts";
import { newActivityFailure, newCanceledFailure } from "../failures.ts";
import { newMismatch } from "../mismatch.ts";
import { toSinglePayload } from "../payloads.ts";
import { type CommandLabel, issue, type RunState, type CancellableTrack } from "../run-state.ts";
import { CoreFlag } from "../sdk-flags.ts";

export type ActivityState =
  | "requested"
  | "scheduled"
  | "started"
  | "scheduledCancelSent"
  | "startedCancelSent"
  | "scheduledCancelRecorded"
  | "startedCancelRecorded"
  | "abandoned"
  | "completed"
  | "failed"
  | "timedOut"
  | "canceled";
export type ActivityInput =
  | {
      readonly kind:
        | "taskScheduled"
        | "taskStarted"
        | "taskCompleted"
        | "taskFailed"
        | "taskTimedOut"
        | "taskCancelRequested"
        | "taskCanceled";
    }
  | { readonly kind: "abandon" }
  /** `waits` if the code waits for what the activity makes of it. */
  | { readonly kind: "cancel"; readonly waits: boolean };
export type ActivityOutput = "dropSchedule" | "sendCancel" | "resolve" | "resolveCanceled";

/**
 * A workflow's view of one activity.
 *
 * Cancelled before its command was sent, it leaves no trace. Abandoned, it is over for the code at once, and whatever
 * history still says of it is nobody's concern. With `waits` false the code is told of the cancellation at once too, but
 * the server is asked to pass it on.
 */
export const activityMachine: Machine<ActivityState, ActivityInput, ActivityOutput> = {
  name: "activity",
  table: {
    requested: {
      taskScheduled: () => to("scheduled"),
      cancel: () => to("canceled", "dropSchedule", "resolveCanceled"),
      abandon: () => to("canceled", "dropSchedule", "resolveCanceled"),
    },
    scheduled: {
      taskStarted: () => to("started"),
      taskTimedOut: () => to("timedOut", "resolve"),
      cancel: ({ waits }) =>
        waits ? to("scheduledCancelSent", "sendCancel") : to("scheduledCancelSent", "sendCancel", "resolveCanceled"),
      abandon: () => to("abandoned", "resolveCanceled"),
    },
    started: {
      taskCompleted: () => to("completed", "resolve"),
      taskFailed: () => to("failed", "resolve"),
      taskTimedOut: () => to("timedOut", "resolve"),
      cancel: ({ waits }) =>
        waits ? to("startedCancelSent", "sendCancel") : to("startedCancelSent", "sendCancel", "resolveCanceled"),
      abandon: () => to("abandoned", "resolveCanceled"),
    },
    scheduledCancelSent: {
      taskCancelRequested: () => to("scheduledCancelRecorded"),
      cancel: () => to("scheduledCancelSent"),
    },
    startedCancelSent: {
      taskCancelRequested: () => to("startedCancelRecorded"),
      cancel: () => to("startedCancelSent"),
    },
    scheduledCancelRecorded: {
      taskStarted: () => to("startedCancelRecorded"),
      taskCanceled: () => to("canceled", "resolve"),
      taskTimedOut: () => to("timedOut", "resolve"),
      cancel: () => to("scheduledCancelRecorded"),
    },
    startedCancelRecorded: {
      taskCompleted: () => to("completed", "resolve"),
      taskFailed: () => to("failed", "resolve"),
      taskTimedOut: () => to("timedOut", "resolve"),
      taskCanceled: () => to("canceled", "resolve"),
      cancel: () => to("startedCancelRecorded"),
    },
    abandoned: {
      taskStarted: () => to("abandoned"),
      taskCompleted: () => to("abandoned"),
      taskFailed: () => to("abandoned"),
      taskTimedOut: () => to("abandoned"),
      taskCanceled: () => to("abandoned"),
      abandon: () => to("abandoned"),
    },
    completed: { cancel: () => to("completed"), abandon: () => to("completed") },
    failed: { cancel: () => to("failed"), abandon: () => to("failed") },
    timedOut: { cancel: () => to("timedOut"), abandon: () => to("timedOut") },
    canceled: { cancel: () => to("canceled"), abandon: () => to("canceled") },
  },
};

type ScheduleActivity = Extract<WorkflowCommand, { kind: "scheduleActivity" }>;

/** One activity of a run. */
export class ActivityTrack implements CancellableTrack {
  // Not the command itself: it holds the arguments, and a track lives as long as its run.
  readonly #seq: number;
  readonly #activityId: string;
  readonly #activityType: string;
  readonly #cancellationType: ActivityCancellation;
  #state: ActivityState = "requested";
  #scheduledEventId = 0;
  #isResolved = false;
  isDropped = false;

  constructor({ seq, activity }: Pick<ScheduleActivity, "seq" | "activity">) {
    this.#seq = seq;
    this.#activityId = activity.activityId;
    this.#activityType = activity.activityType;
    this.#cancellationType = activity.cancellationType;
  }

  /** Schedules an activity. */
  static schedule(run: RunState, command: ScheduleActivity): void {
    const track = new ActivityTrack(command);
    run.activities.set(command.seq, track);
    issue(run, {
      track,
      eventType: EventType.ACTIVITY_TASK_SCHEDULED,
      label: track.#label,
      command: toScheduleActivity(command),
    });
  }

  get isOpen(): boolean {
    return (
      this.#state !== "completed" &&
      this.#state !== "failed" &&
      this.#state !== "timedOut" &&
      this.#state !== "canceled"
    );
  }

  get #label(): CommandLabel {
    return { kind: "scheduleActivity", id: this.#activityId, type: this.#activityType };
  }

  cancel(run: RunState): void {
    this.#apply(
      this.#cancellationType === "abandon"
        ? { kind: "abandon" }
        : { kind: "cancel", waits: this.#cancellationType === "waitCancellationCompleted" },
      run,
    );
  }

  onEvent(event: HistoryEvent, run: RunState): void {
    const { attributes } = event;
    switch (attributes?.case) {
      case "activityTaskScheduledEventAttributes":
        this.#check(event, attributes.value, run);
        this.#scheduledEventId = event.eventId;
        return this.#apply(scheduled, run);
      case "activityTaskStartedEventAttributes":
        return this.#apply(started, run);
      case "activityTaskCompletedEventAttributes":
        return this.#apply(completed, run, () => ({
          status: "completed",
          result: toSinglePayload(attributes.value.result, event),
        }));
      case "activityTaskFailedEventAttributes":
      case "activityTaskTimedOutEventAttributes":
        return this.#apply(attributes.case === "activityTaskFailedEventAttributes" ? failed : timedOut, run, () => ({
          status: "failed",
          failure: this.#toFailure(
            attributes.case === "activityTaskFailedEventAttributes"
              ? "Activity task failed"
              : "Activity task timed out",
            attributes.value,
            attributes.value.failure,
          ),
        }));
      case "activityTaskCancelRequestedEventAttributes":
        if (attributes.value.scheduledEventId !== this.#scheduledEventId)
          throw newMismatch(
            "differentId",
            event,
            this.#cancelLabel,
            `history cancels the activity of event ${attributes.value.scheduledEventId}, the code that of event ${this.#scheduledEventId}`,
          );
        return this.#apply(cancelRequested, run);
      case "activityTaskCanceledEventAttributes":
        return this.#apply(canceled, run, () => this.#toCanceled(attributes.value));
      default:
        throw newMismatch("illegalOrder", event, this.#label, "the event is none of an activity");
    }
  }

  get #cancelLabel(): CommandLabel {
    return { ...this.#label, kind: "requestCancelActivity" };
  }

  #check(event: HistoryEvent, { activityId, activityType }: ActivityTaskScheduledEventAttributes, run: RunState): void {
    if (!run.flags.use(CoreFlag.idAndTypeChecks, run.isInLastSequence)) return;
    if (activityId !== this.#activityId)
      throw newMismatch(
        "differentId",
        event,
        this.#label,
        `history has activity id "${activityId}", the code scheduled activity id "${this.#activityId}" (type "${this.#activityType}")`,
      );
    if (activityType?.name !== this.#activityType)
      throw newMismatch(
        "differentType",
        event,
        this.#label,
        `history has activity type "${activityType?.name ?? ""}", the code scheduled activity type "${this.#activityType}"`,
      );
  }

  #apply(input: ActivityInput, run: RunState, resolution?: () => ActivityResolution): void {
    const { state, outputs } = step(activityMachine, this.#state, input);
    this.#state = state;
    for (const output of outputs) {
      switch (output) {
        case "dropSchedule":
          this.isDropped = true;
          break;
        case "sendCancel":
          this.#sendCancel(run);
          break;
        case "resolveCanceled":
          this.#resolve(this.#toCanceled(undefined), run);
          break;
        case "resolve":
          if (resolution !== undefined) this.#resolve(resolution(), run);
          break;
      }
    }
  }

  #sendCancel(run: RunState): void {
    issue(run, {
      track: this,
      eventType: EventType.ACTIVITY_TASK_CANCEL_REQUESTED,
      label: this.#cancelLabel,
      command: {
        commandType: CommandType.REQUEST_CANCEL_ACTIVITY_TASK,
        attributes: {
          case: "requestCancelActivityTaskCommandAttributes",
          value: { scheduledEventId: this.#scheduledEventId },
        },
      },
    });
  }

  /** Tells the code, once: a cancellation that it did not wait for is the answer that it got. */
  #resolve(result: ActivityResolution, run: RunState): void {
    if (this.#isResolved) return;
    this.#isResolved = true;
    run.jobs.push({ kind: "resolveActivity", seq: this.#seq, isLocal: false, result });
  }

  #toCanceled(attributes: ActivityTaskCanceledEventAttributes | undefined): ActivityResolution {
    const cause = newCanceledFailure("", attributes?.details);
    return {
      status: "cancelled",
      failure: this.#toFailure("Activity cancelled", { retryState: RetryState.CANCEL_REQUESTED, ...attributes }, cause),
    };
  }

  #toFailure(
    message: string,
    from: {
      readonly retryState: RetryState;
      readonly identity?: string;
      readonly scheduledEventId?: number;
      readonly startedEventId?: number;
    },
    cause: Failure | undefined,
  ): Failure {
    return newActivityFailure(
      message,
      {
        activityId: this.#activityId,
        activityType: this.#activityType,
        identity: from.identity ?? "",
        retryState: from.retryState,
        scheduledEventId: from.scheduledEventId ?? 0,
        startedEventId: from.startedEventId ?? 0,
      },
      cause,
    );
  }
}

const scheduled: ActivityInput = { kind: "taskScheduled" };
const started: ActivityInput = { kind: "taskStarted" };
const completed: ActivityInput = { kind: "taskCompleted" };
const failed: ActivityInput = { kind: "taskFailed" };
const timedOut: ActivityInput = { kind: "taskTimedOut" };
const cancelRequested: ActivityInput = { kind: "taskCancelRequested" };
const canceled: ActivityInput = { kind: "taskCanceled" };
