import type { Payloads } from "../../proto/gen/common.ts";
import { EventType, TimeoutType } from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import { HistoryEvent } from "../../proto/gen/history.ts";
import type { Init } from "../../proto/message.ts";
import type { IncomingCall } from "../../rpc/transport.ts";

const FEATURES_HEADER = "supported-features";
const FOLLOWS_NEXT_RUN = "follows-next-run-id";

/** What a continued-as-new event says instead of the end of a run that another follows. */
interface Continuation {
  readonly newExecutionRunId: string;
  readonly failure?: Init<Failure> | undefined;
  readonly lastCompletionResult?: Init<Payloads> | undefined;
}

/**
 * The event that closed a run, for a client that waits for just that.
 *
 * The service says continued-as-new for a run that is followed by retry or cron, unless the client's headers say that it
 * looks for the next run in other events as well. Most official SDKs do not say so, whatever they do.
 */
export function closeEventFor(call: IncomingCall, encoded: Uint8Array): Uint8Array {
  const { [FEATURES_HEADER]: features } = call.metadata;
  if (typeof features === "string" && features.split(",").includes(FOLLOWS_NEXT_RUN)) return encoded;
  const event = HistoryEvent.decode(encoded);
  const continuation = continuationOf(event.attributes);
  if (continuation === undefined || continuation.newExecutionRunId === "") return encoded;
  const { eventId, eventTime, version, taskId } = event;
  return HistoryEvent.encode({
    eventId,
    eventTime,
    version,
    taskId,
    eventType: EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
    attributes: { case: "workflowExecutionContinuedAsNewEventAttributes", value: continuation },
  });
}

function continuationOf(attributes: HistoryEvent["attributes"]): Continuation | undefined {
  switch (attributes?.case) {
    case "workflowExecutionCompletedEventAttributes": {
      const { newExecutionRunId, result } = attributes.value;
      return { newExecutionRunId, lastCompletionResult: result };
    }
    case "workflowExecutionFailedEventAttributes": {
      const { newExecutionRunId, failure } = attributes.value;
      return { newExecutionRunId, failure };
    }
    case "workflowExecutionTimedOutEventAttributes": {
      const { newExecutionRunId } = attributes.value;
      return { newExecutionRunId, failure: workflowTimeout };
    }
    default:
      return undefined;
  }
}

const workflowTimeout: Init<Failure> = {
  message: "workflow timeout",
  source: "Server",
  failureInfo: { case: "timeoutFailureInfo", value: { timeoutType: TimeoutType.START_TO_CLOSE } },
};
