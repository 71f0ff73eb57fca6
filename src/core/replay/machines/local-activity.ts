import { CommandType, EventType, RetryState } from "../../../proto/gen/enums.ts";
import type { Failure } from "../../../proto/gen/failure.ts";
import type { Payload } from "../../../proto/gen/common.ts";
import type { HistoryEvent } from "../../../proto/gen/history.ts";
import type { UserMetadata } from "../../../proto/gen/sdk.ts";
import { type Machine, step, to } from "../../machine.ts";
import type { ActivityResolution, WorkflowCommand } from "../activation.ts";
import { newActivityFailure, newCanceledFailure } from "../failures.ts";
import { HistoryError } from "../history-error.ts";
import type { LocalActivityRequest, LocalActivityResult } from "../local-activity-queue.ts";
import {
  LOCAL_ACTIVITY_MARKER,
  readLocalActivityMarker,
  type RecordedLocalActivity,
  toLocalActivityDetails,
} from "../markers.ts";
import { newMismatch } from "../mismatch.ts";
import { advanceTime, type CommandLabel, issue, type RunState, type MarkedTrack } from "../run-state.ts";
import { CoreFlag } from "../sdk-flags.ts";

export type LocalActivityState =
  | "running"
  | "markerSent"
  | "awaitingMarker"
  | "awaitingCanceledMarker"
  | "awaitingKnownMarker"
  | "recorded";
export type LocalActivityInput =
  | { readonly kind: "result" | "knownResult" | "markerRecorded" | "liveTask" | "cancel" }
  /** The code does not wait for the activity's end; `stops` if the activity is to be told. */
  | { readonly kind: "leave"; readonly stops: boolean };
export type LocalActivityOutput = "run" | "resolve" | "requestCancel" | "resolveCanceled" | "takeKnown";

/**
 * A workflow's view of one local activity, which its worker runs and whose end a marker records.
 *
 * Live it is `running` from the start. In replay its marker is awaited instead: known from a look ahead, or met later;
 * if replay ends before one came, no worker has finished the activity and it has to be run after all. Results reach the
 * code one at a time and in the order of their markers, live as in replay, so that it always runs the same way.
 */
export const localActivityMachine: Machine<LocalActivityState, LocalActivityInput, LocalActivityOutput> = {
  name: "local activity",
  table: {
    running: {
      result: () => to("markerSent", "resolve"),
      cancel: () => to("running", "requestCancel"),
      leave: ({ stops }) =>
        stops ? to("markerSent", "requestCancel", "resolveCanceled") : to("markerSent", "resolveCanceled"),
    },
    markerSent: {
      markerRecorded: () => to("recorded"),
      result: () => to("markerSent"),
      cancel: () => to("markerSent"),
      leave: () => to("markerSent"),
    },
    awaitingMarker: {
      knownResult: () => to("awaitingKnownMarker", "resolve"),
      liveTask: () => to("running", "run"),
      cancel: () => to("awaitingCanceledMarker"),
      // The code that left it was told at once; the marker of that task says the same.
      leave: () => to("awaitingMarker", "takeKnown"),
    },
    awaitingCanceledMarker: {
      knownResult: () => to("awaitingKnownMarker", "resolve"),
      liveTask: () => to("running", "run", "requestCancel"),
      cancel: () => to("awaitingCanceledMarker"),
    },
    awaitingKnownMarker: {
      markerRecorded: () => to("recorded"),
      cancel: () => to("awaitingKnownMarker"),
      leave: () => to("awaitingKnownMarker"),
    },
    recorded: {
      result: () => to("recorded"),
      cancel: () => to("recorded", "requestCancel"),
      leave: ({ stops }) => (stops ? to("recorded", "requestCancel") : to("recorded")),
    },
  },
};

/** How it ended, from the worker or from a marker. */
interface Ending {
  readonly outcome: LocalActivityResult["outcome"];
  readonly attempt: number;
  readonly completeTimeMs: number | undefined;
  readonly backoffMs: number | undefined;
  readonly originalScheduleTimeMs: number | undefined;
}

/** One local activity of a run. */
export class LocalActivityTrack implements MarkedTrack {
  readonly #request: LocalActivityRequest;
  readonly #userMetadata: UserMetadata | undefined;
  readonly #startTimeMs: number;
  /** Replay awaits the marker that exists; it writes none. */
  #recordsMarker: boolean;
  #state: LocalActivityState;
  #status: LocalActivityResult["outcome"]["status"] | undefined;
  readonly isDropped = false;

