import type { DataConverter } from "../payload/data-converter.ts";
import { defaultDataConverter } from "../payload/data-converter.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";
import type { ClassOf, Instance, WithArgs, WorkflowArgs, WorkflowResult } from "../workflow/types.ts";
import type { Health } from "../proto/gen/grpc/health.ts";
import type { OperatorService } from "../proto/gen/operatorservice.ts";
import type { TestService } from "../proto/gen/testservice.ts";
import type { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { ActivityExecutionCount } from "./activity-count.ts";
import type { ActivityExecution } from "./activity-execution.ts";
import { ActivityHandle } from "./activity-handle.ts";
import type { ActivityTarget } from "./activity-inputs.ts";
import type { StartActivityOptions } from "./activity-options.ts";
import { nameActivity, type AnyActivity } from "./activity-type.ts";
import type { AsyncActivityRef } from "./async-activity-inputs.ts";
import { AsyncActivityHandle } from "./async-activity-handle.ts";
import { BatchOperationHandle } from "./batch-handle.ts";
import type { BatchOperationSummary, StartBatchOptions } from "./batch-operation.ts";
import type { CallOptions } from "./call-options.ts";
import type { CallsContext } from "./calls-context.ts";
import type { WorkflowUpdateStage } from "./client-enums.ts";
import type { ClientOptions, ConnectConfig, ConnectOptions } from "./client-options.ts";
import { Connection } from "./connection.ts";
import { defaultIdentity } from "./host-parts.ts";
import type { ResultOn, UntypedWorkflow, UpdateNameOn, WithArgsOn } from "./handle-types.ts";
import type { ClientOutbound, Pages, StartedWorkflow } from "./interceptor.ts";
import type { GetHandleOptions, ListWorkflowsOptions } from "./lookup-options.ts";
import { NexusClient, type NexusClientTarget } from "./nexus-client.ts";
import type { NexusOperationExecutionCount } from "./nexus-count.ts";
import type { NexusOperationExecution } from "./nexus-execution.ts";
import { NexusOperationHandle } from "./nexus-handle.ts";
import { createOutbound } from "./outbound.ts";
import { DEFAULT_ADDRESS, openConnection } from "./open-connection.ts";
import { configureClient, connectThrough } from "./plugin.ts";
import type { RawService } from "./raw-service.ts";
import type { Schedule } from "./schedule.ts";
import type { ScheduleListDescription } from "./schedule-description.ts";
import { ScheduleHandle } from "./schedule-handle.ts";
import type { CreateScheduleOptions, ListSchedulesOptions } from "./schedule-inputs.ts";
import type { StartWorkflowOptions } from "./start-options.ts";
import type { WorkflowUpdateHandle } from "./update-handle.ts";
import { sendUpdateWithStart, type WithStartUpdate } from "./update-with-start.ts";
import type { UpdateWithStartOptions, WithStartWorkflowOperation } from "./with-start-operation.ts";
import type {
  BuildIdOp,
  TaskReachabilityOptions,
  VersionSetsOptions,
  WorkerBuildIdVersionSets,
  WorkerTaskReachability,
} from "./worker-versioning.ts";
import type { WorkflowExecutionCount } from "./workflow-count.ts";
import type { WorkflowHandleParts } from "./workflow-handle.ts";
import { WorkflowHandle } from "./workflow-handle.ts";
import { WorkflowList } from "./workflow-list.ts";
import { nameWorkflow } from "./workflow-type.ts";

/** Arguments of a workflow given by its name. */
type AnyArgs = { readonly args?: readonly unknown[] | undefined };

/** Starts workflows and talks to them. */
export class Client implements AsyncDisposable {
  /** Carries the calls; several clients may share one. */
  readonly connection: Connection;
  /** What the client was made with; `new Client(client.connection, { ...client.options, namespace })` makes another one. */
  readonly options: ClientOptions;
  /** What its plugins have made of that. */
  readonly activeOptions: ClientOptions;
  readonly namespace: string;
  readonly identity: string;
  readonly dataConverter: DataConverter;
  readonly #context: CallsContext;
  readonly #outbound: ClientOutbound;

  /** @throws {ClientUsageError} If two plugins share a name. */
  constructor(connection: Connection, given: ClientOptions = {}) {
    const options = configureClient(given);
    this.connection = connection;
    this.options = given;
    this.activeOptions = options;
    this.namespace = options.namespace ?? "default";
    this.identity = options.identity ?? defaultIdentity();
    this.dataConverter = options.dataConverter ?? defaultDataConverter;
    this.#context = {
      connection,
      namespace: this.namespace,
      identity: this.identity,
      dataConverter: this.dataConverter,
      headerCodecBehavior: options.headerCodecBehavior ?? "noCodec",
    };
    this.#outbound = createOutbound(this.#context, options.interceptors ?? []);
  }

  /**
   * Connects to a service: "memory:", "sqlite:./app.db", "host:port" of any Temporal Service, or the URL of its HTTP API.
   *
   * @throws {AddressError} If the address is none of these.
   * @throws {RPCError} If the service cannot be reached.
   */
  static connect(address: string, options?: ConnectOptions): Promise<Client>;
  /** The same with all in one, as `perdure/envconfig` gives it; without an address `localhost:7233`. */
  static connect(config: ConnectConfig): Promise<Client>;
  static async connect(target: string | ConnectConfig, given: ConnectOptions = {}): Promise<Client> {
    const { address = DEFAULT_ADDRESS, ...options }: ConnectConfig =
      typeof target === "string" ? { ...given, address: target } : target;
    const connection = await connectThrough({ address, ...options }, openConnection);
    return new Client(connection, options);
  }

  /** Starts a workflow and waits for its result. By name, for a workflow in another language or process. */
  executeWorkflow<R>(workflow: string, options: StartWorkflowOptions & AnyArgs): Promise<R>;
  /** Starts a workflow and waits for its result. */
  executeWorkflow<I extends Instance>(
    workflow: ClassOf<I>,
    options: StartWorkflowOptions & WithArgs<WorkflowArgs<I>>,
  ): Promise<WorkflowResult<I>>;
  async executeWorkflow(
    workflow: string | ClassOf<Instance>,
    options: StartWorkflowOptions & AnyArgs,
  ): Promise<unknown> {
    const handle = await this.#start(workflow, options);
    // The time of a call is none for a wait whose end nobody knows.
    const { metadata, signal } = options;
    return handle.result({ metadata, signal });
  }

  /** Starts a workflow. */
  startWorkflow<I extends Instance>(
    workflow: ClassOf<I>,
    options: StartWorkflowOptions & WithArgs<WorkflowArgs<I>>,
  ): Promise<WorkflowHandle<I>>;
  /** By name, for a workflow in another language or process. */
  startWorkflow(workflow: string, options: StartWorkflowOptions & AnyArgs): Promise<WorkflowHandle>;
  /** By name, typed by a class imported as a type only: `startWorkflow<SayHello>("SayHello", …)`. */
  startWorkflow<I extends Instance>(
    workflow: string,
    options: StartWorkflowOptions & WithArgs<WorkflowArgs<I>>,
  ): Promise<WorkflowHandle<I>>;
  startWorkflow(
    workflow: string | ClassOf<Instance>,
    options: StartWorkflowOptions & AnyArgs,
  ): Promise<WorkflowHandle> {
    return this.#start(workflow, options);
  }

  /** A workflow by its id. Whether there is one is not asked. */
  getWorkflowHandle<I extends Instance = UntypedWorkflow>(
    id: string,
    options: GetHandleOptions = {},
  ): WorkflowHandle<I> {
    return this.#handle({ ...options, workflowId: id, resultRunId: options.runId });
  }

  /** As {@link getWorkflowHandle}, with the class, whose handlers are then called by their methods' names. */
  getWorkflowHandleFor<I extends Instance>(
    workflow: ClassOf<I>,
    id: string,
    options: GetHandleOptions = {},
  ): WorkflowHandle<I> {
    const { definition } = nameWorkflow(workflow);
    return this.#handle({ ...options, workflowId: id, resultRunId: options.runId, definition });
  }

  /** Sends an update and starts its workflow if it does not run; waits until the update is accepted, or longer. */
  async startUpdateWithStartWorkflow<I extends Instance, K extends UpdateNameOn<I>>(
    update: K,
    options: UpdateWithStartOptions<I> & WithArgsOn<I, K> & { readonly waitForStage?: WorkflowUpdateStage },
  ): Promise<WorkflowUpdateHandle<ResultOn<I, K>>> {
    const { startWorkflowOperation: operation, waitForStage = "accepted", ...given } = options;
    return this.#startUpdateWithStart(operation, { ...given, update, waitForStage });
  }

  /** As {@link startUpdateWithStartWorkflow}, and gives the update's result. */
  async executeUpdateWithStartWorkflow<I extends Instance, K extends UpdateNameOn<I>>(
    update: K,
    options: UpdateWithStartOptions<I> & WithArgsOn<I, K>,
  ): Promise<ResultOn<I, K>> {
    const { startWorkflowOperation: operation, ...given } = options;
    const sent = { ...given, update, waitForStage: "completed" } as const;
    const handle = await this.#startUpdateWithStart<I, ResultOn<I, K>>(operation, sent);
    return handle.result(options);
  }

  /** Lists workflows. @param query In the language of the service's visibility; all if left out. */
  listWorkflows(query = "", options: ListWorkflowsOptions = {}): WorkflowList {
    const { pageSize = 1000, nextPageToken, limit, ...call } = options;
    const pages = this.#outbound.listWorkflows({ query, pageSize, nextPageToken, limit, call });
    return new WorkflowList(this.#outbound, pages);
  }

  /** Counts workflows. @param query As in {@link listWorkflows}, and with `GROUP BY`. */
  countWorkflows(query = "", call: CallOptions = {}): Promise<WorkflowExecutionCount> {
    return this.#outbound.countWorkflows({ query, call });
  }

  /** Runs an activity by itself, without a workflow, and waits for its result. By name, for one in another language or process. */
  executeActivity<R>(activity: string, options: StartActivityOptions & AnyArgs): Promise<R>;
  /** Runs an activity by itself, without a workflow, and waits for its result. Of the function, only the name is used. */
  executeActivity<A extends unknown[], R>(
    activity: (...args: A) => R,
    options: StartActivityOptions & WithArgs<A>,
  ): Promise<Awaited<R>>;
  async executeActivity(activity: string | AnyActivity, options: StartActivityOptions & AnyArgs): Promise<unknown> {
    const handle = await this.#startActivity(activity, options);
    const { metadata, signal } = options;
    return handle.result({ metadata, signal });
  }

  /** Starts an activity by itself, without a workflow. Of the function, only the name is used. */
  startActivity<A extends unknown[], R>(
    activity: (...args: A) => R,
    options: StartActivityOptions & WithArgs<A>,
  ): Promise<ActivityHandle<Awaited<R>>>;
  /** By name, for an activity in another language or process. */
  startActivity<R = unknown>(activity: string, options: StartActivityOptions & AnyArgs): Promise<ActivityHandle<R>>;
  startActivity(activity: string | AnyActivity, options: StartActivityOptions & AnyArgs): Promise<ActivityHandle> {
    return this.#startActivity(activity, options);
  }

  /** An activity that no workflow started, by its id. Whether there is one is not asked. @param options `runId`: the latest unless given. */
  getActivityHandle<R = unknown>(id: string, options: { readonly runId?: string } = {}): ActivityHandle<R> {
    return this.#activityHandle({ activityId: id, activityRunId: options.runId });
  }

  /** Lists activities that no workflow started. @param query In the language of the service's visibility; all if left out. */
  listActivities(query = "", options: ListWorkflowsOptions = {}): Pages<ActivityExecution> {
    const { pageSize = 1000, nextPageToken, limit, ...call } = options;
    return this.#outbound.listActivities({ query, pageSize, nextPageToken, limit, call });
  }

  /** Counts activities that no workflow started. @param query As in {@link listActivities}, and with `GROUP BY`. */
  countActivities(query = "", call: CallOptions = {}): Promise<ActivityExecutionCount> {
    return this.#outbound.countActivities({ query, call });
  }

  /** Calls operations of a Nexus service without a workflow. */
  createNexusClient(target: NexusClientTarget): NexusClient {
    return new NexusClient(this.#outbound, target);
  }

  /** A Nexus operation that no workflow called, by its id. Whether there is one is not asked. @param options `runId`: the latest unless given. */
  getNexusOperationHandle<R = unknown>(id: string, options: { readonly runId?: string } = {}): NexusOperationHandle<R> {
    return new NexusOperationHandle({ operationId: id, operationRunId: options.runId, outbound: this.#outbound });
  }

  /** Lists Nexus operations that no workflow called. @param query In the language of the service's visibility; all if left out. */
  listNexusOperations(query = "", options: ListWorkflowsOptions = {}): Pages<NexusOperationExecution> {
    const { pageSize = 1000, nextPageToken, limit, ...call } = options;
    return this.#outbound.listNexusOperations({ query, pageSize, nextPageToken, limit, call });
  }

  /** Counts Nexus operations that no workflow called. @param query As in {@link listNexusOperations}, and with `GROUP BY`. */
  countNexusOperations(query = "", call: CallOptions = {}): Promise<NexusOperationExecutionCount> {
    return this.#outbound.countNexusOperations({ query, call });
  }

  /** Makes a schedule. @throws {ScheduleAlreadyRunningError} If there is one of that id. */
  async createSchedule(
    scheduleId: string,
    schedule: Schedule,
    options: CreateScheduleOptions = {},
  ): Promise<ScheduleHandle> {
    const { timeoutMs, metadata, signal, ...others } = options;
    const call = { timeoutMs, metadata, signal };
    await this.#outbound.createSchedule({ scheduleId, schedule, options: others, call });
    return this.getScheduleHandle(scheduleId);
  }

  /** A schedule by its id. Whether there is one is not asked. */
  getScheduleHandle(scheduleId: string): ScheduleHandle {
    return new ScheduleHandle(scheduleId, this.#outbound);
  }

  /** Lists schedules, fetched as they are read. @param query In the language of the service's visibility; all if left out. */
  listSchedules(query = "", options: ListSchedulesOptions = {}): Pages<ScheduleListDescription> {
    const { pageSize = 1000, nextPageToken, ...call } = options;
    return this.#outbound.listSchedules({ query, pageSize, nextPageToken, call });
  }

  /** Does the same to many workflows, in the service's background. */
  async startBatchOperation(options: StartBatchOptions): Promise<BatchOperationHandle> {
    const { batchId } = await this.#outbound.startBatch({ options });
    return this.getBatchOperationHandle(batchId);
  }

  /** A batch operation by its id. Whether there is one is not asked. */
  getBatchOperationHandle(batchId: string): BatchOperationHandle {
    return new BatchOperationHandle(batchId, this.#outbound);
  }

  /** Lists batch operations, fetched as they are read. */
  listBatchOperations(options: Omit<ListWorkflowsOptions, "limit"> = {}): Pages<BatchOperationSummary> {
    const { pageSize = 1000, nextPageToken, ...call } = options;
    return this.#outbound.listBatches({ pageSize, nextPageToken, call });
  }

  /** An activity that was left to be completed from outside. */
  getAsyncActivityHandle(ref: AsyncActivityRef): AsyncActivityHandle {
    return new AsyncActivityHandle(this.#outbound, ref);
  }

  /** Changes a task queue's sets of compatible builds. @deprecated Worker deployments tell versions of workers apart. */
  updateWorkerBuildIdCompatibility(taskQueue: string, operation: BuildIdOp, call: CallOptions = {}): Promise<void> {
    return this.#outbound.updateWorkerBuildIdCompatibility({ taskQueue, operation, call });
  }

  /** A task queue's sets of compatible builds. @deprecated Worker deployments tell versions of workers apart. */
  getWorkerBuildIdCompatibility(
    taskQueue: string,
    options: VersionSetsOptions = {},
  ): Promise<WorkerBuildIdVersionSets> {
    const { maxSets, ...call } = options;
    return this.#outbound.getWorkerBuildIdCompatibility({ taskQueue, maxSets, call });
  }

  /** Whether tasks can still reach builds of workers. @deprecated Worker deployments tell versions of workers apart. */
  getWorkerTaskReachability(
    buildIds: readonly string[],
    options: TaskReachabilityOptions = {},
  ): Promise<WorkerTaskReachability> {
    const { taskQueues = [], reachability, ...call } = options;
    return this.#outbound.getWorkerTaskReachability({ buildIds, taskQueues, reachability, call });
  }

  /** Raw `WorkflowService`. */
  get workflowService(): RawService<typeof WorkflowService> {
    return this.connection.workflowService;
  }

  /** Raw `OperatorService`. */
  get operatorService(): RawService<typeof OperatorService> {
    return this.connection.operatorService;
  }

  /** Raw `TestService`, which only test servers have. */
  get testService(): RawService<typeof TestService> {
    return this.connection.testService;
  }

  /** Raw `grpc.health.v1.Health`. */
  get healthService(): RawService<typeof Health> {
    return this.connection.healthService;
  }

  /** Closes the connection, for all clients that share it. */
  close(): Promise<void> {
    return this.connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #start(workflow: string | ClassOf<Instance>, options: StartWorkflowOptions & AnyArgs): Promise<WorkflowHandle> {
    const { workflowType, definition } = nameWorkflow(workflow);
    const { args = [], ...given } = options;
    const input = { workflowType, args, options: given, headers: {} };
    return this.#startedHandle(await this.#outbound.startWorkflow(input), definition);
  }

  async #startActivity<R>(
    activity: string | AnyActivity,
    options: StartActivityOptions & AnyArgs,
  ): Promise<ActivityHandle<R>> {
    const { args = [], ...given } = options;
    const input = { activityType: nameActivity(activity), args, options: given, headers: {} };
    return this.#activityHandle(await this.#outbound.startActivity(input));
  }

  #activityHandle<R>(target: ActivityTarget): ActivityHandle<R> {
    return new ActivityHandle({ ...target, context: this.#context, outbound: this.#outbound });
  }

  #startUpdateWithStart<I extends Instance, Result>(
    operation: WithStartWorkflowOperation<I>,
    given: WithStartUpdate,
  ): Promise<WorkflowUpdateHandle<Result>> {
    const toHandle = (started: StartedWorkflow, definition: WorkflowDefinition | undefined): WorkflowHandle<I> =>
      this.#startedHandle(started, definition);
    return sendUpdateWithStart({ context: this.#context, outbound: this.#outbound, toHandle }, operation, given);
  }

  #startedHandle<I extends Instance>(
    started: StartedWorkflow,
    definition: WorkflowDefinition | undefined,
  ): WorkflowHandle<I> {
    const { workflowId, runId: resultRunId, firstExecutionRunId, eagerlyStarted } = started;
    return this.#handle({ workflowId, resultRunId, firstExecutionRunId, eagerlyStarted, definition });
  }

  #handle<I extends Instance>(
    parts: Omit<WorkflowHandleParts, "context" | "outbound" | "defaults">,
  ): WorkflowHandle<I> {
    const defaults = { rejectCondition: this.activeOptions.defaultQueryRejectCondition };
    const context = this.#context;
    return new WorkflowHandle({ ...parts, context, outbound: this.#outbound, defaults });
  }
}
