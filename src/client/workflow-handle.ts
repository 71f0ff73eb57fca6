import type { HistoryEvent } from "../proto/gen/history.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";
import { wireNameOf } from "../workflow/definition.ts";
import type { Instance, WorkflowResult } from "../workflow/types.ts";
import type { CallOptions } from "./call-options.ts";
import type { CallsContext } from "./calls-context.ts";
import { converterFor } from "./calls-context.ts";
import { handlerResultReader, workflowResultReader } from "./result-schema.ts";
import type { HistoryEventFilterType, QueryRejectCondition, WorkflowUpdateStage } from "./client-enums.ts";
import type {
  ArgsOn,
  QueryNameOn,
  ResultOn,
  SignalNameOn,
  UntypedWorkflow,
  UpdateNameOn,
  WithArgsOn,
} from "./handle-types.ts";
import type { ClientOutbound, Pages, WorkflowTarget } from "./interceptor.ts";
import { WorkflowUpdateHandle } from "./update-handle.ts";
import type { WorkflowExecutionDescription } from "./workflow-execution.ts";
import { WorkflowHistory } from "./workflow-history.ts";
import type { WorkflowExecutionOptions, WorkflowOptionsChange } from "./workflow-options-change.ts";
import type { ResetOptions } from "./workflow-reset.ts";
import { waitForResult } from "./workflow-result.ts";

/** What all calls of a handle are made with; see {@link WorkflowHandle.with}. */
export interface HandleOptions extends CallOptions {
  /** When queries are not to be answered. @default the client's `defaultQueryRejectCondition` */
  readonly rejectCondition?: QueryRejectCondition | undefined;
}

/** Which events of a history are fetched. */
export interface FetchHistoryOptions extends CallOptions {
  /** @default "allEvent" */
  readonly filter?: HistoryEventFilterType;
  /** Leaves archived histories alone. @default false */
  readonly skipArchival?: boolean;
}

/** How events of a history are fetched one by one. */
export interface FetchHistoryEventsOptions extends FetchHistoryOptions {
  /** Events fetched at once. @default as many as the service likes */
  readonly pageSize?: number;
  /** Where to begin. @default at the beginning */
  readonly nextPageToken?: Uint8Array;
  /** Waits for events to come until the workflow is closed. @default false */
  readonly waitNewEvent?: boolean;
}

/** How an update is sent. */
export interface UpdateOptions extends CallOptions {
  /** Sending the same id again finds the same update. @default a new UUID */
  readonly id?: string | undefined;
}

/** What a handle is made of. */
export interface WorkflowHandleParts extends WorkflowTarget {
  readonly resultRunId?: string | undefined;
  readonly eagerlyStarted?: boolean | undefined;
  /** Of the workflow's class, which knows the wire names of its handlers. */
  readonly definition?: WorkflowDefinition | undefined;
  readonly context: CallsContext;
  readonly outbound: ClientOutbound;
  readonly defaults?: HandleOptions | undefined;
}

/** A workflow by its id. */
export class WorkflowHandle<I extends Instance = UntypedWorkflow> {
  readonly #parts: WorkflowHandleParts;

  /** Clients make these. */
  constructor(parts: WorkflowHandleParts) {
    this.#parts = parts;
  }

  get id(): string {
    return this.#parts.workflowId;
  }

  /** Run that all calls but {@link result} are for; the latest one if `undefined`, as on handles of started workflows. */
  get runId(): string | undefined {
    return this.#parts.runId;
  }

  /** Run whose result {@link result} gives, or whose successor's. */
  get resultRunId(): string | undefined {
    return this.#parts.resultRunId;
  }

  /** First run of the chain of runs that changes are for; none if `undefined`. */
  get firstExecutionRunId(): string | undefined {
    return this.#parts.firstExecutionRunId;
  }

  /** Whether the first task went straight to a worker of the client that started the workflow. */
  get eagerlyStarted(): boolean {
    return this.#parts.eagerlyStarted ?? false;
  }