  constructor(
    request: LocalActivityRequest,
    options: {
      readonly isReplaying: boolean;
      readonly startTimeMs: number;
      readonly userMetadata?: UserMetadata | undefined;
    },
  ) {
    this.#request = request;
    this.#userMetadata = options.userMetadata;
    this.#startTimeMs = options.startTimeMs;
    this.#recordsMarker = !options.isReplaying;
    this.#state = options.isReplaying ? "awaitingMarker" : "running";
  }

  /** Schedules a local activity. In replay its marker is waited for, or has been seen ahead already. */
  static schedule(
    run: RunState,
    {
      seq,
      activity,
      attempt,
      originalScheduleTimeMs,
      localRetryThresholdMs,
      userMetadata,
    }: Extract<WorkflowCommand, { kind: "scheduleLocalActivity" }>,
  ): void {
    const request = { seq, activity, attempt, originalScheduleTimeMs, localRetryThresholdMs };
    const track = new LocalActivityTrack(request, {
      isReplaying: run.isReplaying,
      startTimeMs: run.timeMs ?? 0,
      userMetadata,
    });
    run.localActivityTracks.set(seq, track);
    if (run.isReplaying) run.waitingLocalActivities.set(track, true);
    else run.localActivities.request(request);
  }

  get isOpen(): boolean {
    return this.#state !== "recorded";
  }

  get awaitsMarker(): boolean {
    return this.#state === "awaitingMarker" || this.#state === "awaitingCanceledMarker";
  }

  get matchesMarkerBySeq(): boolean {
    return this.awaitsMarker || this.#state === "awaitingKnownMarker";
  }

