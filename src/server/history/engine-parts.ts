import type { Effect, ExecutionLimits, RunClose, StepContext } from "../../core/execution/contract.ts";
import type { Clock } from "../../core/time/clock.ts";
import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import type { Namespaces } from "../namespaces/namespaces.ts";
import type { Store, StoredRun } from "../store/store.ts";
import type { Run } from "./run.ts";
import type { Transaction } from "./transaction.ts";

/** Live runs kept in memory where nobody says otherwise. */
export const CACHED_RUNS_DEFAULT = 4_000;

/** An effect that is left to those who know about pollers: a task to offer. */
export type TaskEffect = Extract<Effect, { kind: "dispatchWorkflowTask" | "dispatchActivityTask" }>;

/** An effect that is left to those who know who waits for updates. */
export type UpdateEffect = Extract<Effect, { kind: "updateAccepted" | "updateCompleted" | "updateAborted" }>;

/** An effect on other runs, which the same transaction carries out. */
export type RunsEffect = Exclude<Effect, TaskEffect | UpdateEffect>;

/** An effect that leads out of the engine, or back into it in the same transaction. */
export type OutsideEffect = Extract<Effect, { kind: "dispatchNexusStart" | "dispatchNexusCancel" | "invokeCallback" }>;

const forOthers = new Set<Effect["kind"]>([
  "dispatchWorkflowTask",
  "dispatchActivityTask",
  "updateAccepted",
  "updateCompleted",
  "updateAborted",
]);

/** Whether the effect is not the engine's own business: others are told of it once its transaction is with the store. */
export function isForOthers(effect: Effect): effect is TaskEffect | UpdateEffect {
  return forOthers.has(effect.kind);
}

/** What the engine is made of. */
export interface EngineParts {
  readonly store: Store;
  readonly namespaces: Namespaces;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes a fresh UUID. */
  readonly newId: () => string;
  readonly limits: ExecutionLimits;
  /** @default {@link CACHED_RUNS_DEFAULT} */
  readonly cachedRunsMax?: number | undefined;
  /** Offers a task to pollers. Called when the transaction has been handed to the store. */
  readonly offer: (run: Run, task: TaskEffect) => void;
  /** Whether workers of a version serve a workflow task queue. @default none do */
  readonly servesQueue?:
    | ((namespaceId: string, taskQueue: string, version: WorkerDeploymentVersion) => boolean)
    | undefined;
  /** Tells of an update to those who wait for it. Called when the transaction has been handed to the store. */
  readonly onUpdate: (run: Run, effect: UpdateEffect) => void;
  /** Called while a run closes, in the transaction in which it does: what follows from that may be added to it. */
  readonly onClosing?: ((transaction: Transaction, run: Run, close: RunClose) => void) | undefined;
  /** Carries out what a run asks of Nexus endpoints and of callbacks, in the transaction or after it. */
  readonly onNexus?: ((transaction: Transaction, run: Run, effect: OutsideEffect) => void) | undefined;
  /** The id of the Nexus endpoint of a name. */
  readonly nexusEndpointId?: ((name: string) => string | undefined) | undefined;
  /** Why an operation of the system's own endpoint cannot be. */
  readonly systemOperationFault?: StepContext["systemOperationFault"] | undefined;
  /** Called when a run has closed, or was deleted while open. */
  readonly onClosed: (run: Run) => void;
  /** Called at the start with what is kept like an open run, but is no workflow's. */
  readonly onRecovered?: ((stored: StoredRun) => void) | undefined;
  /** Called when a run has changed, was taken up at the start, or is over. */
  readonly onChanged?: ((run: Run, over: boolean) => void) | undefined;
}
