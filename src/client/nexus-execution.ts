import {
  toNexusCancellationState,
  toNexusState,
  toNexusStatus,
  type NexusOperationCancellationState,
  type NexusOperationExecutionStatus,
  type PendingNexusOperationExecutionState,
} from "../core/options/nexus-operations.ts";
import { toMs } from "../core/replay/proto-time.ts";
import type { DataConverter } from "../payload/data-converter.ts";
import { decodeSearchAttributes } from "../payload/search-attribute-codec.ts";
import type { TypedSearchAttributes } from "../payload/search-attributes.ts";
import type { Payload } from "../proto/gen/common.ts";
import type { Duration, Timestamp } from "../proto/gen/google/protobuf.ts";
import type {
  NexusOperationExecutionCancellationInfo as RawCancellationInfo,
  NexusOperationExecutionInfo,
  NexusOperationExecutionListInfo,
} from "../proto/gen/nexus.ts";

/** A Nexus operation that no workflow called, as lists show it. */
export class NexusOperationExecution {
  readonly operationId: string;
  readonly operationRunId: string;
  readonly endpoint: string;
  readonly service: string;
  readonly operation: string;
  /** When it was started. */
  readonly scheduleTime: Date | undefined;
  /** `undefined` while it is open. */
  readonly closeTime: Date | undefined;
  /** `undefined` if the service knows one that this SDK does not. */
  readonly status: NexusOperationExecutionStatus | undefined;
  readonly searchAttributes: TypedSearchAttributes;
  /** How often its state has changed. */
  readonly stateTransitionCount: number;
  /** From its start to its end, in milliseconds; `undefined` while it is open. */
  readonly executionDurationMs: number | undefined;
  /** What the service said. */
  readonly rawInfo: NexusOperationExecutionListInfo | NexusOperationExecutionInfo;

  constructor(info: NexusOperationExecutionListInfo | NexusOperationExecutionInfo) {
    this.operationId = info.operationId;
    this.operationRunId = info.runId;
    this.endpoint = info.endpoint;
    this.service = info.service;
    this.operation = info.operation;
    this.scheduleTime = toDate(info.scheduleTime);
    this.closeTime = toDate(info.closeTime);
    this.status = toNexusStatus(info.status);
    this.searchAttributes = decodeSearchAttributes(info.searchAttributes);
    this.stateTransitionCount = info.stateTransitionCount;
    this.executionDurationMs = toDurationMs(info.executionDuration);
    this.rawInfo = info;
  }
}

/** How the cancellation of a Nexus operation goes. */
export interface NexusOperationExecutionCancellationInfo {
  readonly requestedTime: Date | undefined;
  /** `undefined` if the service knows one that this SDK does not. */
  readonly state: NexusOperationCancellationState | undefined;
  /** From 1. */
  readonly attempt: number;
  readonly lastAttemptCompleteTime: Date | undefined;
  readonly nextAttemptScheduleTime: Date | undefined;
  readonly lastAttemptFailure: Error | undefined;
  /** Why no request is sent, if none is. */
  readonly blockedReason: string;
  /** Given by whoever asked for it. */
  readonly reason: string;
  /** What the service said. */
  readonly raw: RawCancellationInfo;
}

/** What of a description had to be decoded. */
export interface DecodedNexusParts {
  readonly lastAttemptFailure: Error | undefined;
  readonly cancellationInfo: NexusOperationExecutionCancellationInfo | undefined;
}

