import {
  HandlerError,
  type CancelOperationContext,
  type HandlerStartOperationResult,
  type OperationHandler,
  type StartOperationContext,
} from "nexus-rpc";
import { fromOperationToken, type OperationTarget } from "../../nexus/operation-token.ts";
import { currentNexus } from "./nexus-context.ts";
import { TemporalNexusClient } from "./temporal-nexus-client.ts";
import type { TemporalOperationResult } from "./temporal-operation-result.ts";

/** What the start of a Temporal operation is given. */
export type TemporalStartOperationContext = StartOperationContext;

/** What the cancellation of a Temporal operation is given. */
export type TemporalCancelOperationContext = CancelOperationContext;

/** The workflow of an operation that is to be cancelled. */
export interface CancelWorkflowRunOptions {
  readonly workflowId: string;
}

/** The update of an operation that is to be cancelled. */
export interface CancelUpdateWorkflowOptions {
  readonly workflowId: string;
  readonly updateId: string;
  /** Run that accepted the update. */
  readonly runId: string;
}

/** The activity of an operation that is to be cancelled. */
export interface CancelActivityOptions {
  readonly activityId: string;
  readonly runId: string;
}

/**
 * Handles an operation that something in Temporal backs: a workflow, an update or an activity; or that ends at once.
 *
 * A subclass says how it starts, and may say how each kind is cancelled.
 */
export abstract class TemporalOperationHandler<Input, Output> implements OperationHandler<Input, Output> {
  /** Starts the operation. */
  abstract startOperation(
    ctx: TemporalStartOperationContext,
    client: TemporalNexusClient,
    input: Input,
  ): Promise<TemporalOperationResult<Output>>;

  async start(ctx: StartOperationContext, input: Input): Promise<HandlerStartOperationResult<Output>> {
    return (await this.startOperation(ctx, new TemporalNexusClient(ctx), input)).toStarted();
  }

  cancel(ctx: CancelOperationContext, token: string): Promise<void> {
    const target = readToken(token);
    const { kind } = target;
    if (kind === "workflow") return this.cancelWorkflowRun(ctx, { workflowId: target.workflowId });
    const { runId } = target;
    if (runId === undefined || runId === "")
      throw unreadable(new Error(`Token of an operation backed by an ${kind} names no run`));
    return kind === "update"
      ? this.cancelWorkflowUpdate(ctx, { workflowId: target.workflowId, updateId: target.updateId, runId })
      : this.cancelActivity(ctx, { activityId: target.activityId, runId });
  }

  /** Cancels the workflow, unless overridden. */
  async cancelWorkflowRun(_ctx: TemporalCancelOperationContext, options: CancelWorkflowRunOptions): Promise<void> {
    await currentNexus().client.getWorkflowHandle(options.workflowId).cancel();
  }

  /** Refuses, unless overridden: only the update's own handler can know how to stop it. */
  async cancelWorkflowUpdate(
    _ctx: TemporalCancelOperationContext,
    _options: CancelUpdateWorkflowOptions,
  ): Promise<void> {
    throw new HandlerError(
      "NOT_IMPLEMENTED",
      "An accepted update cannot be cancelled as such: override cancelWorkflowUpdate and agree with the update's handler how it is stopped",
    );
  }

  /** Asks the activity to cancel, unless overridden. */
  async cancelActivity(
    _ctx: TemporalCancelOperationContext,
    { activityId, runId }: CancelActivityOptions,
  ): Promise<void> {
    await currentNexus().client.getActivityHandle(activityId, { runId }).cancel();
  }
}

/** Starts a Temporal operation. */
export type TemporalOperationStart<Input, Output> = (
  ctx: TemporalStartOperationContext,
  client: TemporalNexusClient,
  input: Input,
) => Promise<TemporalOperationResult<Output>>;

/** How a Temporal operation is cancelled, for each kind of what may back it. @default as in {@link TemporalOperationHandler} */
export type TemporalOperationCancels = Partial<
  Pick<TemporalOperationHandler<never, unknown>, "cancelWorkflowRun" | "cancelWorkflowUpdate" | "cancelActivity">
>;

/** An operation that something in Temporal backs, or that ends at once. */
export function temporalOperation<Input, Output>(
  start: TemporalOperationStart<Input, Output>,
  cancels: TemporalOperationCancels = {},
): OperationHandler<Input, Output> {
  return Object.assign(new StartedBy(start), cancels);
}

class StartedBy<Input, Output> extends TemporalOperationHandler<Input, Output> {
  readonly #start: TemporalOperationStart<Input, Output>;

  constructor(start: TemporalOperationStart<Input, Output>) {
    super();
    this.#start = start;
  }

  override startOperation(
    ...[ctx, client, input]: Parameters<TemporalOperationStart<Input, Output>>
  ): Promise<TemporalOperationResult<Output>> {
    return this.#start(ctx, client, input);
  }
}

function readToken(token: string): OperationTarget {
  try {
    return fromOperationToken(token);
  } catch (cause) {
    throw unreadable(cause);
  }
}

function unreadable(cause: unknown): HandlerError {
  return new HandlerError("INTERNAL", "Cannot cancel operation: its token cannot be used", {
    cause,
    retryableOverride: false,
  });
}
