import type { NexusOperationIDConflictPolicy, NexusOperationIDReusePolicy } from "../core/options/nexus-operations.ts";
import type { Duration } from "../core/time/duration.ts";
import type { SearchAttributePair } from "../payload/search-attributes.ts";
import type { CallOptions } from "./call-options.ts";

/** How a Nexus operation is started that no workflow calls. */
export interface StartNexusOperationOptions extends CallOptions {
  /** What the operation is called by; at most one of an id runs at a time. */
  readonly id: string;
  /** What becomes of the start if an operation of that id has closed. @default "allowDuplicate" */
  readonly idReusePolicy?: NexusOperationIDReusePolicy | undefined;
  /** What becomes of the start if an operation of that id runs. @default "fail" */
  readonly idConflictPolicy?: NexusOperationIDConflictPolicy | undefined;
  /** Longest time from the start to the result. @default the service's longest */
  readonly scheduleToCloseTimeout?: Duration | undefined;
  /** Longest time until the handler has started it, or has answered. @default no limit */
  readonly scheduleToStartTimeout?: Duration | undefined;
  /** Longest time from when the handler has started it to the result. @default no limit */
  readonly startToCloseTimeout?: Duration | undefined;
  /** Attributes by which it can be found. */
  readonly searchAttributes?: Iterable<SearchAttributePair> | undefined;
  /** One line about it for people, in Markdown. */
  readonly summary?: string | undefined;
  /** Headers of the Nexus request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A Nexus operation that calls are for; without a run id, the latest run of that operation id. */
export interface NexusOperationTarget {
  readonly operationId: string;
  readonly operationRunId?: string | undefined;
}

/** Which operation of which service at which endpoint. */
export interface NexusOperationName {
  readonly endpoint: string;
  readonly service: string;
  readonly operation: string;
}

/** The start of a Nexus operation as interceptors see it. */
export interface StartNexusOperationInput extends NexusOperationName {
  readonly input: unknown;
  readonly options: StartNexusOperationOptions;
}

/** What the start of a Nexus operation gives. */
export interface StartedNexusOperation {
  readonly operationId: string;
  readonly operationRunId: string;
}

/** A look at a Nexus operation as interceptors see it. */
export interface DescribeNexusOperationInput extends NexusOperationTarget {
  readonly call: CallOptions;
}

/** A wait for the result of a Nexus operation as interceptors see it. */
export interface GetNexusOperationResultInput extends NexusOperationTarget {
  /** What the operation is; unknown of handles that no start gave. */
  readonly started: NexusOperationName | undefined;
  readonly call: CallOptions;
}

/** A request to cancel a Nexus operation as interceptors see it. */
export interface CancelNexusOperationInput extends NexusOperationTarget {
  readonly reason: string;
  readonly call: CallOptions;
}

/** The termination of a Nexus operation as interceptors see it. */
export interface TerminateNexusOperationInput extends NexusOperationTarget {
  readonly reason: string;
  readonly call: CallOptions;
}

/** A list of Nexus operations as interceptors see it. */
export interface ListNexusOperationsInput {
  readonly query: string;
  readonly pageSize: number;
  readonly nextPageToken: Uint8Array | undefined;
  readonly limit: number | undefined;
  readonly call: CallOptions;
}

/** A count of Nexus operations as interceptors see it. */
export interface CountNexusOperationsInput {
  readonly query: string;
  readonly call: CallOptions;
}
