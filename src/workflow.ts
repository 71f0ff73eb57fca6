export type { ActivityHandle, ActivityOptions, LocalActivityOptions } from "./workflow/activity-options.ts";
export { ActivityCancellationType, VersioningIntent } from "./workflow/activity-options.ts";
export {
  activities,
  executeActivity,
  executeLocalActivity,
  localActivities,
  startActivity,
  startLocalActivity,
} from "./workflow/activities.ts";
export {
  getCurrentDetails,
  hasLastCompletionResult,
  isFailureException,
  lastCompletionResult,
  lastFailure,
  memo,
  memoValue,
  payloadConverter,
  setCurrentDetails,
  upsertMemo,
  upsertSearchAttributes,
} from "./workflow/attributes.ts";
export type { CancellationScopeOptions, ScopeSignal } from "./workflow/cancellation-scope.ts";
export { CancellationScope, shield } from "./workflow/cancellation-scope.ts";
export type { ChildWorkflowHandle, ChildWorkflowOptions } from "./workflow/child-workflow-options.ts";
export { ChildWorkflowCancellationType, ParentClosePolicy } from "./workflow/child-workflow-options.ts";
export { executeChildWorkflow, startChildWorkflow } from "./workflow/child-workflows.ts";
export type { Deferred, ReturnWhen, WaitOptions, WaitResult } from "./workflow/completion.ts";
export { asCompleted, createDeferred, wait } from "./workflow/completion.ts";
export { continueAsNew } from "./workflow/continue-as-new.ts";
export type { ContinueAsNewInput, ContinueAsNewOptions } from "./workflow/continue-as-new-options.ts";
export { ContinueAsNewError } from "./workflow/continue-as-new-options.ts";
export type { WorkflowHandlers } from "./workflow/declare.ts";
export { declareWorkflow as declare } from "./workflow/declare.ts";
export type { HandlerOptions, QueryOptions, SchemaOptions, WorkflowOptions } from "./workflow/decorators.ts";
export { defn, dynamicConfig, init, query, run, signal, update, validator } from "./workflow/decorators.ts";
export type { DynamicWorkflowConfig, FailureType } from "./workflow/definition.ts";
export { WorkflowDefinitionError } from "./workflow/definition-error.ts";
export type { EventGroup } from "./workflow/event-group.ts";
export { createEventGroup } from "./workflow/event-groups.ts";
export type { ExternalWorkflowHandle } from "./workflow/external-workflows.ts";
export { getExternalWorkflowHandle, getExternalWorkflowHandleFor } from "./workflow/external-workflows.ts";
export type { ParentInfo, RootInfo, WorkflowInfo } from "./workflow/workflow-info.ts";
export { cancellationReason, currentUpdateInfo, info, instance, inWorkflow } from "./workflow/info.ts";
export type {
  ExecuteWorkflowInput,
  HandleQueryInput,
  HandleSignalInput,
  HandleUpdateInput,
  PatchActivationInput,
  SignalChildWorkflowInput,
  SignalExternalWorkflowInput,
  WorkflowInboundInterceptor,
  WorkflowInterceptors,
  WorkflowOutboundInterceptor,
} from "./workflow/interceptors.ts";
export type { StartActivityInput, StartLocalActivityInput } from "./workflow/activity-options.ts";
export type { StartChildWorkflowInput } from "./workflow/child-workflow-options.ts";
export type { WorkflowLoggerOptions } from "./workflow/logger.ts";
export { createLogger, logger } from "./workflow/logger.ts";
export { HandlerUnfinishedPolicy } from "./workflow/marks.ts";
export { metricMeter } from "./workflow/metrics.ts";
export type { SignalWithStartWorkflowOptions } from "./workflow/signal-with-start.ts";
export { signalWithStartWorkflow } from "./workflow/signal-with-start.ts";
export type { NexusClient } from "./workflow/nexus-client.ts";
export { createNexusClient } from "./workflow/nexus-client.ts";
export type {
  NexusOperationHandle,
  NexusOperationOptions,
  StartNexusOperationInput,
} from "./workflow/nexus-options.ts";
export { NexusOperationCancellationType } from "./workflow/nexus-options.ts";
export { deprecatePatch, patched } from "./workflow/patches.ts";
export type { RandomStream } from "./workflow/runtime/random-stream.ts";
export type { UpdateInfo } from "./workflow/runtime/run.ts";
export type {
  BoundHandler,
  DynamicHandler,
  RuntimeHandlerOptions,
  RuntimeUpdateOptions,
} from "./workflow/runtime-handlers.ts";
export {
  allHandlersFinished,
  getDynamicQueryHandler,
  getDynamicSignalHandler,
  getDynamicUpdateHandler,
  getQueryHandler,
  getSignalHandler,
  getUpdateHandler,
  setDynamicQueryHandler,
  setDynamicSignalHandler,
  setDynamicUpdateHandler,
  setQueryHandler,
  setSignalHandler,
  setUpdateHandler,
} from "./workflow/runtime-handlers.ts";
export type { CallSinkOptions } from "./workflow/sinks.ts";
export { callSink } from "./workflow/sinks.ts";
export { Event, Lock, Queue, Semaphore } from "./workflow/synchronization.ts";
export {
  newRandom,
  now,
  random,
  randomSeed,
  registerRandomSeedCallback,
  time,
  uuid4,
  uuid7,
} from "./workflow/time-and-chance.ts";
export type {
  ActivityCalls,
  ClassOf,
  HandlerArgs,
  HandlerResult,
  Instance,
  QueryName,
  SignalName,
  UpdateName,
  WithArgs,
  WorkflowArgs,
  WorkflowResult,
} from "./workflow/types.ts";
export { unsafe } from "./workflow/unsafe.ts";
export type { SleepOptions, WaitConditionOptions } from "./workflow/waiting.ts";
export { sleep, waitCondition } from "./workflow/waiting.ts";
export { NotInWorkflowError, ReadOnlyContextError, WorkflowUsageError } from "./workflow/workflow-error.ts";
export { NondeterminismError } from "./core/errors.ts";
export type { Duration } from "./core/time/duration.ts";
