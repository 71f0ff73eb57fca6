export type { NondeterminismDetails } from "./core/errors.ts";
export { NondeterminismError, TemporalError } from "./core/errors.ts";
export { RetryPolicyError } from "./core/options/retry-policy.ts";
export { PriorityError } from "./core/options/priority.ts";
export { DeploymentVersionError } from "./core/options/versioning.ts";
export { DurationError } from "./core/time/duration.ts";
export {
  ActivityAlreadyStartedError,
  InvalidVersioningOverrideError,
  NexusOperationAlreadyStartedError,
  WorkflowAlreadyStartedError,
} from "./payload/already-started-error.ts";
export type {
  ApplicationErrorOptions,
  DetailedErrorOptions,
  ServerErrorOptions,
  TimeoutErrorOptions,
} from "./payload/failure-error.ts";
export {
  ApplicationError,
  CancelledError,
  FailureError,
  ServerError,
  TerminatedError,
  TimeoutError,
} from "./payload/failure-error.ts";
export type {
  ActivityErrorOptions,
  ChildWorkflowErrorOptions,
  NexusHandlerErrorOptions,
  NexusOperationErrorOptions,
} from "./payload/operation-error.ts";
export {
  ActivityError,
  ChildWorkflowError,
  isCancelledException,
  NexusHandlerError,
  NexusOperationError,
} from "./payload/operation-error.ts";
export { PayloadConversionError } from "./payload/payload-error.ts";
export { SearchAttributeError } from "./payload/search-attributes.ts";
export { WaitTimeoutError } from "./payload/wait-timeout-error.ts";
export {
  ApplicationErrorCategory,
  NexusHandlerErrorRetryBehavior,
  RetryState,
  TimeoutType,
} from "./proto/gen/enums.ts";
