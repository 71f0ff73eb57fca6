import type { HistoryEvent } from "../proto/gen/history.ts";
import type { Outcome } from "../proto/gen/update.ts";
import type { ActivityExecutionCount } from "./activity-count.ts";
import type { ActivityExecution, ActivityExecutionDescription } from "./activity-execution.ts";
import type {
  CancelActivityInput,
  CountActivitiesInput,
  DescribeActivityInput,
  ListActivitiesInput,
  PauseActivityInput,
  StartActivityInput,
  StartedActivity,
  TerminateActivityInput,
  UnpauseActivityInput,
  UpdateActivityOptionsInput,
} from "./activity-inputs.ts";
import type { ActivityExecutionOptions } from "./activity-options.ts";
import type {
  CompleteAsyncActivityInput,
  FailAsyncActivityInput,
  HeartbeatAsyncActivityInput,
  ReportCancellationAsyncActivityInput,
} from "./async-activity-inputs.ts";
import type {
  BatchOperationDescription,
  BatchOperationSummary,
  DescribeBatchInput,
  ListBatchesInput,
  StartBatchInput,
  StopBatchInput,
} from "./batch-operation.ts";
import type { CallOptions } from "./call-options.ts";
import type { Headers, Pages, WorkflowTarget } from "./call-parts.ts";
import type { HistoryEventFilterType, QueryRejectCondition, WorkflowUpdateStage } from "./client-enums.ts";
import type { NexusOperationExecutionCount } from "./nexus-count.ts";
import type { NexusOperationExecution, NexusOperationExecutionDescription } from "./nexus-execution.ts";
import type {
  CancelNexusOperationInput,
  CountNexusOperationsInput,
  DescribeNexusOperationInput,
  GetNexusOperationResultInput,
  ListNexusOperationsInput,
  StartedNexusOperation,
  StartNexusOperationInput,
  TerminateNexusOperationInput,
} from "./nexus-inputs.ts";
import type { ScheduleDescription, ScheduleListDescription } from "./schedule-description.ts";
import type {
  BackfillScheduleInput,
  CreateScheduleInput,
  DeleteScheduleInput,
  DescribeScheduleInput,
  ListSchedulesInput,
  PauseScheduleInput,
  TriggerScheduleInput,
  UnpauseScheduleInput,
  UpdateScheduleInput,
} from "./schedule-inputs.ts";
import type { StartWorkflowOptions, WorkflowOptions } from "./start-options.ts";
import type { WorkerBuildIdVersionSets, WorkerTaskReachability } from "./worker-versioning.ts";
import type {
  GetWorkerBuildIdCompatibilityInput,
  GetWorkerTaskReachabilityInput,
  UpdateWorkerBuildIdCompatibilityInput,
} from "./worker-versioning-inputs.ts";
import type { WorkflowExecutionCount } from "./workflow-count.ts";
import type { WorkflowExecution, WorkflowExecutionDescription } from "./workflow-execution.ts";
import type {
  DeleteWorkflowInput,
  PauseWorkflowInput,
  ResetWorkflowInput,
  UpdateWorkflowOptionsInput,
} from "./workflow-operation-inputs.ts";
import type { WorkflowExecutionOptions } from "./workflow-options-change.ts";

export type { Headers, Pages, WorkflowTarget } from "./call-parts.ts";

/** A start as interceptors see it. */
export interface StartWorkflowInput {
  readonly workflowType: string;
  readonly args: readonly unknown[];
  readonly options: StartWorkflowOptions;
  readonly headers: Headers;
}

/** What a start gives. */
export interface StartedWorkflow {
  readonly workflowId: string;
  readonly runId: string;
  /** Absent after a start with a signal, which may have reached a workflow started long before. */
  readonly firstExecutionRunId: string | undefined;
  /** Whether the first task went straight to a worker of this client. */
  readonly eagerlyStarted: boolean;
}

