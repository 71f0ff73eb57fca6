import { DEFAULT_NEXUS_LIMITS, type NexusLimits } from "./nexus/nexus-limits.ts";

/** Limits of one run, with the real service's names; {@link DEFAULT_EXECUTION_LIMITS} has its defaults. */
export interface ExecutionLimits {
  readonly historyCountSuggestContinueAsNew: number;
  readonly historySizeSuggestContinueAsNewBytes: number;
  readonly historyCountError: number;
  readonly historySizeErrorBytes: number;
  readonly pendingActivitiesMax: number;
  readonly pendingChildrenMax: number;
  readonly pendingSignalsMax: number;
  readonly pendingCancelsMax: number;
  readonly signalsMax: number;
  readonly updatesInFlightMax: number;
  readonly updatesTotalMax: number;
  readonly blobSizeErrorBytes: number;
  readonly memoSizeErrorBytes: number;
  readonly defaultWorkflowTaskTimeoutMs: number;
  /** Events that may wait for a started workflow task to end; one more fails the task. */
  readonly bufferedEventsMax: number;
  readonly bufferedEventsSizeMaxBytes: number;
  /** How long a workflow task may be prolonged by heartbeats alone. */
  readonly workflowTaskHeartbeatTimeoutMs: number;
  /** A run that goes on as a new one sooner than this waits before its first workflow task. */
  readonly continueAsNewMinIntervalMs: number;
  readonly idLengthMax: number;
  /** Whether activities that ask for it are started at once, by the worker that scheduled them. */
  readonly eagerActivities: boolean;
  readonly nexus: NexusLimits;
  readonly callbacksMax: number;
  readonly callbackRetryInitialIntervalMs: number;
  readonly callbackRetryMaximumIntervalMs: number;
}

/**
 * The Temporal Service's defaults, but for `bufferedEventsMax`: it has 100, which an answer a millisecond exceeds while one
 * workflow task is under way; the task then fails and the worker replays the whole run.
 */
export const DEFAULT_EXECUTION_LIMITS: ExecutionLimits = {
  historyCountSuggestContinueAsNew: 4 * 1024,
  historySizeSuggestContinueAsNewBytes: 4 * 1024 * 1024,
  historyCountError: 50 * 1024,
  historySizeErrorBytes: 50 * 1024 * 1024,
  pendingActivitiesMax: 2000,
  pendingChildrenMax: 2000,
  pendingSignalsMax: 2000,
  pendingCancelsMax: 2000,
  signalsMax: 10_000,
  updatesInFlightMax: 10,
  updatesTotalMax: 2000,
  blobSizeErrorBytes: 2 * 1024 * 1024,
  memoSizeErrorBytes: 2 * 1024 * 1024,
  defaultWorkflowTaskTimeoutMs: 10_000,
  bufferedEventsMax: 4 * 1024,
  bufferedEventsSizeMaxBytes: 2 * 1024 * 1024,
  workflowTaskHeartbeatTimeoutMs: 30 * 60_000,
  continueAsNewMinIntervalMs: 1000,
  idLengthMax: 1000,
  eagerActivities: true,
  nexus: DEFAULT_NEXUS_LIMITS,
  callbacksMax: 2000,
  callbackRetryInitialIntervalMs: 1000,
  callbackRetryMaximumIntervalMs: 3_600_000,
};