  /** The same workflow, whose calls are made with these options: `handle.with({ timeoutMs: 500 }).query("greeting")`. */
  with(options: HandleOptions): WorkflowHandle<I> {
    const defaults = { ...this.#parts.defaults, ...options };
    return new WorkflowHandle({ ...this.#parts, defaults });
  }

  /**
   * Waits for the result.
   *
   * @param options `followRuns`: goes on to the runs that follow by retry, cron or continue-as-new; `true` unless said otherwise.
   * @throws {WorkflowFailureError} If it ends otherwise than by completing.
   * @throws {WorkflowContinuedAsNewError} If it continues as new and its successors are not followed.
   */
  async result(options: CallOptions & { readonly followRuns?: boolean } = {}): Promise<WorkflowResult<I>> {
    const { followRuns = true, ...call } = options;
    const { context, outbound, workflowId, resultRunId: runId } = this.#parts;
    const converter = converterFor(context, workflowId);
    const wait = { workflowId, runId, followRuns, call: this.#call(call) };
    const read = workflowResultReader(this.#parts.definition);
    return (await read(await waitForResult(outbound, converter, wait))) as WorkflowResult<I>;
  }

  /** Sends a signal: by the method's name on a typed handle, by the wire name on an untyped one. */
  signal<K extends SignalNameOn<I>>(name: K, ...args: ArgsOn<I, K>): Promise<void> {
    const signal = this.#wireName("signal", name);
    const call = this.#call();
    return this.#parts.outbound.signalWorkflow({
      ...this.#target,
      signal,
      args,
      headers: {},
      call,
    });
  }

  /**
   * Puts a query and gives its answer.
   *
   * @throws {WorkflowQueryFailedError} If its handler fails or there is none.
   * @throws {WorkflowQueryRejectedError} If the reject condition holds.
   */
  async query<K extends QueryNameOn<I>>(name: K, ...args: ArgsOn<I, K>): Promise<ResultOn<I, K>> {
    const query = this.#wireName("query", name);
    const { rejectCondition } = this.#parts.defaults ?? {};
    const given = { query, args, rejectCondition, headers: {}, call: this.#call() };
    const answer = await this.#parts.outbound.queryWorkflow({ ...this.#target, ...given });
    const read = handlerResultReader(this.#parts.definition, "query", query);
    return (await read(answer)) as ResultOn<I, K>;
  }

  /**
   * Sends an update and waits for its result.
   *
   * @throws {WorkflowUpdateFailedError} If it is rejected or its handler fails.
   */
  async executeUpdate<K extends UpdateNameOn<I>>(
    name: K,
    ...[options]: OptionsOf<I, K, UpdateOptions>
  ): Promise<ResultOn<I, K>> {
    const handle = await this.#startUpdate<ResultOn<I, K>>(name, "completed", options);
    return handle.result(this.#call(options));
  }

  /** Sends an update and waits until it is accepted, or longer if `waitForStage` says so. */
  startUpdate<K extends UpdateNameOn<I>>(
    name: K,
    ...[options]: OptionsOf<I, K, UpdateOptions & { readonly waitForStage?: WorkflowUpdateStage }>
  ): Promise<WorkflowUpdateHandle<ResultOn<I, K>>> {
    return this.#startUpdate(name, options?.waitForStage ?? "accepted", options);
  }

  /** An update sent before, by its id. */
  getUpdateHandle<Result = unknown>(
    updateId: string,
    options: { readonly workflowRunId?: string } = {},
  ): WorkflowUpdateHandle<Result> {
    const { context, workflowId, runId } = this.#parts;
    const workflowRunId = options.workflowRunId ?? runId;
    return new WorkflowUpdateHandle(context, {
      updateId,
      workflowId,
      workflowRunId,
      outcome: undefined,
    });
  }

  /** Asks the workflow to cancel; `reason` is what it can read. */
  cancel(options: CallOptions & { readonly reason?: string } = {}): Promise<void> {
    const { reason = "", ...call } = options;
    const input = { ...this.#target, reason, call: this.#call(call) };
    return this.#parts.outbound.cancelWorkflow(input);
  }

  /** Ends the workflow without asking it; reason and details are kept in its history. */
  terminate(reason = "", ...details: readonly unknown[]): Promise<void> {
    const input = { ...this.#target, reason, details, call: this.#call() };
    return this.#parts.outbound.terminateWorkflow(input);
  }

  /** Lets the workflow begin anew at a point of its history, in a new run, whose handle it answers. */
  async reset(options: ResetOptions = {}): Promise<WorkflowHandle<I>> {
    const { timeoutMs, metadata, signal, ...given } = options;
    const call = this.#call({ timeoutMs, metadata, signal });
    const { runId } = await this.#parts.outbound.resetWorkflow({ ...this.#target, options: given, call });
    return new WorkflowHandle({ ...this.#parts, runId, resultRunId: runId, eagerlyStarted: false });
  }

  /** Holds the workflow's tasks back until it is unpaused. `reason`: for people. */
  pause(options: CallOptions & { readonly reason?: string } = {}): Promise<void> {
    const { reason = "", ...call } = options;
    return this.#parts.outbound.pauseWorkflow({ ...this.#target, reason, call: this.#call(call) });
  }

  /** Lets the workflow go on after {@link pause}. `reason`: for people. */
  unpause(options: CallOptions & { readonly reason?: string } = {}): Promise<void> {
    const { reason = "", ...call } = options;
    return this.#parts.outbound.unpauseWorkflow({ ...this.#target, reason, call: this.#call(call) });
  }

  /** Changes options of the running workflow; answers them as they are then. */
  updateOptions(changes: WorkflowOptionsChange, call: CallOptions = {}): Promise<WorkflowExecutionOptions> {
    return this.#parts.outbound.updateWorkflowOptions({ ...this.#target, changes, call: this.#call(call) });
  }

  /** Deletes the workflow and its history; if it runs, it is ended first. */
  delete(call: CallOptions = {}): Promise<void> {
    return this.#parts.outbound.deleteWorkflow({ ...this.#target, call: this.#call(call) });
  }

  /** Looks at the workflow. */
  describe(call: CallOptions = {}): Promise<WorkflowExecutionDescription> {
    return this.#parts.outbound.describeWorkflow({ ...this.#target, call: this.#call(call) });
  }

  /** Fetches the whole history. */
  async fetchHistory(options: FetchHistoryOptions = {}): Promise<WorkflowHistory> {
    const events: HistoryEvent[] = [];
    for await (const event of this.fetchHistoryEvents(options)) events.push(event);
    return new WorkflowHistory(this.id, events);
  }

  /** Fetches the history's events as they are read. Nothing is asked before the first is. */
  fetchHistoryEvents(options: FetchHistoryEventsOptions = {}): Pages<HistoryEvent> {
    const { filter, skipArchival, pageSize, nextPageToken, waitNewEvent, ...call } = options;
    return this.#parts.outbound.fetchHistoryEvents({
      ...this.#target,
      filter: filter ?? "allEvent",
      skipArchival: skipArchival ?? false,
      waitNewEvent: waitNewEvent ?? false,
      pageSize,
      nextPageToken,
      call: this.#call(call),
    });
  }

  async #startUpdate<Result>(
    name: string,
    waitForStage: WorkflowUpdateStage,
    options: (UpdateOptions & { readonly args?: readonly unknown[] }) | undefined,
  ): Promise<WorkflowUpdateHandle<Result>> {
    const update = this.#wireName("update", name);
    const started = await this.#parts.outbound.startUpdate({
      ...this.#target,
      update,
      updateId: options?.id,
      args: options?.args ?? [],
      waitForStage,
      headers: {},
      call: this.#call(options),
    });
    const read = handlerResultReader(this.#parts.definition, "update", update);
    return new WorkflowUpdateHandle<Result>(this.#parts.context, started, read);
  }

  get #target(): WorkflowTarget {
    const { workflowId, runId, firstExecutionRunId } = this.#parts;
    return { workflowId, runId, firstExecutionRunId };
  }

  #call(own: CallOptions = {}): CallOptions {
    const { timeoutMs, metadata, signal } = { ...this.#parts.defaults, ...own };
    return { timeoutMs, metadata, signal };
  }

  #wireName(kind: "signal" | "query" | "update", name: string): string {
    const { definition } = this.#parts;
    return definition === undefined ? name : wireNameOf(definition, kind, name);
  }
}

/** Options may be left out where nothing in them is needed. */
type OptionsOf<I, K, Options> =
  ArgsOn<I, K> extends readonly []
    ? [options?: WithArgsOn<I, K> & Options]
    : I extends UntypedWorkflow
      ? [options?: WithArgsOn<I, K> & Options]
      : [options: WithArgsOn<I, K> & Options];
