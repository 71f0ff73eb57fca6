import { NexusHandlerErrorRetryBehavior, RetryState } from "../proto/gen/enums.ts";
import { causeOf, CancelledError, FailureError } from "./failure-error.ts";

/** What an {@link ActivityError} tells. */
export interface ActivityErrorOptions {
  readonly activityType: string;
  readonly activityId: string;
  readonly identity?: string | undefined;
  readonly scheduledEventId?: number | undefined;
  readonly startedEventId?: number | undefined;
  readonly retryState?: RetryState | undefined;
  readonly cause?: unknown;
}

/** An activity did not succeed; its cause says why. */
export class ActivityError extends FailureError {
  static override readonly code: string = "TEMPORAL_FAILURE_ACTIVITY";
  override readonly name: string = "ActivityError";
  readonly activityType: string;
  readonly activityId: string;
  /** Of the worker that ran it. */
  readonly identity: string;
  readonly scheduledEventId: number;
  readonly startedEventId: number;
  /** Why it is not tried again. */
  readonly retryState: RetryState;

  constructor(message: string, options: ActivityErrorOptions) {
    super(message, causeOf(options));
    this.activityType = options.activityType;
    this.activityId = options.activityId;
    this.identity = options.identity ?? "";
    this.scheduledEventId = options.scheduledEventId ?? 0;
    this.startedEventId = options.startedEventId ?? 0;
    this.retryState = options.retryState ?? RetryState.UNSPECIFIED;
  }
}

/** What a {@link ChildWorkflowError} tells. */
export interface ChildWorkflowErrorOptions {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly initiatedEventId?: number | undefined;
  readonly startedEventId?: number | undefined;
  readonly retryState?: RetryState | undefined;
  readonly cause?: unknown;
}

/** A child workflow did not succeed; its cause says why. */
export class ChildWorkflowError extends FailureError {
  static override readonly code: string = "TEMPORAL_FAILURE_CHILD_WORKFLOW";
  override readonly name: string = "ChildWorkflowError";
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly initiatedEventId: number;
  readonly startedEventId: number;
  /** Why it is not tried again. */
  readonly retryState: RetryState;

  constructor(message: string, options: ChildWorkflowErrorOptions) {
    super(message, causeOf(options));
    this.namespace = options.namespace;
    this.workflowId = options.workflowId;
    this.runId = options.runId;
    this.workflowType = options.workflowType;
    this.initiatedEventId = options.initiatedEventId ?? 0;
    this.startedEventId = options.startedEventId ?? 0;
    this.retryState = options.retryState ?? RetryState.UNSPECIFIED;
  }
}

/** What a {@link NexusOperationError} tells. */
export interface NexusOperationErrorOptions {
  readonly endpoint: string;
  readonly service: string;
  readonly operation: string;
  readonly operationToken?: string | undefined;
  readonly scheduledEventId?: number | undefined;
  readonly cause?: unknown;
}

/** A Nexus operation did not succeed; its cause says why. */
export class NexusOperationError extends FailureError {
  static override readonly code: string = "TEMPORAL_FAILURE_NEXUS_OPERATION";
  override readonly name: string = "NexusOperationError";
  readonly endpoint: string;
  readonly service: string;
  readonly operation: string;
  readonly operationToken: string;
  readonly scheduledEventId: number;

  constructor(message: string, options: NexusOperationErrorOptions) {
    super(message, causeOf(options));
    this.endpoint = options.endpoint;
    this.service = options.service;
    this.operation = options.operation;
    this.operationToken = options.operationToken ?? "";
    this.scheduledEventId = options.scheduledEventId ?? 0;
  }
}

/** What a {@link NexusHandlerError} tells. */
export interface NexusHandlerErrorOptions {
  /** Such as `BAD_REQUEST` or `INTERNAL`. */
  readonly type: string;
  readonly retryBehavior?: NexusHandlerErrorRetryBehavior | undefined;
  readonly cause?: unknown;
}

/** The handler of a Nexus request refused or failed it. */
export class NexusHandlerError extends FailureError {
  static override readonly code: string = "TEMPORAL_FAILURE_NEXUS_HANDLER";
  override readonly name: string = "NexusHandlerError";
  readonly type: string;
  readonly retryBehavior: NexusHandlerErrorRetryBehavior;

  constructor(message: string, options: NexusHandlerErrorOptions) {
    super(message, causeOf(options));
    this.type = options.type;
    this.retryBehavior = options.retryBehavior ?? NexusHandlerErrorRetryBehavior.UNSPECIFIED;
  }
}

/** Whether an error says that something was cancelled: itself, or as the cause of a failed activity, child workflow or Nexus operation. */
export function isCancelledException(error: unknown): boolean {
  if (error instanceof CancelledError) return true;
  const isOperation =
    error instanceof ActivityError || error instanceof ChildWorkflowError || error instanceof NexusOperationError;
  return isOperation && error.cause instanceof CancelledError;
}
