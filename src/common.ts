export {
  ActivityIDConflictPolicy,
  ActivityIDReusePolicy,
  WorkflowIDConflictPolicy,
  WorkflowIDReusePolicy,
} from "./core/options/id-policies.ts";
export {
  NexusOperationCancellationState,
  NexusOperationExecutionStatus,
  NexusOperationIDConflictPolicy,
  NexusOperationIDReusePolicy,
  PendingNexusOperationExecutionState,
} from "./core/options/nexus-operations.ts";
export type { Priority } from "./core/options/priority.ts";
export type { RetryPolicy } from "./core/options/retry-policy.ts";
export type { VersioningOverride, WorkerDeploymentVersion } from "./core/options/versioning.ts";
export {
  ContinueAsNewVersioningBehavior,
  fromVersionText,
  toVersionText,
  VersioningBehavior,
} from "./core/options/versioning.ts";
export type {
  Metric,
  MetricAttributes,
  MetricCounter,
  MetricGauge,
  MetricHistogram,
  MetricMeter,
  MetricOptions,
} from "./core/telemetry/metric-meter.ts";
export { noopMetricMeter } from "./core/telemetry/metric-meter.ts";
export type { LogAttributes, Logger, LogLevel } from "./core/telemetry/logger.ts";
export type { Duration } from "./core/time/duration.ts";
export { toDurationMs } from "./core/time/duration.ts";
export type { ActivityContract, ActivityContractOptions } from "./payload/activity-contract.ts";
export { defineActivity } from "./payload/activity-contract.ts";
export type {
  CallSchemas,
  SchemaOutput,
  SchemaOutputs,
  StandardSchema,
  StandardSchemaIssue,
  StandardSchemaResult,
} from "./payload/schema.ts";
export { SchemaError } from "./payload/schema.ts";
export { RawValue } from "./payload/payload-converter.ts";
export type {
  SearchAttributePair,
  SearchAttributeType,
  SearchAttributeTypes,
  SearchAttributeUpdate,
  SearchAttributeValue,
} from "./payload/search-attributes.ts";
export { SearchAttributeKey, TypedSearchAttributes } from "./payload/search-attributes.ts";
