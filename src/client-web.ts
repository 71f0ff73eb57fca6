export type { ActivityExecutionCount, ActivityExecutionCountGroup } from "./client/activity-count.ts";
export { ActivityExecution, ActivityExecutionDescription } from "./client/activity-execution.ts";
export { ActivityHandle } from "./client/activity-handle.ts";
export type {
  ActivityTarget,
  CancelActivityInput,
  CountActivitiesInput,
  DescribeActivityInput,
  DescribeActivityOptions,
  ListActivitiesInput,
  PauseActivityInput,
  StartActivityInput,
  StartedActivity,
  TerminateActivityInput,
  UnpauseActivityInput,
  UpdateActivityOptionsInput,
} from "./client/activity-inputs.ts";
export type {
  ActivityExecutionOptions,
  ActivityOptionsUpdate,
  StartActivityOptions,
} from "./client/activity-options.ts";
export { ActivityExecutionStatus, PendingActivityState } from "./client/activity-status.ts";
export { AsyncActivityHandle } from "./client/async-activity-handle.ts";
export type {
  AsyncActivityRef,
  CompleteAsyncActivityInput,
  FailAsyncActivityInput,
  HeartbeatAsyncActivityInput,
  ReportCancellationAsyncActivityInput,
} from "./client/async-activity-inputs.ts";
export { BatchOperationHandle } from "./client/batch-handle.ts";
export { BatchOperationState } from "./client/batch-operation.ts";
export type {
  BatchActivities,
  BatchOperation,
  BatchOperationDescription,
  BatchOperationSummary,
  DescribeBatchInput,
  ListBatchesInput,
  StartBatchInput,
  StartBatchOptions,
  StopBatchInput,
} from "./client/batch-operation.ts";
export type { CallOptions, RawCallOptions } from "./client/call-options.ts";
export {
  HeaderCodecBehavior,
  HistoryEventFilterType,
  QueryRejectCondition,
  WorkflowExecutionStatus,
  WorkflowUpdateStage,
} from "./client/client-enums.ts";
export {
  ActivityFailureError,
  AsyncActivityCancelledError,
  ClientUsageError,
  NexusOperationFailureError,
  RPCTimeoutOrCancelledError,
  ScheduleAlreadyRunningError,
  ServiceAnswerError,
  WorkflowContinuedAsNewError,
  WorkflowFailureError,
  WorkflowQueryFailedError,
  WorkflowQueryRejectedError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from "./client/client-error.ts";
export type { AsyncActivityCancellationDetails } from "./client/client-error.ts";
export type { ClientOptions, ClientPlugin, ConnectConfig, ConnectOptions } from "./client/client-options.ts";
export { Client } from "./client/client.ts";
export { Connection } from "./client/connection.ts";
export type { ClientRuntime, ConnectionOptions, EncodedCall, ServiceCallOptions } from "./client/connection.ts";
export type { EagerSlot, EagerWorker } from "./client/eager-start.ts";
export type { UntypedWorkflow } from "./client/handle-types.ts";
export type {
  CancelWorkflowInput,
  ClientInterceptor,
  ClientOutbound,
  CountWorkflowsInput,
  DescribeWorkflowInput,
  FetchHistoryEventsInput,
  Headers,
  ListWorkflowsInput,
  Pages,
  QueryWorkflowInput,
  SignalWorkflowInput,
  StartedUpdate,
  StartedWorkflow,
  StartUpdateInput,
  StartUpdateWithStartInput,
  StartWorkflowInput,
  TerminateWorkflowInput,
  UpdateInput,
  WorkflowTarget,
} from "./client/interceptor.ts";
export type { GetHandleOptions, ListWorkflowsOptions } from "./client/lookup-options.ts";
export { NexusClient } from "./client/nexus-client.ts";
export type { NexusClientTarget } from "./client/nexus-client.ts";
export type {
  NexusOperationExecutionCount,
  NexusOperationExecutionCountAggregationGroup,
} from "./client/nexus-count.ts";
export { NexusOperationExecution, NexusOperationExecutionDescription } from "./client/nexus-execution.ts";
export type { NexusOperationExecutionCancellationInfo } from "./client/nexus-execution.ts";
export { NexusOperationHandle } from "./client/nexus-handle.ts";
export type {
  CancelNexusOperationInput,
  CountNexusOperationsInput,
  DescribeNexusOperationInput,
  GetNexusOperationResultInput,
  ListNexusOperationsInput,
  NexusOperationName,
  NexusOperationTarget,
  StartedNexusOperation,
  StartNexusOperationInput,
  StartNexusOperationOptions,
  TerminateNexusOperationInput,
} from "./client/nexus-inputs.ts";
export type { PayloadLimitsConfig } from "./client/payload-size-check.ts";
export type { RawService, ServiceDescriptor } from "./client/raw-service.ts";
export { ScheduleActionStartWorkflow } from "./client/schedule-action.ts";
export type { ScheduledWorkflowOptions } from "./client/schedule-action.ts";
export { ScheduleDescription, ScheduleListDescription } from "./client/schedule-description.ts";
export type {
  ScheduleActionExecutionStartWorkflow,
  ScheduleActionResult,
  ScheduleInfo,
  ScheduleListInfo,
  ScheduleListSchedule,
} from "./client/schedule-description.ts";
export { ScheduleHandle } from "./client/schedule-handle.ts";
export type {
  BackfillScheduleInput,
  CreateScheduleInput,
  CreateScheduleOptions,
  DeleteScheduleInput,
  DescribeScheduleInput,
  ListSchedulesInput,
  ListSchedulesOptions,
  PauseScheduleInput,
  ScheduleTarget,
  ScheduleUpdate,
  ScheduleUpdateInput,
  ScheduleUpdater,
  TriggerScheduleInput,
  UnpauseScheduleInput,
  UpdateScheduleInput,
} from "./client/schedule-inputs.ts";
export type {
  DescribedScheduleSpec,
  ScheduleCalendarSpec,
  ScheduleIntervalSpec,
  ScheduleRange,
  ScheduleSpec,
} from "./client/schedule-spec.ts";
export { ScheduleOverlapPolicy } from "./client/schedule.ts";
export type {
  DescribedSchedule,
  Schedule,
  ScheduleBackfill,
  SchedulePolicy,
  ScheduleState,
} from "./client/schedule.ts";
export type { StartWorkflowOptions, WorkflowOptions } from "./client/start-options.ts";
export { StoredValue } from "./client/stored-value.ts";
export { openTransport, registerScheme } from "./client/transport-scheme.ts";
export type { OpenTransport, TransportOptions } from "./client/open-transport.ts";
export { WorkflowUpdateHandle } from "./client/update-handle.ts";
export { WithStartWorkflowOperation } from "./client/with-start-operation.ts";
export type { UpdateWithStartOptions, WithStartOptions } from "./client/with-start-operation.ts";
export type {
  GetWorkerBuildIdCompatibilityInput,
  GetWorkerTaskReachabilityInput,
  UpdateWorkerBuildIdCompatibilityInput,
} from "./client/worker-versioning-inputs.ts";
export { TaskReachabilityType } from "./client/worker-versioning.ts";
export type {
  BuildIdOp,
  BuildIdReachability,
  BuildIdVersionSet,
  TaskReachabilityOptions,
  VersionSetsOptions,
  WorkerBuildIdVersionSets,
  WorkerTaskReachability,
} from "./client/worker-versioning.ts";
export type { WorkflowExecutionCount, WorkflowExecutionCountGroup } from "./client/workflow-count.ts";
export { WorkflowExecution, WorkflowExecutionDescription } from "./client/workflow-execution.ts";
export type { WorkflowExecutionRef } from "./client/workflow-execution.ts";
export { WorkflowHandle } from "./client/workflow-handle.ts";
export type {
  FetchHistoryEventsOptions,
  FetchHistoryOptions,
  HandleOptions,
  UpdateOptions,
} from "./client/workflow-handle.ts";
export { WorkflowHistory } from "./client/workflow-history.ts";
export { WorkflowList } from "./client/workflow-list.ts";
export type {
  DeleteWorkflowInput,
  PauseWorkflowInput,
  ResetWorkflowInput,
  UpdateWorkflowOptionsInput,
} from "./client/workflow-operation-inputs.ts";
export type { WorkflowExecutionOptions, WorkflowOptionsChange } from "./client/workflow-options-change.ts";
export { ResetExclusion } from "./client/workflow-reset.ts";
export type { PostResetOperation, ResetOptions, ResetPoint } from "./client/workflow-reset.ts";
export { FetchTransport, type FetchTransportOptions } from "./rpc/fetch-transport.ts";
export { HttpBindingError } from "./rpc/http-binding-error.ts";
export { AddressError } from "./rpc/host-port.ts";
export { defaultRetryConfig } from "./rpc/retry.ts";
export type { RetryConfig } from "./rpc/retry.ts";
export { RPCError } from "./rpc/rpc-error.ts";
export type { RPCErrorDetail, RPCErrorOptions } from "./rpc/rpc-error.ts";
export { RPCStatusCode, statusName } from "./rpc/status.ts";
export type { Metadata, Transport, UnaryCall } from "./rpc/transport.ts";
