import { Failure } from "../../../proto/gen/failure.ts";
import { TimeoutType } from "../../../proto/gen/enums.ts";
import type { NexusOperationState } from "./nexus-state.ts";

/** What the workflow is told of an operation that did not succeed. */
export function nexusOperationFailure(
  { scheduled, scheduledEventId, operationToken }: NexusOperationState,
  cause: Failure,
): Failure {
  return {
    ...Failure.create({ message: "nexus operation completed unsuccessfully" }),
    cause,
    failureInfo: {
      case: "nexusOperationExecutionFailureInfo",
      value: {
        endpoint: scheduled.endpoint,
        service: scheduled.service,
        operation: scheduled.operation,
        operationToken,
        operationId: operationToken,
        scheduledEventId,
      },
    },
  };
}

/** Why an operation has timed out. */
export function nexusTimeoutFailure(timeoutType: TimeoutType): Failure {
  return Failure.create({
    message: "operation timed out",
    failureInfo: { case: "timeoutFailureInfo", value: { timeoutType } },
  });
}

/** Old workers tell of a cancellation by a failure of another sort. */
export function asCanceled(failure: Failure): Failure {
  if (failure.failureInfo?.case === "canceledFailureInfo") return failure;
  return {
    ...Failure.create({ message: failure.message, stackTrace: failure.stackTrace }),
    failureInfo: { case: "canceledFailureInfo", value: { details: undefined, identity: "" } },
    cause: failure.cause,
  };
}

const timeoutNames: Readonly<Record<number, string>> = {
  [TimeoutType.UNSPECIFIED]: "Unspecified",
  [TimeoutType.SCHEDULE_TO_START]: "ScheduleToStart",
  [TimeoutType.SCHEDULE_TO_CLOSE]: "ScheduleToClose",
  [TimeoutType.START_TO_CLOSE]: "StartToClose",
};

/** Why no request is made any more although the operation has not timed out yet. */
export function noTimeLeftMessage(timeoutType: TimeoutType): string {
  return `not enough time to execute another request before ${timeoutNames[timeoutType] ?? ""} timeout`;
}
