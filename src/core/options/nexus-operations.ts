import { enumNames } from "./enum-names.ts";
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

const reuseCodes = enumNames(NexusOperationIDReusePolicy, ReuseCode);

/** The number of `temporal.api.enums.v1.NexusOperationIdReusePolicy`. */
export function toNexusIDReuseCode(policy: NexusOperationIDReusePolicy): ReuseCode {
  return reuseCodes.toCode(policy);
}

/** What becomes of the start of a Nexus operation under the id of one that runs. */
export const NexusOperationIDConflictPolicy = {
  unspecified: "unspecified",
  fail: "fail",
  useExisting: "useExisting",
} as const;
export type NexusOperationIDConflictPolicy = keyof typeof NexusOperationIDConflictPolicy;

const conflictCodes = enumNames(NexusOperationIDConflictPolicy, ConflictCode);

/** The number of `temporal.api.enums.v1.NexusOperationIdConflictPolicy`. */
export function toNexusIDConflictCode(policy: NexusOperationIDConflictPolicy): ConflictCode {
  return conflictCodes.toCode(policy);
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

const statuses = enumNames(NexusOperationExecutionStatus, StatusCode);

/** The status of a number in `temporal.api.enums.v1.NexusOperationExecutionStatus`; `undefined` for none and for a later one. */
export function toNexusStatus(code: StatusCode): NexusOperationExecutionStatus | undefined {
  return statuses.toName(code);
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

const states = enumNames(PendingNexusOperationExecutionState, StateCode);

/** The state of a number in `temporal.api.enums.v1.PendingNexusOperationState`; `undefined` for none and for a later one. */
export function toNexusState(code: StateCode): PendingNexusOperationExecutionState | undefined {
  return states.toName(code);
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

const cancellations = enumNames(NexusOperationCancellationState, CancellationCode);

/** The state of a number in `temporal.api.enums.v1.NexusOperationCancellationState`; `undefined` for none and for a later one. */
export function toNexusCancellationState(code: CancellationCode): NexusOperationCancellationState | undefined {
  return cancellations.toName(code);
}
