import { TemporalError } from "../core/errors.ts";
import type { WorkflowExecutionStatus } from "./client-enums.ts";

/** A workflow did not succeed; its cause says how it ended and why. */
export class WorkflowFailureError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKFLOW_FAILURE";
  override readonly name = "WorkflowFailureError";
  override readonly cause: Error;

  constructor(cause: Error) {
    super(`Workflow execution failed: ${cause.message}`, { cause });
    this.cause = cause;
  }
}

/** A Nexus operation that no workflow called did not succeed; its cause says how it ended and why. */
export class NexusOperationFailureError extends TemporalError {
  static override readonly code: string = "TEMPORAL_NEXUS_OPERATION_FAILURE";
  override readonly name = "NexusOperationFailureError";
  override readonly cause: Error;

  constructor(cause: Error) {
    super(`Nexus operation execution failed: ${cause.message}`, { cause });
    this.cause = cause;
  }
}

/** An activity that no workflow started did not succeed; its cause says how it ended and why. */
export class ActivityFailureError extends TemporalError {
  static override readonly code: string = "TEMPORAL_ACTIVITY_FAILURE";
  override readonly name = "ActivityFailureError";
  override readonly cause: Error;

  constructor(cause: Error) {
    super(`Activity execution failed: ${cause.message}`, { cause });
    this.cause = cause;
  }
}

/** A run whose result was asked for, not its successor's, continued as new. */
export class WorkflowContinuedAsNewError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKFLOW_CONTINUED_AS_NEW";
  override readonly name = "WorkflowContinuedAsNewError";
  readonly newExecutionRunId: string;

  constructor(newExecutionRunId: string) {
    super("Workflow continued as new");
    this.newExecutionRunId = newExecutionRunId;
  }
}

/** A query was not put to its workflow, because of the status that has. */
export class WorkflowQueryRejectedError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKFLOW_QUERY_REJECTED";
  override readonly name = "WorkflowQueryRejectedError";
  /** Status of the workflow, if the service told it. */
  readonly status: WorkflowExecutionStatus | undefined;

  constructor(status: WorkflowExecutionStatus | undefined) {
    super(`Query rejected: the workflow's status is ${status ?? "not known"}`);
    this.status = status;
  }
}

/** A query's handler failed, or there is none. */
export class WorkflowQueryFailedError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKFLOW_QUERY_FAILED";
  override readonly name = "WorkflowQueryFailedError";
}

/** An update was rejected or its handler failed; its cause says why. */
export class WorkflowUpdateFailedError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKFLOW_UPDATE_FAILED";
  override readonly name = "WorkflowUpdateFailedError";
  override readonly cause: Error;

  constructor(cause: Error) {
    super(`Workflow update failed: ${cause.message}`, { cause });
    this.cause = cause;
  }
}

/** A wait on the client's side timed out or was aborted. What it waited for goes on. */
export class RPCTimeoutOrCancelledError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WAIT_ENDED";
  override readonly name: string = "RPCTimeoutOrCancelledError";
}

/** The wait for an update timed out or was aborted; the update itself goes on. */
export class WorkflowUpdateRPCTimeoutOrCancelledError extends RPCTimeoutOrCancelledError {
  static override readonly code: string = "TEMPORAL_WAIT_ENDED_UPDATE";
  override readonly name: string = "WorkflowUpdateRPCTimeoutOrCancelledError";

  constructor(cause: unknown) {
    super("Timeout or cancellation waiting for update", { cause });
  }
}

/** An activity completed from outside shall stop: it was cancelled, paused or reset. */
export class AsyncActivityCancelledError extends TemporalError {
  static override readonly code: string = "TEMPORAL_ASYNC_ACTIVITY_CANCELLED";
  override readonly name = "AsyncActivityCancelledError";
  readonly details: AsyncActivityCancellationDetails;

  constructor(details: AsyncActivityCancellationDetails) {
    super("Activity cancelled");
    this.details = details;
  }
}

/** Why an activity shall stop. */
export interface AsyncActivityCancellationDetails {
  readonly cancelRequested: boolean;
  readonly paused: boolean;
  readonly reset: boolean;
}

/** A schedule of that id exists already. */
export class ScheduleAlreadyRunningError extends TemporalError {
  static override readonly code: string = "TEMPORAL_SCHEDULE_ALREADY_RUNNING";
  override readonly name = "ScheduleAlreadyRunningError";
  readonly scheduleId: string;

  constructor(scheduleId: string, options?: ErrorOptions) {
    super("Schedule already running", options);
    this.scheduleId = scheduleId;
  }
}

/** The client was used in a way that cannot work. */
export class ClientUsageError extends TemporalError {
  static override readonly code: string = "TEMPORAL_CLIENT_USAGE";
  override readonly name = "ClientUsageError";
}

/** The service answered something that it must not. */
export class ServiceAnswerError extends TemporalError {
  static override readonly code: string = "TEMPORAL_SERVICE_ANSWER";
  override readonly name = "ServiceAnswerError";
}
