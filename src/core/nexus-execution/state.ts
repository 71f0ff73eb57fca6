import type { Link, Payload } from "../../proto/gen/common.ts";
import { NexusOperationExecutionStatus } from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type { StartNexusOperationExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { durationMs } from "../execution/duration.ts";
import type { NexusCancelPhase } from "../execution/nexus/machine.ts";
import { filledSearchAttributes } from "../execution/payload-map.ts";
import type { NexusExecutionPhase } from "./machine.ts";

/** Attempts of a request to an endpoint. Times are milliseconds since the epoch. */
export interface AttemptsState {
  /** The one that is made or comes next, from 1. */
  readonly attempt: number;
  readonly lastAttemptCompleteMs: number | undefined;
  readonly lastAttemptFailure: Failure | undefined;
  /** While backing off. */
  readonly nextAttemptMs: number | undefined;
}

/** A request to cancel an operation. */
export interface CancellationState extends AttemptsState {
  readonly phase: Exclude<NexusCancelPhase, "absent">;
  readonly requestId: string;
  readonly reason: string;
  readonly requestedMs: number;
}

/** How an operation has ended. */
export type NexusExecutionOutcome =
  | { readonly case: "result"; readonly value: Payload }
  | { readonly case: "failure"; readonly value: Failure };

/** All that changes of a standalone Nexus operation, and what its attempts need. */
export interface NexusExecutionState extends AttemptsState {
  readonly phase: NexusExecutionPhase;
  /** Of the start. */
  readonly startRequestId: string;
  /** By which the handler knows attempts for one operation. */
  readonly requestId: string;
  readonly endpointId: string;
  readonly endpoint: string;
  readonly service: string;
  readonly operation: string;
  /** Zero where there is none. */
  readonly scheduleToCloseMs: number;
  readonly scheduleToStartMs: number;
  readonly startToCloseMs: number;
  readonly scheduledMs: number;
  readonly startedMs: number | undefined;
  readonly closeMs: number | undefined;
  /** Empty until started. */
  readonly operationToken: string;
  readonly cancellation: CancellationState | undefined;
  readonly terminateRequestId: string;
  readonly outcome: NexusExecutionOutcome | undefined;
  readonly links: readonly Link[];
  readonly searchAttributes: Readonly<Record<string, Payload>>;
  /** How often the state has changed. */
  readonly transitions: number;
}

/** The operation that a start asks for. The request has been validated and its defaults are set. */
export function newNexusExecution(
  request: StartNexusOperationExecutionRequest,
  { endpointId, requestId, nowMs }: { readonly endpointId: string; readonly requestId: string; readonly nowMs: number },
): NexusExecutionState {
  return {
    phase: "scheduled",
    startRequestId: request.requestId,
    requestId,
    endpointId,
    endpoint: request.endpoint,
    service: request.service,
    operation: request.operation,
    scheduleToCloseMs: durationMs(request.scheduleToCloseTimeout),
    scheduleToStartMs: durationMs(request.scheduleToStartTimeout),
    startToCloseMs: durationMs(request.startToCloseTimeout),
    scheduledMs: nowMs,
    startedMs: undefined,
    closeMs: undefined,
    operationToken: "",
    attempt: 1,
    lastAttemptCompleteMs: undefined,
    lastAttemptFailure: undefined,
    nextAttemptMs: undefined,
    cancellation: undefined,
    terminateRequestId: "",
    outcome: undefined,
    links: [],
    searchAttributes: filledSearchAttributes(request.searchAttributes)?.indexedFields ?? {},
    transitions: 1,
  };
}

const finalStatuses: Readonly<Partial<Record<NexusExecutionPhase, NexusOperationExecutionStatus>>> = {
  succeeded: NexusOperationExecutionStatus.COMPLETED,
  failed: NexusOperationExecutionStatus.FAILED,
  canceled: NexusOperationExecutionStatus.CANCELED,
  timedOut: NexusOperationExecutionStatus.TIMED_OUT,
  terminated: NexusOperationExecutionStatus.TERMINATED,
};

/** The status that callers are told. */
export function nexusStatusOf({ phase }: NexusExecutionState): NexusOperationExecutionStatus {
  return finalStatuses[phase] ?? NexusOperationExecutionStatus.RUNNING;
}

/** Whether the operation is over. */
export function isNexusClosed({ phase }: NexusExecutionState): boolean {
  return Object.hasOwn(finalStatuses, phase);
}
