import {
  NexusOperationCancellationState as CancellationCode,
  NexusOperationExecutionStatus as StatusCode,
  NexusOperationIdConflictPolicy as ConflictCode,
  NexusOperationIdReusePolicy as ReuseCode,
  PendingNexusOperationState as StateCode,
} from "../../proto/gen/enums.ts";

/** What becomes of the start of a Nexus operation under the id of one that has closed. */
export const NexusOperationIDReusePolicy = {
  unspecified: "unspecified",
  allowDuplicate: "allowDuplicate",
  allowDuplicateFailedOnly: "allowDuplicateFailedOnly",
  rejectDuplicate: "rejectDuplicate",
} as const;
export type NexusOperationIDReusePolicy = keyof typeof NexusOperationIDReusePolicy;

const reuseCodes: Readonly<Record<NexusOperationIDReusePolicy, ReuseCode>> = {
  unspecified: ReuseCode.UNSPECIFIED,
  allowDuplicate: ReuseCode.ALLOW_DUPLICATE,
  allowDuplicateFailedOnly: ReuseCode.ALLOW_DUPLICATE_FAILED_ONLY,
  rejectDuplicate: ReuseCode.REJECT_DUPLICATE,
};

/** The number of `temporal.api.enums.v1.NexusOperationIdReusePolicy`. */
export function toNexusIDReuseCode(policy: NexusOperationIDReusePolicy): ReuseCode {
  return reuseCodes[policy];
}

/** What becomes of the start of a Nexus operation under the id of one that runs. */
export const NexusOperationIDConflictPolicy = {
  unspecified: "unspecified",
  fail: "fail",
  useExisting: "useExisting",
} as const;
export type NexusOperationIDConflictPolicy = keyof typeof NexusOperationIDConflictPolicy;

const conflictCodes: Readonly<Record<NexusOperationIDConflictPolicy, ConflictCode>> = {
  unspecified: ConflictCode.UNSPECIFIED,
  fail: ConflictCode.FAIL,
  useExisting: ConflictCode.USE_EXISTING,
};

/** The number of `temporal.api.enums.v1.NexusOperationIdConflictPolicy`. */
export function toNexusIDConflictCode(policy: NexusOperationIDConflictPolicy): ConflictCode {
  return conflictCodes[policy];
}

/** How a Nexus operation that no workflow started stands. */
export const NexusOperationExecutionStatus = {
  running: "running",
  completed: "completed",
  failed: "failed",
  canceled: "canceled",
  terminated: "terminated",
  timedOut: "timedOut",
} as const;
export type NexusOperationExecutionStatus = keyof typeof NexusOperationExecutionStatus;

const statuses: ReadonlyMap<StatusCode, NexusOperationExecutionStatus> = new Map([
  [StatusCode.RUNNING, "running"],
  [StatusCode.COMPLETED, "completed"],
  [StatusCode.FAILED, "failed"],
  [StatusCode.CANCELED, "canceled"],
  [StatusCode.TERMINATED, "terminated"],
  [StatusCode.TIMED_OUT, "timedOut"],
]);

/** The status of a number in `temporal.api.enums.v1.NexusOperationExecutionStatus`; `undefined` for none and for a later one. */
export function toNexusStatus(code: StatusCode): NexusOperationExecutionStatus | undefined {
  return statuses.get(code);
}

/** What a Nexus operation that is not over waits for. */
export const PendingNexusOperationExecutionState = {
  /** For its first answer. */
  scheduled: "scheduled",
  /** For the time of its next attempt. */
  backingOff: "backingOff",
  /** For the end of what its handler has started. */
  started: "started",
  /** For its endpoint to take requests again. */
  blocked: "blocked",
} as const;
export type PendingNexusOperationExecutionState = keyof typeof PendingNexusOperationExecutionState;

const states: ReadonlyMap<StateCode, PendingNexusOperationExecutionState> = new Map([
  [StateCode.SCHEDULED, "scheduled"],
  [StateCode.BACKING_OFF, "backingOff"],
  [StateCode.STARTED, "started"],
  [StateCode.BLOCKED, "blocked"],
]);

/** The state of a number in `temporal.api.enums.v1.PendingNexusOperationState`; `undefined` for none and for a later one. */
export function toNexusState(code: StateCode): PendingNexusOperationExecutionState | undefined {
  return states.get(code);
}

/** How the cancellation of a Nexus operation stands. */
export const NexusOperationCancellationState = {
  scheduled: "scheduled",
  backingOff: "backingOff",
  succeeded: "succeeded",
  failed: "failed",
  timedOut: "timedOut",
  blocked: "blocked",
} as const;
export type NexusOperationCancellationState = keyof typeof NexusOperationCancellationState;

const cancellations: ReadonlyMap<CancellationCode, NexusOperationCancellationState> = new Map([
  [CancellationCode.SCHEDULED, "scheduled"],
  [CancellationCode.BACKING_OFF, "backingOff"],
  [CancellationCode.SUCCEEDED, "succeeded"],
  [CancellationCode.FAILED, "failed"],
  [CancellationCode.TIMED_OUT, "timedOut"],
  [CancellationCode.BLOCKED, "blocked"],
]);

/** The state of a number in `temporal.api.enums.v1.NexusOperationCancellationState`; `undefined` for none and for a later one. */
export function toNexusCancellationState(code: CancellationCode): NexusOperationCancellationState | undefined {
  return cancellations.get(code);
}
