export type { ActivitySource } from "./worker/index.ts";
export type {
  ActivityInboundInterceptor,
  ActivityOutboundInterceptor,
  ExecuteActivityInput,
  Interceptor,
} from "./worker/index.ts";
export { Replayer } from "./worker/index.ts";
export type { ReplayerOptions, ReplayOptions, WorkflowReplayResult, WorkflowReplayResults } from "./worker/index.ts";
export { Runtime } from "./worker/index.ts";
export type { RuntimeOptions } from "./worker/index.ts";
export { createStderrLogger } from "./worker/index.ts";
export type { StderrLoggerOptions } from "./worker/index.ts";
export type { PollerBehavior } from "./worker/index.ts";
export { FixedSizeSlotSupplier } from "./worker/index.ts";
export type {
  SlotInfo,
  SlotMarkUsedContext,
  SlotPermit,
  SlotReleaseContext,
  SlotReserveContext,
  SlotSupplier,
  SlotType,
} from "./worker/index.ts";
export { createFixedTuner } from "./worker/index.ts";
export type { FixedTunerOptions, WorkerTuner } from "./worker/index.ts";
export { OptionsError, WorkerFailedError, WorkerStateError } from "./worker/index.ts";
export type { WorkerDeploymentOptions, WorkerOptions, WorkflowClass } from "./worker/index.ts";
export { Worker } from "./worker/index.ts";
export type { WorkerState } from "./worker/index.ts";
