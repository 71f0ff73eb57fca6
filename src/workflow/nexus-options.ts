import type { EventGroup } from "./event-group.ts";
import type { Duration } from "../core/time/duration.ts";

/**
 * What cancelling a Nexus operation does.
 *
 * - `abandon`: takes it for cancelled without asking.
 * - `tryCancel`: asks for it and takes it for cancelled at once.
 * - `waitRequested`: asks for it and waits until the handler has been told.
 * - `waitCompleted`: asks for it and waits for how the operation ends.
 */
export const NexusOperationCancellationType = {
  abandon: "abandon",
  tryCancel: "tryCancel",
  waitRequested: "waitRequested",
  waitCompleted: "waitCompleted",
} as const;
export type NexusOperationCancellationType = keyof typeof NexusOperationCancellationType;

/** How a Nexus operation is called. */
export interface NexusOperationOptions {
  readonly scheduleToCloseTimeout?: Duration;
  readonly scheduleToStartTimeout?: Duration;
  readonly startToCloseTimeout?: Duration;
  /** @default "waitCompleted" */
  readonly cancellationType?: NexusOperationCancellationType;
  readonly headers?: Readonly<Record<string, string>>;
  /** One line about it, for the web UI and the CLI. */
  readonly summary?: string;
  /** Groups that it belongs to, beside those of the code around it. @default none */
  readonly eventGroups?: readonly EventGroup[];
}

/** A Nexus operation that has started. */
export interface NexusOperationHandle<R> {
  /** Absent if the operation ended as it started. */
  readonly operationToken: string | undefined;
  /** @throws {NexusOperationError} If it does not succeed. */
  result(): Promise<R>;
  /** Asks for its cancellation; how `result` ends then is up to its cancellation type. */
  cancel(): void;
}

/** A Nexus operation about to be called, as interceptors see it. */
export interface StartNexusOperationInput {
  readonly endpoint: string;
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  readonly options: NexusOperationOptions;
}
