import { CompleteAsyncError, type ActivityCancellationDetails } from "../../activity/index.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import type { DataConverter } from "../../payload/data-converter.ts";
import { ApplicationError, CancelledError } from "../../payload/failure-error.ts";
import type { Payload } from "../../proto/gen/common.ts";
import { ApplicationErrorCategory } from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import { newApplicationFailure } from "../../core/replay/failures.ts";

/** What came of one attempt. */
export type ActivityOutcome =
  | { readonly status: "completed"; readonly result: readonly Payload[] }
  | { readonly status: "failed" | "cancelled"; readonly failure: Failure }
  | { readonly status: "completesAsync" };

/** What {@link toOutcome} needs besides the error. */
export interface OutcomeContext {
  readonly cancellationDetails: ActivityCancellationDetails | undefined;
  /** Why the activity was asked to stop instead, if a heartbeat could not be sent. */
  readonly heartbeatError: unknown;
  readonly dataConverter: DataConverter;
  readonly logger: Logger;
}

/** What an attempt comes to that threw. Never rejects. */
export async function toOutcome(thrown: unknown, context: OutcomeContext): Promise<ActivityOutcome> {
  const { dataConverter, logger, heartbeatError } = context;
  const error = heartbeatError !== undefined && isCancellation(thrown) ? heartbeatError : thrown;
  if (error instanceof CompleteAsyncError) {
    logger.debug("Activity will complete asynchronously");
    return { status: "completesAsync" };
  }
  try {
    const details = context.cancellationDetails;
    if (details !== undefined && isCancellation(error)) {
      return await toCancelled(details, context);
    }
    const isBenign = error instanceof ApplicationError && error.category === ApplicationErrorCategory.BENIGN;
    logger[isBenign ? "debug" : "warn"]("Activity failed", { error });
    return { status: "failed", failure: await dataConverter.encodeFailure(error) };
  } catch (conversionError) {
    logger.error("Failure of an activity could not be converted", { error, conversionError });
    const reason = conversionError instanceof Error ? conversionError.message : String(conversionError);
    const failure = newApplicationFailure(`Failed building exception result: ${reason}`, "");
    return { status: "failed", failure };
  }
}

async function toCancelled(
  details: ActivityCancellationDetails,
  { dataConverter, logger }: OutcomeContext,
): Promise<ActivityOutcome> {
  const { paused, reset } = details;
  // The service knows no cancelled outcome for these two: the attempt fails and is tried again, or not.
  if (paused || reset) {
    const name = paused ? "pause" : "reset";
    logger.warn(`Activity failed because of an unhandled cancellation by activity ${name}`);
    const unhandled = new ApplicationError(`Unhandled activity cancel error produced by activity ${name}`, {
      type: paused ? "ActivityPause" : "ActivityReset",
    });
    return { status: "failed", failure: await dataConverter.encodeFailure(unhandled) };
  }
  logger.debug("Activity cancelled");
  const failure = await dataConverter.encodeFailure(new CancelledError("Cancelled"));
  return { status: "cancelled", failure };
}

/** Whether a failure is one that nobody is to be told of. */
export function isBenignFailure({ failureInfo }: Failure): boolean {
  return (
    failureInfo?.case === "applicationFailureInfo" && failureInfo.value.category === ApplicationErrorCategory.BENIGN
  );
}

// Code that was given the signal may throw an AbortError of its own in place of the signal's reason.
function isCancellation(error: unknown): boolean {
  return error instanceof CancelledError || (error instanceof Error && error.name === "AbortError");
}
