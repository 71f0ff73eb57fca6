import { RetryState, TimeoutType } from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";

/** A failure as it crosses the wire, with what was left out filled in. */
export function newFailure(message: string, failureInfo?: Failure["failureInfo"], cause?: Failure): Failure {
  return { message, source: "", stackTrace: "", encodedAttributes: undefined, cause, failureInfo };
}

/** Says that something was cancelled; usually the cause of another failure. */
export function newCanceledFailure(
  message = "",
  details?: Extract<Failure["failureInfo"], { case: "canceledFailureInfo" }>["value"]["details"],
): Failure {
  return newFailure(message, { case: "canceledFailureInfo", value: { details, identity: "" } });
}

/** Says that time ran out. */
export function newTimeoutFailure(message: string, timeoutType: TimeoutType): Failure {
  return newFailure(message, { case: "timeoutFailureInfo", value: { timeoutType, lastHeartbeatDetails: undefined } });
}

/** Says that an application-level reason of this type stopped something. */
export function newApplicationFailure(message: string, type: string, nonRetryable = false): Failure {
  return newFailure(message, {
    case: "applicationFailureInfo",
    value: { type, nonRetryable, details: undefined, nextRetryDelay: undefined, category: 0 },
  });
}

/** Which activity failed, and how it came to that. */
export interface FailedActivity {
  readonly activityId: string;
  readonly activityType: string;
  readonly identity?: string;
  readonly retryState: RetryState;
  readonly scheduledEventId?: number;
  readonly startedEventId?: number;
}

/** Wraps what went wrong in an activity. */
export function newActivityFailure(message: string, activity: FailedActivity, cause: Failure | undefined): Failure {
  return newFailure(
    message,
    {
      case: "activityFailureInfo",
      value: {
        scheduledEventId: activity.scheduledEventId ?? 0,
        startedEventId: activity.startedEventId ?? 0,
        identity: activity.identity ?? "",
        activityType: { name: activity.activityType },
        activityId: activity.activityId,
        retryState: activity.retryState,
      },
    },
    cause,
  );
}
