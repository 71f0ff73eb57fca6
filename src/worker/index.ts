export type { ActivitySource } from "./activities/activity-registry.ts";
export type {
  ActivityInboundInterceptor,
  ActivityOutboundInterceptor,
  ExecuteActivityInput,
  ExecuteNexusOperationCancelInput,
  ExecuteNexusOperationStartInput,
  Interceptor,
  NexusOperationInboundInterceptor,
} from "./interceptor.ts";
export { inProcesses, inThreads, PlacedActivities } from "./placed/placement.ts";
export type { PlacementOptions } from "./placed/placement.ts";
export type { NexusServiceHandler } from "./nexus/nexus-registry.ts";
export { Replayer } from "./replayer.ts";
export type { ReplayerOptions, ReplayOptions, WorkflowReplayResult, WorkflowReplayResults } from "./replayer.ts";
export { MetricBuffer } from "./runtime/metric-buffer.ts";
export type { BufferedMetric, BufferedMetricUpdate, MetricBufferOptions } from "./runtime/metric-buffer.ts";
export type {
  HistogramConfig,
  LoggingConfig,
  OpenTelemetryConfig,
  PrometheusConfig,
  TelemetryConfig,
} from "./runtime/telemetry-config.ts";
export { Runtime } from "./runtime/runtime.ts";
export type { RuntimeOptions } from "./runtime/runtime.ts";
export { createStderrLogger } from "./runtime/stderr-logger.ts";
export type { StderrLoggerOptions } from "./runtime/stderr-logger.ts";
export { bundleWorkflows } from "./sandbox/bundle.ts";
export type { BundleOptions } from "./sandbox/bundle.ts";
export type { ImportNotifications, SandboxRestriction } from "./sandbox/restriction.ts";
export type { WorkflowBundle } from "./sandbox/workflow-bundle.ts";
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
export { ResourceBasedSlotSupplier } from "./tuning/resource-based-slot-supplier.ts";
export type {
  ResourceSlotOptions,
  ResourceSupplierParts,
  ResourceTargets,
} from "./tuning/resource-based-slot-supplier.ts";
export { createHostUsage } from "./tuning/resource-usage.ts";
export type { ResourceUsage } from "./tuning/resource-usage.ts";
export { createFixedTuner, createResourceBasedTuner } from "./tuning/worker-tuner.ts";
export type { FixedTunerOptions, ResourceBasedTunerOptions, WorkerTuner } from "./tuning/worker-tuner.ts";
export { OptionsError, WorkerFailedError, WorkerStateError } from "./worker-error.ts";
export type {
  SandboxOptions,
  WorkerDeploymentOptions,
  WorkerOptions,
  WorkflowClass,
  WorkflowRunnerOptions,
} from "./worker-options.ts";
export { Worker } from "./worker.ts";
export type { WorkerState } from "./worker.ts";
