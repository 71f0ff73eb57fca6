import { HandlerError, OperationError, type StartOperationContext } from "nexus-rpc";
import {
  WorkflowUpdateFailedError,
  type Client,
  type StartActivityOptions,
  type UpdateOptions,
} from "../../client/index.ts";
import { toOperationToken } from "../../nexus/operation-token.ts";
import type { ClassOf, Instance, WithArgs, WorkflowArgs, WorkflowResult } from "../../workflow/types.ts";
import { startBackingWorkflow, type BackingWorkflowOptions } from "./backing-starts.ts";
import { startBacking } from "./nexus-callback.ts";
import { currentNexus } from "./nexus-context.ts";
import { TemporalOperationResult } from "./temporal-operation-result.ts";

/** How an activity is started that backs a Nexus operation. */
export interface BackingActivityOptions extends Omit<
  StartActivityOptions,
  "taskQueue" | "requestId" | "links" | "completionCallbacks"
> {
  /** @default that of the worker that handles the operation */
  readonly taskQueue?: string | undefined;
}

/** How an update is started that backs a Nexus operation. Its id is by default that of the request. */
export interface BackingUpdateOptions extends UpdateOptions {
  readonly workflowId: string;
  /** @default the latest */
  readonly runId?: string | undefined;
  /** First run of the chain of runs that the update is for. @default any */
  readonly firstExecutionRunId?: string | undefined;
  readonly args?: readonly unknown[] | undefined;
}

type AnyArgs = { readonly args?: readonly unknown[] | undefined };

/** Starts what backs an operation: one thing for each call of its handler. */
export class TemporalNexusClient {
  readonly #ctx: StartOperationContext;
  #hasStarted = false;

  /** Made for each start of a Temporal operation. */
  constructor(ctx: StartOperationContext) {
    this.#ctx = ctx;
  }

  /** The worker's client, for all else that the handler does. */
  get client(): Client {
    return currentNexus().client;
  }

  /** Starts a workflow whose result is the operation's. By name, for a workflow in another language or process. */
  startWorkflow<R = unknown>(
    workflow: string,
    options: BackingWorkflowOptions & AnyArgs,
  ): Promise<TemporalOperationResult<R>>;
  /** Starts a workflow whose result is the operation's. */
  startWorkflow<I extends Instance>(
    workflow: ClassOf<I>,
    options: BackingWorkflowOptions & WithArgs<WorkflowArgs<I>>,
  ): Promise<TemporalOperationResult<WorkflowResult<I>>>;
  startWorkflow(
    workflow: string | ClassOf<Instance>,
    options: BackingWorkflowOptions & AnyArgs,
  ): Promise<TemporalOperationResult<unknown>> {
    return this.#startOnce(async () => {
      const handle = await startBackingWorkflow(this.#ctx, workflow, options);
      return TemporalOperationResult.async(handle.toToken());
    });
  }

  /**
   * Starts an activity whose result is the operation's. By name, for one in another language or process.
   */
  startActivity<R = unknown>(
    activity: string,
    options: BackingActivityOptions & AnyArgs,
  ): Promise<TemporalOperationResult<R>>;
  /** Starts an activity whose result is the operation's. Of the function, only the name is used. */
  startActivity<A extends unknown[], R>(
    activity: (...args: A) => R,
    options: BackingActivityOptions & WithArgs<A>,
  ): Promise<TemporalOperationResult<Awaited<R>>>;
  startActivity(
    activity: string | ((...args: never[]) => unknown),
    options: BackingActivityOptions & AnyArgs,
  ): Promise<TemporalOperationResult<unknown>> {
    return this.#startOnce(async () => {
      const { client, info } = currentNexus();
      const { namespace } = client;
      const activityId = options.id;
      const started = { ...options, taskQueue: options.taskQueue ?? info.taskQueue };
      const handle = await startBacking(this.#ctx, { kind: "activity", namespace, activityId }, () =>
        client.startActivity(activity as string, started),
      );
      const token = toOperationToken({ kind: "activity", namespace, activityId, runId: handle.runId });
      return TemporalOperationResult.async(token);
    });
  }

  /**
   * Starts an update whose result is the operation's, and waits until it is accepted.
   *
   * @throws {OperationError} If the update is rejected, or has failed at once.
   */
  startWorkflowUpdate<R = unknown>(update: string, options: BackingUpdateOptions): Promise<TemporalOperationResult<R>> {
    if (this.#ctx.callbackUrl === undefined)
      throw new HandlerError(
        "BAD_REQUEST",
        "Request has no callback URL, which an operation backed by an update needs",
      );
    return this.#startOnce(() => this.#startUpdate(update, options));
  }

  async #startUpdate<R>(update: string, options: BackingUpdateOptions): Promise<TemporalOperationResult<R>> {
    const { client } = currentNexus();
    const { namespace } = client;
    const { workflowId, runId, firstExecutionRunId, id: updateId = this.#ctx.requestId, args = [], ...call } = options;
    const workflow = client.getWorkflowHandle(workflowId, { runId, firstExecutionRunId });
    const target = { kind: "update", namespace, workflowId, updateId, runId } as const;
    const handle = await startBacking(this.#ctx, target, () =>
      workflow.startUpdate(update, { ...call, args, id: updateId, waitForStage: "accepted" }),
    );
    if (!handle.isEnded) {
      const token = toOperationToken({ ...target, runId: handle.workflowRunId ?? runId });
      return TemporalOperationResult.async<R>(token);
    }
    try {
      return TemporalOperationResult.sync((await handle.result()) as R);
    } catch (error) {
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
      throw new OperationError("failed", error.message, { cause: error });
    }
  }

  /** A start that fails may be followed by another; of two that succeed, nobody could tell whose result counts. */
  async #startOnce<T>(start: () => Promise<T>): Promise<T> {
    if (this.#hasStarted) {
      throw new HandlerError(
        "BAD_REQUEST",
        "Only one thing can back an operation, use the `client` of this client for all else that the handler does",
      );
    }
    this.#hasStarted = true;
    try {
      return await start();
    } catch (error) {
      this.#hasStarted = false;
      throw error;
    }
  }
}