/** A Nexus operation that no workflow called, with all that the service tells of it. */
export class NexusOperationExecutionDescription extends NexusOperationExecution {
  /** What it waits for; `undefined` once it is over. */
  readonly state: PendingNexusOperationExecutionState | undefined;
  readonly scheduleToCloseTimeoutMs: number | undefined;
  readonly scheduleToStartTimeoutMs: number | undefined;
  readonly startToCloseTimeoutMs: number | undefined;
  /** Of the request that starts it, from 1. */
  readonly attempt: number;
  /** When it times out. */
  readonly expirationTime: Date | undefined;
  readonly lastAttemptCompleteTime: Date | undefined;
  readonly nextAttemptScheduleTime: Date | undefined;
  readonly lastAttemptFailure: Error | undefined;
  /** Why no request is sent, if none is. */
  readonly blockedReason: string | undefined;
  readonly requestId: string;
  /** `undefined` until its handler has started something for it. */
  readonly operationToken: string | undefined;
  /** Of the client that started it. */
  readonly identity: string;
  /** `undefined` if nobody has asked for its cancellation. */
  readonly cancellationInfo: NexusOperationExecutionCancellationInfo | undefined;
  /** What the service said. */
  readonly rawDescription: NexusOperationExecutionInfo;
  readonly #converter: DataConverter;

  constructor(info: NexusOperationExecutionInfo, decoded: DecodedNexusParts, converter: DataConverter) {
    super(info);
    this.state = toNexusState(info.state);
    this.scheduleToCloseTimeoutMs = toDurationMs(info.scheduleToCloseTimeout);
    this.scheduleToStartTimeoutMs = toDurationMs(info.scheduleToStartTimeout);
    this.startToCloseTimeoutMs = toDurationMs(info.startToCloseTimeout);
    this.attempt = info.attempt;
    this.expirationTime = toDate(info.expirationTime);
    this.lastAttemptCompleteTime = toDate(info.lastAttemptCompleteTime);
    this.nextAttemptScheduleTime = toDate(info.nextAttemptScheduleTime);
    this.lastAttemptFailure = decoded.lastAttemptFailure;
    this.blockedReason = info.blockedReason || undefined;
    this.requestId = info.requestId;
    this.operationToken = info.operationToken || undefined;
    this.identity = info.identity;
    this.cancellationInfo = decoded.cancellationInfo;
    this.rawDescription = info;
    this.#converter = converter;
  }

  /** One line about it, given when it was started. */
  staticSummary(): Promise<string | undefined> {
    return this.#text(this.rawDescription.userMetadata?.summary);
  }

  /** More about it, given when it was started. */
  staticDetails(): Promise<string | undefined> {
    return this.#text(this.rawDescription.userMetadata?.details);
  }

  async #text(payload: Payload | undefined): Promise<string | undefined> {
    const [text] = payload === undefined ? [] : await this.#converter.decode([payload]);
    return typeof text === "string" ? text : undefined;
  }
}

/** A description as the service answered it, decoded. */
export async function describeNexusExecution(
  info: NexusOperationExecutionInfo,
  converter: DataConverter,
): Promise<NexusOperationExecutionDescription> {
  const { lastAttemptFailure: failure, cancellationInfo: cancellation } = info;
  const lastAttemptFailure = failure && (await converter.decodeFailure(failure));
  const cancellationInfo = cancellation && (await toCancellationInfo(cancellation, converter));
  return new NexusOperationExecutionDescription(info, { lastAttemptFailure, cancellationInfo }, converter);
}

async function toCancellationInfo(
  raw: RawCancellationInfo,
  converter: DataConverter,
): Promise<NexusOperationExecutionCancellationInfo> {
  const { attempt, blockedReason, reason, lastAttemptFailure: failure } = raw;
  return {
    requestedTime: toDate(raw.requestedTime),
    state: toNexusCancellationState(raw.state),
    attempt,
    lastAttemptCompleteTime: toDate(raw.lastAttemptCompleteTime),
    nextAttemptScheduleTime: toDate(raw.nextAttemptScheduleTime),
    lastAttemptFailure: failure && (await converter.decodeFailure(failure)),
    blockedReason,
    reason,
    raw,
  };
}

function toDate(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp === undefined ? undefined : new Date(toMs(timestamp));
}

function toDurationMs(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : duration.seconds * 1000 + duration.nanos / 1e6;
}
