import type { Payload } from "../proto/gen/common.ts";

/** How a driver finds again what it stored. Goes into histories: keep it small, and without secrets. */
export interface StorageDriverClaim {
  readonly claimData: Readonly<Record<string, string>>;
  /**
   * Given to {@link StorageDriver.retrieve}, where the reference says it: of the stored payload in its encoded form. What
   * is larger is not what was stored, and need not be read into memory.
   */
  readonly sizeBytes?: number | undefined;
}

/** The workflow that payloads are stored for. */
export interface StorageDriverWorkflowInfo {
  readonly kind: "workflow";
  readonly namespace: string;
  readonly id?: string | undefined;
  /** Absent where it is not known, as when the workflow is being started. */
  readonly runId?: string | undefined;
  readonly type?: string | undefined;
}

/** The activity that payloads are stored for, if no workflow started it, or for its heartbeats. */
export interface StorageDriverActivityInfo {
  readonly kind: "activity";
  readonly namespace: string;
  readonly id?: string | undefined;
  /** Of an activity that no workflow started. */
  readonly runId?: string | undefined;
  readonly type?: string | undefined;
}

/** What payloads are stored for. */
export type StorageTarget = StorageDriverWorkflowInfo | StorageDriverActivityInfo;

/** What a driver or a selector is told when a payload is stored. */
export interface StorageDriverStoreContext {
  /** Whom the payload is for: the child that is started, the workflow that is signalled; else the workflow or activity itself. Absent where nothing is known. */
  readonly target: StorageTarget | undefined;
}

/** What a driver is told when a payload is retrieved. */
export type StorageDriverRetrieveContext = Readonly<Record<string, unknown>>;

/**
 * Keeps payloads somewhere: write one for any store.
 *
 * It is called outside of the sandbox, many times at once, and again for the same payloads when a task is tried again:
 * keys made of a payload's hash make that harmless. What it throws fails the task, which is tried again; a non-retryable
 * `ApplicationError` fails the workflow or activity.
 */
export interface StorageDriver {
  /** Stands in every reference that the driver makes; must stay the same as long as histories with such references are read. */
  readonly name: string;
  /** The sort of driver, the same in every language; shown to the service's operators. @default the name */
  readonly type?: string | undefined;
  /** One claim for each payload, in their order. */
  store(context: StorageDriverStoreContext, payloads: readonly Payload[]): Promise<readonly StorageDriverClaim[]>;
  /** One payload for each claim, in their order. */
  retrieve(context: StorageDriverRetrieveContext, claims: readonly StorageDriverClaim[]): Promise<readonly Payload[]>;
}
