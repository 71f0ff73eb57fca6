export type { ActivityExecutionCount, ActivityExecutionCountGroup } from "./activity-count.ts";
export { ActivityExecution, ActivityExecutionDescription } from "./activity-execution.ts";
export { ActivityHandle } from "./activity-handle.ts";
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
} from "./activity-inputs.ts";
export type { ActivityExecutionOptions, ActivityOptionsUpdate, StartActivityOptions } from "./activity-options.ts";
export { ActivityExecutionStatus, PendingActivityState } from "./activity-status.ts";
export type {
  AsyncActivityRef,
  CompleteAsyncActivityInput,
  FailAsyncActivityInput,
  HeartbeatAsyncActivityInput,
  ReportCancellationAsyncActivityInput,
} from "./async-activity-inputs.ts";
export { AsyncActivityHandle } from "./async-activity-handle.ts";
export type { CallOrigin } from "./call-origin.ts";
export { callOrigin } from "./call-origin.ts";
export { runFromOrigin } from "./call-origin-scope.ts";
export type { CallOptions, RawCallOptions } from "./call-options.ts";
export type { GetHandleOptions, ListWorkflowsOptions } from "./lookup-options.ts";
export { Client } from "./client.ts";
export {
  HeaderCodecBehavior,
  HistoryEventFilterType,
  QueryRejectCondition,
  WorkflowExecutionStatus,
  WorkflowUpdateStage,
} from "./client-enums.ts";
export type { AsyncActivityCancellationDetails } from "./client-error.ts";
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
} from "./client-error.ts";
export type { ClientOptions, ClientPlugin, ConnectConfig, ConnectOptions } from "./client-options.ts";
export { sharedName } from "./plugin.ts";
export type { CloudConnectOptions } from "./cloud-operations-client.ts";
export { CloudOperationsClient } from "./cloud-operations-client.ts";
export type { ClientRuntime, ConnectionOptions, EncodedCall, ServiceCallOptions } from "./connection.ts";
export { Connection } from "./connection.ts";
export type { NexusClientTarget } from "./nexus-client.ts";
export { NexusClient } from "./nexus-client.ts";
export type { NexusOperationExecutionCount, NexusOperationExecutionCountAggregationGroup } from "./nexus-count.ts";
export type { NexusOperationExecutionCancellationInfo } from "./nexus-execution.ts";
export { NexusOperationExecution, NexusOperationExecutionDescription } from "./nexus-execution.ts";
export { NexusOperationHandle } from "./nexus-handle.ts";
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
} from "./nexus-inputs.ts";
export type { EagerSlot, EagerWorker } from "./eager-start.ts";
export type { UntypedWorkflow } from "./handle-types.ts";
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
} from "./interceptor.ts";
export type { PayloadLimitsConfig } from "./payload-size-check.ts";
export type { RawService, ServiceDescriptor } from "./raw-service.ts";
export type { StartWorkflowOptions, WorkflowOptions } from "./start-options.ts";
export type { OpenTransport, TransportOptions } from "./open-transport.ts";
export { filePathOf } from "./node-host.ts";
export { openTransport, registerScheme } from "./transport-scheme.ts";
export { WorkflowUpdateHandle } from "./update-handle.ts";
export { CLIENT_NAME, CLIENT_VERSION } from "./version.ts";
export type { WithStartOptions } from "./with-start-operation.ts";
export type { UpdateWithStartOptions } from "./with-start-operation.ts";
export { WithStartWorkflowOperation } from "./with-start-operation.ts";
export type {
  GetWorkerBuildIdCompatibilityInput,
  GetWorkerTaskReachabilityInput,
  UpdateWorkerBuildIdCompatibilityInput,
} from "./worker-versioning-inputs.ts";
export type {
  BuildIdOp,
  BuildIdReachability,
  BuildIdVersionSet,
  TaskReachabilityOptions,
  VersionSetsOptions,
  WorkerBuildIdVersionSets,
  WorkerTaskReachability,
} from "./worker-versioning.ts";
export { TaskReachabilityType } from "./worker-versioning.ts";
export type { WorkflowExecutionCount, WorkflowExecutionCountGroup } from "./workflow-count.ts";
export type { WorkflowExecutionRef } from "./workflow-execution.ts";
export { WorkflowExecution, WorkflowExecutionDescription } from "./workflow-execution.ts";
export type {
  FetchHistoryEventsOptions,
  FetchHistoryOptions,
  HandleOptions,
  UpdateOptions,
} from "./workflow-handle.ts";
export { WorkflowHandle } from "./workflow-handle.ts";
export { WorkflowHistory } from "./workflow-history.ts";
export { WorkflowList } from "./workflow-list.ts";
export { BatchOperationHandle } from "./batch-handle.ts";
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
} from "./batch-operation.ts";
export { BatchOperationState } from "./batch-operation.ts";
export type { ScheduledWorkflowOptions } from "./schedule-action.ts";
export { ScheduleActionStartWorkflow } from "./schedule-action.ts";
export type {
  ScheduleActionExecutionStartWorkflow,
  ScheduleActionResult,
  ScheduleInfo,
  ScheduleListInfo,
  ScheduleListSchedule,
} from "./schedule-description.ts";
export { ScheduleDescription, ScheduleListDescription } from "./schedule-description.ts";
export { ScheduleHandle } from "./schedule-handle.ts";
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
} from "./schedule-inputs.ts";
export type {
  DescribedScheduleSpec,
  ScheduleCalendarSpec,
  ScheduleIntervalSpec,
  ScheduleRange,
  ScheduleSpec,
} from "./schedule-spec.ts";
export type { DescribedSchedule, Schedule, ScheduleBackfill, SchedulePolicy, ScheduleState } from "./schedule.ts";
export { ScheduleOverlapPolicy } from "./schedule.ts";
export { StoredValue } from "./stored-value.ts";
export type {
  DeleteWorkflowInput,
  PauseWorkflowInput,
  ResetWorkflowInput,
  UpdateWorkflowOptionsInput,
} from "./workflow-operation-inputs.ts";
export type { WorkflowExecutionOptions, WorkflowOptionsChange } from "./workflow-options-change.ts";
export type { PostResetOperation, ResetOptions, ResetPoint } from "./workflow-reset.ts";
export { ResetExclusion } from "./workflow-reset.ts";