  get #label(): CommandLabel {
    return {
      kind: "scheduleLocalActivity",
      id: this.#request.activity.activityId,
      type: this.#request.activity.activityType,
    };
  }

  cancel(run: RunState): void {
    const { cancellationType } = this.#request.activity;
    this.#apply(
      cancellationType === "waitCancellationCompleted"
        ? { kind: "cancel" }
        : { kind: "leave", stops: cancellationType === "tryCancel" },
      run,
    );
  }

  onKnownMarker(recorded: RecordedLocalActivity, run: RunState): void {
    this.#apply({ kind: "knownResult" }, run, toEnding(recorded));
  }

  onResult(result: LocalActivityResult, run: RunState): void {
    const { outcome, attempt, backoffMs, originalScheduleTimeMs } = result;
    this.#apply({ kind: "result" }, run, {
      outcome,
      attempt,
      backoffMs,
      originalScheduleTimeMs,
      completeTimeMs: this.#startTimeMs + result.runtimeMs,
    });
  }

  onLiveTask(run: RunState): void {
    if (this.awaitsMarker) this.#apply({ kind: "liveTask" }, run);
  }

  onEvent(event: HistoryEvent, run: RunState): void {
    const recorded = readLocalActivityMarker(event);
    if (recorded === undefined)
      throw newMismatch("illegalOrder", event, this.#label, "the event is no local activity's marker");
    this.#check(event, recorded, run);
    this.#apply({ kind: "markerRecorded" }, run, toEnding(recorded));
    run.waitingLocalActivities.delete(this);
  }

  #check(event: HistoryEvent, { marker, failure }: RecordedLocalActivity, run: RunState): void {
    const { seq, activity } = this.#request;
    if (marker.seq !== seq)
      throw newMismatch(
        "differentId",
        event,
        this.#label,
        `history has local activity number ${marker.seq}, the code ran number ${seq}`,
      );
    if (this.#state === "markerSent") {
      if (this.#status === "completed" && failure !== undefined)
        throw newMismatch(
          "differentResult",
          event,
          this.#label,
          "history says that the local activity failed, here it completed",
        );
      if ((this.#status === "failed" || this.#status === "timedOut") && failure === undefined)
        throw newMismatch(
          "differentResult",
          event,
          this.#label,
          "history says that the local activity completed, here it failed",
        );
    }
    if (!run.flags.use(CoreFlag.idAndTypeChecks, this.#recordsMarker)) return;
    if (marker.activityId !== activity.activityId)
      throw newMismatch(
        "differentId",
        event,
        this.#label,
        `history has local activity id "${marker.activityId}", the code ran local activity id "${activity.activityId}"`,
      );
    if (marker.activityType !== activity.activityType)
      throw newMismatch(
        "differentType",
        event,
        this.#label,
        `history has local activity type "${marker.activityType}", the code ran local activity type "${activity.activityType}"`,
      );
  }

  #apply(input: LocalActivityInput, run: RunState, ending?: Ending): void {
    const { state, outputs } = step(localActivityMachine, this.#state, input);
    this.#state = state;
    for (const output of outputs) {
      switch (output) {
        case "run":
          this.#recordsMarker = true;
          run.waitingLocalActivities.delete(this);
          run.localActivities.request(this.#request);
          break;
        case "requestCancel":
          this.#requestCancel(run);
          break;
        case "resolveCanceled":
          this.#resolve(run, this.#toCanceled());
          break;
        case "takeKnown": {
          const recorded = run.localActivities.takeRecorded(this.#request.seq);
          if (recorded !== undefined) this.onKnownMarker(recorded, run);
          break;
        }
        case "resolve":
          if (ending === undefined)
            throw new HistoryError(
              `Cannot resolve local activity "${this.#request.activity.activityId}": found no result`,
            );
          this.#resolve(run, ending);
          break;
      }
    }
  }

  /** One that the worker has not seen ends here. */
  #requestCancel(run: RunState): void {
    const { seq, attempt, originalScheduleTimeMs } = this.#request;
    if (run.localActivities.withdraw(seq) === undefined) run.localActivities.requestCancel(seq);
    else if (this.#state === "running")
      run.localActivities.keepResult({ seq, attempt, originalScheduleTimeMs, runtimeMs: 0, outcome: canceled() });
  }

  /** Without a time of its own: what was awaited has moved workflow time on. */
  #toCanceled(): Ending {
    const { attempt, originalScheduleTimeMs } = this.#request;
    return { outcome: canceled(), attempt, originalScheduleTimeMs, completeTimeMs: undefined, backoffMs: undefined };
  }

  #resolve(run: RunState, ending: Ending): void {
    const { seq, activity } = this.#request;
    const { outcome } = ending;
    this.#status = outcome.status;
    run.jobs.push({ kind: "resolveActivity", seq, isLocal: true, result: this.#toResolution(ending, run) });
    if (ending.completeTimeMs !== undefined) advanceTime(run, ending.completeTimeMs);
    if (activity.cancellationType === "abandon" && (outcome.status === "cancelled" || outcome.status === "timedOut"))
      run.localActivities.forget(seq);
    if (this.#recordsMarker)
      this.#sendMarker(
        run,
        ending,
        outcome.status === "completed" ? { result: outcome.result } : { failure: outcome.failure },
      );
  }

  #sendMarker(
    run: RunState,
    ending: Ending,
    { result, failure }: { readonly result?: Payload | undefined; readonly failure?: Failure },
  ): void {
    const { seq, activity } = this.#request;
    const marker = { ...ending, seq, activityId: activity.activityId, activityType: activity.activityType };
    issue(run, {
      track: this,
      eventType: EventType.MARKER_RECORDED,
      label: this.#label,
      command: {
        commandType: CommandType.RECORD_MARKER,
        userMetadata: this.#userMetadata,
        attributes: {
          case: "recordMarkerCommandAttributes",
          value: { markerName: LOCAL_ACTIVITY_MARKER, details: toLocalActivityDetails(marker, result), failure },
        },
      },
    });
  }

  #toResolution({ outcome, attempt, backoffMs, originalScheduleTimeMs }: Ending, run: RunState): ActivityResolution {
    if (backoffMs !== undefined)
      return {
        status: "backoff",
        attempt: attempt + 1,
        backoffMs,
        originalScheduleTimeMs: originalScheduleTimeMs ?? run.timeMs ?? 0,
      };
    if (outcome.status === "completed") return outcome;
    const { failure } = outcome;
    const status = outcome.status === "cancelled" ? "cancelled" : "failed";
    // A cancellation or a timeout is no error of the activity's own: it is wrapped, as a remote activity's would be.
    switch (failure.failureInfo?.case) {
      case "timeoutFailureInfo":
        return { status, failure: this.#wrap("Local Activity timed out", failure) };
      case "canceledFailureInfo":
        return { status, failure: this.#wrap("Local Activity cancelled", failure) };
      default:
        return { status, failure };
    }
  }

  #wrap(message: string, cause: Failure): Failure {
    const { activityId, activityType } = this.#request.activity;
    return newActivityFailure(message, { activityId, activityType, retryState: RetryState.CANCEL_REQUESTED }, cause);
  }
}

function canceled(): Ending["outcome"] {
  return { status: "cancelled", failure: newCanceledFailure("Activity cancelled") };
}

function toEnding({ marker, result, failure }: RecordedLocalActivity): Ending {
  const { attempt, completeTimeMs, backoffMs, originalScheduleTimeMs } = marker;
  const outcome: Ending["outcome"] =
    failure === undefined
      ? { status: "completed", result }
      : {
          status:
            isCanceled(failure) || (failure.cause !== undefined && isCanceled(failure.cause)) ? "cancelled" : "failed",
          failure,
        };
  return { outcome, attempt, completeTimeMs, backoffMs, originalScheduleTimeMs };
}

function isCanceled({ failureInfo }: Failure): boolean {
  return failureInfo?.case === "canceledFailureInfo";
}
