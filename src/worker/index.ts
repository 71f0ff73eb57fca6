export type { ActivitySource } from "./activities/activity-registry.ts";
export type {
  ActivityInboundInterceptor,
  ActivityOutboundInterceptor,
  ExecuteActivityInput,
  Interceptor,
} from "./interceptor.ts";
export { Replayer } from "./replayer.ts";
export type { ReplayerOptions, ReplayOptions, WorkflowReplayResult, WorkflowReplayResults } from "./replayer.ts";
export { Runtime } from "./runtime/runtime.ts";
export type { RuntimeOptions } from "./runtime/runtime.ts";
export { createStderrLogger } from "./runtime/stderr-logger.ts";
export type { StderrLoggerOptions } from "./runtime/stderr-logger.ts";
export type { PollerBehavior } from "./tasks/poller-behavior.ts";
export { FixedSizeSlotSupplier } from "./tuning/fixed-size-slot-supplier.ts";
export type {
  SlotInfo,
  SlotMarkUsedContext,
  SlotPermit,
  SlotReleaseContext,
  SlotReserveContext,
  SlotSupplier,
  SlotType,
} from "./tuning/slot-supplier.ts";
export { createFixedTuner } from "./tuning/worker-tuner.ts";
export type { FixedTunerOptions, WorkerTuner } from "./tuning/worker-tuner.ts";
export { OptionsError, WorkerFailedError, WorkerStateError } from "./worker-error.ts";
export type { WorkerDeploymentOptions, WorkerOptions, WorkflowClass } from "./worker-options.ts";
export { Worker } from "./worker.ts";
export type { WorkerState } from "./worker.ts";