/** A signal as interceptors see it. */
export interface SignalWorkflowInput extends WorkflowTarget {
  readonly signal: string;
  readonly args: readonly unknown[];
  readonly headers: Headers;
  readonly call: CallOptions;
}

/** A query as interceptors see it. */
export interface QueryWorkflowInput extends WorkflowTarget {
  readonly query: string;
  readonly args: readonly unknown[];
  readonly rejectCondition: QueryRejectCondition | undefined;
  readonly headers: Headers;
  readonly call: CallOptions;
}

/** A request to cancel a workflow as interceptors see it. */
export interface CancelWorkflowInput extends WorkflowTarget {
  readonly reason: string;
  readonly call: CallOptions;
}

/** The termination of a workflow as interceptors see it. */
export interface TerminateWorkflowInput extends WorkflowTarget {
  readonly reason: string;
  readonly details: readonly unknown[];
  readonly call: CallOptions;
}

/** A look at a workflow as interceptors see it. */
export interface DescribeWorkflowInput extends WorkflowTarget {
  readonly call: CallOptions;
}

/** A fetch of history as interceptors see it. */
export interface FetchHistoryEventsInput extends WorkflowTarget {
  readonly pageSize: number | undefined;
  readonly nextPageToken: Uint8Array | undefined;
  readonly waitNewEvent: boolean;
  readonly filter: HistoryEventFilterType;
  readonly skipArchival: boolean;
  readonly call: CallOptions;
}

/** A list of workflows as interceptors see it. */
export interface ListWorkflowsInput {
  readonly query: string;
  readonly pageSize: number;
  readonly nextPageToken: Uint8Array | undefined;
  readonly limit: number | undefined;
  readonly call: CallOptions;
}

/** A count of workflows as interceptors see it. */
export interface CountWorkflowsInput {
  readonly query: string;
  readonly call: CallOptions;
}

/** An update as interceptors see it. */
export interface UpdateInput {
  /** @default a new UUID */
  readonly updateId: string | undefined;
  readonly update: string;
  readonly args: readonly unknown[];
  readonly waitForStage: WorkflowUpdateStage;
  readonly headers: Headers;
}

/** The start of an update as interceptors see it. */
export interface StartUpdateInput extends WorkflowTarget, UpdateInput {
  readonly call: CallOptions;
}

/** What the start of an update gives. */
export interface StartedUpdate {
  readonly updateId: string;
  readonly workflowId: string;
  readonly workflowRunId: string | undefined;
  /** How it ended, if it has. */
  readonly outcome: Outcome | undefined;
}

/** The start of an update together with its workflow as interceptors see it. */
export interface StartUpdateWithStartInput {
  readonly start: {
    readonly workflowType: string;
    readonly args: readonly unknown[];
    readonly options: WorkflowOptions;
    readonly headers: Headers;
  };
  readonly update: UpdateInput;
  /** Told as soon as the workflow is known to run, which may be before the update is done. */
  readonly onStarted: (started: StartedWorkflow) => void;
  readonly call: CallOptions;
}

