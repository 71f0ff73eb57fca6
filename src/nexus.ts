export { operation, service } from "./nexus/contract.ts";
export type { OperationDefinition, OperationMap, OperationOptions, ServiceDefinition } from "./nexus/contract.ts";
export {
  cancellationSignal,
  client,
  info,
  inOperation,
  isCancelled,
  isWorkerShutdown,
  logger,
  metricMeter,
  waitForWorkerShutdown,
  workerShutdownSignal,
} from "./worker/nexus/nexus-api.ts";
export type { BackingWorkflowOptions, StartBackingWorkflow } from "./worker/nexus/backing-starts.ts";
export type { NexusCallback } from "./worker/nexus/nexus-callback.ts";
export type { Info } from "./worker/nexus/nexus-context.ts";
export { NotInNexusOperationError } from "./worker/nexus/nexus-context.ts";
export { OperationTokenError } from "./nexus/operation-token.ts";
export { WorkflowHandle } from "./worker/nexus/workflow-handle.ts";
export type { WorkflowRunOperationContext, WorkflowRunOperationStart } from "./worker/nexus/workflow-run-operation.ts";
export { workflowRunOperation, WorkflowRunOperationHandler } from "./worker/nexus/workflow-run-operation.ts";
export type { BackingActivityOptions, BackingUpdateOptions } from "./worker/nexus/temporal-nexus-client.ts";
export { TemporalNexusClient } from "./worker/nexus/temporal-nexus-client.ts";
export type {
  CancelActivityOptions,
  CancelUpdateWorkflowOptions,
  CancelWorkflowRunOptions,
  TemporalCancelOperationContext,
  TemporalOperationCancels,
  TemporalOperationStart,
  TemporalStartOperationContext,
} from "./worker/nexus/temporal-operation.ts";
export { temporalOperation, TemporalOperationHandler } from "./worker/nexus/temporal-operation.ts";
export { TemporalOperationResult } from "./worker/nexus/temporal-operation-result.ts";
