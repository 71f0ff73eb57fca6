import type { ExecutionLimits } from "./contract.ts";

/** The Temporal Service's defaults. */
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
  bufferedEventsMax: 100,
  bufferedEventsSizeMaxBytes: 2 * 1024 * 1024,
  workflowTaskHeartbeatTimeoutMs: 30 * 60_000,
  continueAsNewMinIntervalMs: 1000,
  idLengthMax: 1000,
};
