import {
  HandlerError,
  HandlerStartOperationResult,
  type CancelOperationContext,
  type OperationHandler,
  type StartOperationContext,
} from "nexus-rpc";
import type { MetricMeter } from "../../core/telemetry/metric-meter.ts";
import { startBackingWorkflow, type StartBackingWorkflow } from "./backing-starts.ts";
import { currentNexus } from "./nexus-context.ts";
import { WorkflowHandle } from "./workflow-handle.ts";

/** What the start of a workflow run operation is given. */
export interface WorkflowRunOperationContext extends StartOperationContext {
  /** Makes metrics that carry the operation's service, name and task queue. */
  readonly metricMeter: MetricMeter;
  /** Starts the workflow whose result is the operation's; call it once. */
  readonly startWorkflow: StartBackingWorkflow;
}

/** Starts an operation's workflow with `ctx.startWorkflow`, and gives its handle. */
export type WorkflowRunOperationStart<Input, Output> = (
  ctx: WorkflowRunOperationContext,
  input: Input,
) => Promise<WorkflowHandle<Output>>;

/** Handles an operation that is a workflow: the result is its result, a cancellation cancels it. */
export class WorkflowRunOperationHandler<Input, Output> implements OperationHandler<Input, Output> {
  readonly #start: WorkflowRunOperationStart<Input, Output>;

  constructor(start: WorkflowRunOperationStart<Input, Output>) {
    this.#start = start;
  }

  async start(ctx: StartOperationContext, input: Input): Promise<HandlerStartOperationResult<Output>> {
    const startWorkflow = (...args: [never, never]): Promise<WorkflowHandle<unknown>> =>
      startBackingWorkflow(ctx, ...args);
    const { metricMeter } = currentNexus();
    const handle: unknown = await this.#start(
      Object.assign(ctx, { metricMeter, startWorkflow: startWorkflow as StartBackingWorkflow }),
      input,
    );
    if (handle instanceof WorkflowHandle) return HandlerStartOperationResult.async(handle.toToken());
    throw new HandlerError(
      "INTERNAL",
      "Start of a workflow run operation gave no handle of this operation's workflow, return what ctx.startWorkflow gives",
      { retryableOverride: false },
    );
  }

  async cancel(_ctx: CancelOperationContext, token: string): Promise<void> {
    const { client } = currentNexus();
    let handle;
    try {
      handle = WorkflowHandle.fromToken(token).on(client);
    } catch (cause) {
      throw new HandlerError("NOT_FOUND", "Operation token names no workflow that this handler could cancel", {
        cause,
      });
    }
    await handle.cancel();
  }
}

/** An operation that is a workflow. */
export function workflowRunOperation<Input, Output>(
  start: WorkflowRunOperationStart<Input, Output>,
): OperationHandler<Input, Output> {
  return new WorkflowRunOperationHandler(start);
}