/** All that a client asks of the service, so that interceptors can wrap it. */
export interface ClientOutbound {
  startWorkflow(input: StartWorkflowInput): Promise<StartedWorkflow>;
  signalWorkflow(input: SignalWorkflowInput): Promise<void>;
  queryWorkflow(input: QueryWorkflowInput): Promise<unknown>;
  cancelWorkflow(input: CancelWorkflowInput): Promise<void>;
  terminateWorkflow(input: TerminateWorkflowInput): Promise<void>;
  describeWorkflow(input: DescribeWorkflowInput): Promise<WorkflowExecutionDescription>;
  fetchHistoryEvents(input: FetchHistoryEventsInput): Pages<HistoryEvent>;
  listWorkflows(input: ListWorkflowsInput): Pages<WorkflowExecution>;
  countWorkflows(input: CountWorkflowsInput): Promise<WorkflowExecutionCount>;
  startUpdate(input: StartUpdateInput): Promise<StartedUpdate>;
  startUpdateWithStart(input: StartUpdateWithStartInput): Promise<StartedUpdate>;
  startActivity(input: StartActivityInput): Promise<StartedActivity>;
  describeActivity(input: DescribeActivityInput): Promise<ActivityExecutionDescription>;
  cancelActivity(input: CancelActivityInput): Promise<void>;
  terminateActivity(input: TerminateActivityInput): Promise<void>;
  pauseActivity(input: PauseActivityInput): Promise<void>;
  unpauseActivity(input: UnpauseActivityInput): Promise<void>;
  updateActivityOptions(input: UpdateActivityOptionsInput): Promise<ActivityExecutionOptions>;
  listActivities(input: ListActivitiesInput): Pages<ActivityExecution>;
  countActivities(input: CountActivitiesInput): Promise<ActivityExecutionCount>;
  startNexusOperation(input: StartNexusOperationInput): Promise<StartedNexusOperation>;
  describeNexusOperation(input: DescribeNexusOperationInput): Promise<NexusOperationExecutionDescription>;
  getNexusOperationResult(input: GetNexusOperationResultInput): Promise<unknown>;
  cancelNexusOperation(input: CancelNexusOperationInput): Promise<void>;
  terminateNexusOperation(input: TerminateNexusOperationInput): Promise<void>;
  listNexusOperations(input: ListNexusOperationsInput): Pages<NexusOperationExecution>;
  countNexusOperations(input: CountNexusOperationsInput): Promise<NexusOperationExecutionCount>;
  heartbeatAsyncActivity(input: HeartbeatAsyncActivityInput): Promise<void>;
  completeAsyncActivity(input: CompleteAsyncActivityInput): Promise<void>;
  failAsyncActivity(input: FailAsyncActivityInput): Promise<void>;
  reportCancellationAsyncActivity(input: ReportCancellationAsyncActivityInput): Promise<void>;
  createSchedule(input: CreateScheduleInput): Promise<void>;
  listSchedules(input: ListSchedulesInput): Pages<ScheduleListDescription>;
  describeSchedule(input: DescribeScheduleInput): Promise<ScheduleDescription>;
  updateSchedule(input: UpdateScheduleInput): Promise<void>;
  deleteSchedule(input: DeleteScheduleInput): Promise<void>;
  backfillSchedule(input: BackfillScheduleInput): Promise<void>;
  pauseSchedule(input: PauseScheduleInput): Promise<void>;
  unpauseSchedule(input: UnpauseScheduleInput): Promise<void>;
  triggerSchedule(input: TriggerScheduleInput): Promise<void>;
  resetWorkflow(input: ResetWorkflowInput): Promise<{ readonly runId: string }>;
  deleteWorkflow(input: DeleteWorkflowInput): Promise<void>;
  pauseWorkflow(input: PauseWorkflowInput): Promise<void>;
  unpauseWorkflow(input: PauseWorkflowInput): Promise<void>;
  updateWorkflowOptions(input: UpdateWorkflowOptionsInput): Promise<WorkflowExecutionOptions>;
  startBatch(input: StartBatchInput): Promise<{ readonly batchId: string }>;
  describeBatch(input: DescribeBatchInput): Promise<BatchOperationDescription>;
  stopBatch(input: StopBatchInput): Promise<void>;
  listBatches(input: ListBatchesInput): Pages<BatchOperationSummary>;
  updateWorkerBuildIdCompatibility(input: UpdateWorkerBuildIdCompatibilityInput): Promise<void>;
  getWorkerBuildIdCompatibility(input: GetWorkerBuildIdCompatibilityInput): Promise<WorkerBuildIdVersionSets>;
  getWorkerTaskReachability(input: GetWorkerTaskReachabilityInput): Promise<WorkerTaskReachability>;
}

/** Wraps what a client asks of the service. The first interceptor of a list is the outermost. */
export interface ClientInterceptor {
  interceptClient(next: ClientOutbound): ClientOutbound;
}
