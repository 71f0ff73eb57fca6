import { CancelledError, TerminatedError, TimeoutError } from "../payload/failure-error.ts";
import type { DataConverter } from "../payload/data-converter.ts";
import { TimeoutType } from "../proto/gen/enums.ts";
import { Failure } from "../proto/gen/failure.ts";
import type { HistoryEvent } from "../proto/gen/history.ts";
import type { CallOptions } from "./call-options.ts";
import { decodeResult } from "./calls-context.ts";
import { ServiceAnswerError, WorkflowContinuedAsNewError, WorkflowFailureError } from "./client-error.ts";
import type { ClientOutbound } from "./interceptor.ts";

/** Whose result is waited for, and how. */
export interface ResultWait {
  readonly workflowId: string;
  /** Run to begin with; the latest if `undefined`. */
  readonly runId: string | undefined;
  /** Goes on to the runs that follow by retry, cron or continue-as-new. */
  readonly followRuns: boolean;
  readonly call: CallOptions;
}

/** What the last event of a run says of its result. */
type RunEnd =
  | { readonly kind: "result"; readonly value: unknown }
  | { readonly kind: "failure"; readonly cause: Error }
  | { readonly kind: "continuedAsNew"; readonly runId: string }
  | { readonly kind: "next"; readonly runId: string };

/**
 * Waits for a workflow's result.
 *
 * @throws {WorkflowFailureError} If it ends otherwise than by completing.
 * @throws {WorkflowContinuedAsNewError} If it continues as new and its successors are not followed.
 */
export async function waitForResult(
  outbound: ClientOutbound,
  converter: DataConverter,
  wait: ResultWait,
): Promise<unknown> {
  let { runId } = wait;
  for (;;) {
    const end = await readEnd(await closeEvent(outbound, wait, runId), converter, wait.followRuns);
    switch (end.kind) {
      case "result":
        return end.value;
      case "failure":
        throw new WorkflowFailureError(end.cause);
      case "continuedAsNew":
        throw new WorkflowContinuedAsNewError(end.runId);
      case "next":
        runId = end.runId;
    }
  }
}

async function closeEvent(
  outbound: ClientOutbound,
  wait: ResultWait,
  runId: string | undefined,
): Promise<HistoryEvent> {
  const { workflowId, call } = wait;
  const events = outbound.fetchHistoryEvents({
    workflowId,
    runId,
    pageSize: undefined,
    nextPageToken: undefined,
    waitNewEvent: true,
    filter: "closeEvent",
    skipArchival: true,
    call,
  });
  for await (const event of events) return event;
  throw new ServiceAnswerError(
    `Cannot read result of workflow "${workflowId}": its history ended without a closing event`,
  );
}

async function readEnd(event: HistoryEvent, converter: DataConverter, followRuns: boolean): Promise<RunEnd> {
  const { attributes } = event;
  const runId =
    attributes !== undefined && "newExecutionRunId" in attributes.value ? attributes.value.newExecutionRunId : "";
  if (followRuns && runId !== "") return { kind: "next", runId };
  if (attributes?.case === "workflowExecutionCompletedEventAttributes") {
    return { kind: "result", value: await decodeResult(converter, attributes.value.result) };
  }
  if (attributes?.case === "workflowExecutionContinuedAsNewEventAttributes") {
    return { kind: "continuedAsNew", runId };
  }
  const cause = await failureCause(attributes, converter);
  if (cause !== undefined) return { kind: "failure", cause };
  throw new ServiceAnswerError(
    `Cannot read result: event ${event.eventId} of type ${event.eventType} does not close a workflow`,
  );
}

/** Why a run did not complete; `undefined` if the event says nothing of the kind. */
async function failureCause(
  attributes: HistoryEvent["attributes"],
  converter: DataConverter,
): Promise<Error | undefined> {
  if (attributes?.case === "workflowExecutionFailedEventAttributes") {
    return converter.decodeFailure(attributes.value.failure ?? Failure.create());
  }
  if (attributes?.case === "workflowExecutionCanceledEventAttributes") {
    const details = await converter.decode(attributes.value.details?.payloads ?? []);
    return new CancelledError("Workflow cancelled", { details });
  }
  if (attributes?.case === "workflowExecutionTerminatedEventAttributes") {
    const details = await converter.decode(attributes.value.details?.payloads ?? []);
    return new TerminatedError(attributes.value.reason || "Workflow terminated", { details });
  }
  if (attributes?.case === "workflowExecutionTimedOutEventAttributes") {
    return new TimeoutError("Workflow timed out", { type: TimeoutType.START_TO_CLOSE });
  }
  return undefined;
}
