import type { Duration } from "../core/time/duration.ts";
import type { ActivityExecutionOutcome } from "../proto/gen/activity.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import { activityConverter } from "./activity-calls.ts";
import type { ActivityExecutionDescription } from "./activity-execution.ts";
import type { ActivityTarget, DescribeActivityOptions } from "./activity-inputs.ts";
import type { ActivityExecutionOptions, ActivityOptionsUpdate } from "./activity-options.ts";
import type { CallOptions } from "./call-options.ts";
import type { CallsContext } from "./calls-context.ts";
import { decodeResult } from "./calls-context.ts";
import { ActivityFailureError } from "./client-error.ts";
import type { ClientOutbound } from "./interceptor.ts";

const { methods } = WorkflowService;

/** What a handle is made of. */
export interface ActivityHandleParts extends ActivityTarget {
  readonly context: CallsContext;
  readonly outbound: ClientOutbound;
}

/** An activity that no workflow started, by its id. */
export class ActivityHandle<Result = unknown> {
  readonly #parts: ActivityHandleParts;
  #outcome: ActivityExecutionOutcome["value"];

  /** Clients make these. */
  constructor(parts: ActivityHandleParts) {
    this.#parts = parts;
  }

  get id(): string {
    return this.#parts.activityId;
  }

  /** Run that the handle is for; the latest one if `undefined`. */
  get runId(): string | undefined {
    return this.#parts.activityRunId;
  }

  /**
   * Waits for the result. Once it is known it is not asked for again.
   *
   * @throws {ActivityFailureError} If the activity ends otherwise than by completing.
   */
  async result(call: CallOptions = {}): Promise<Result> {
    const { context, activityId } = this.#parts;
    const converter = activityConverter(context, { activityId });
    this.#outcome ??= await this.#poll(call);
    if (this.#outcome.case === "failure") {
      throw new ActivityFailureError(await converter.decodeFailure(this.#outcome.value));
    }
    return (await decodeResult(converter, this.#outcome.value)) as Result;
  }

  /** Asks the activity to cancel; `reason` is what a description of it shows. */
  cancel(options: CallOptions & { readonly reason?: string } = {}): Promise<void> {
    const { reason = "", ...call } = options;
    return this.#parts.outbound.cancelActivity({ ...this.#target, reason, call });
  }

  /** Ends the activity without asking it. */
  terminate(options: CallOptions & { readonly reason?: string } = {}): Promise<void> {
    const { reason = "", ...call } = options;
    return this.#parts.outbound.terminateActivity({ ...this.#target, reason, call });
  }

  /** Lets no attempt follow the one that runs, until {@link unpause}. */
  pause(options: CallOptions & { readonly reason?: string } = {}): Promise<void> {
    const { reason = "", ...call } = options;
    return this.#parts.outbound.pauseActivity({ ...this.#target, reason, call });
  }

  /** Lets a paused activity go on. @param options `jitter`: at some time within this. */
  unpause(options: CallOptions & { readonly reason?: string; readonly jitter?: Duration } = {}): Promise<void> {
    const { reason = "", jitter, ...call } = options;
    return this.#parts.outbound.unpauseActivity({ ...this.#target, reason, jitter, call });
  }

  /** Changes some options, and gives all that are then in force. */
  updateOptions(update: ActivityOptionsUpdate, call: CallOptions = {}): Promise<ActivityExecutionOptions> {
    return this.#parts.outbound.updateActivityOptions({ ...this.#target, update, call });
  }

  /** Gives the activity the options back that it was started with. */
  restoreOriginalOptions(call: CallOptions = {}): Promise<ActivityExecutionOptions> {
    return this.#parts.outbound.updateActivityOptions({ ...this.#target, update: "restoreOriginal", call });
  }

  /** Looks at the activity. */
  describe(options: CallOptions & DescribeActivityOptions = {}): Promise<ActivityExecutionDescription> {
    const { timeoutMs, metadata, signal, ...asked } = options;
    const call = { timeoutMs, metadata, signal };
    return this.#parts.outbound.describeActivity({ ...this.#target, ...asked, call });
  }

  async #poll(call: CallOptions): Promise<NonNullable<ActivityExecutionOutcome["value"]>> {
    const { context, activityId, activityRunId: runId = "" } = this.#parts;
    const { connection, namespace } = context;
    const request = { namespace, activityId, runId };
    for (;;) {
      try {
        const options = { ...call, kind: "longPoll" as const, retry: true };
        const { outcome } = await connection.call(methods.PollActivityExecution, request, options);
        // An empty answer says that the activity is not over yet.
        if (outcome?.value !== undefined) return outcome.value;
      } catch (error) {
        // The time is one of a single poll.
        if (!(error instanceof RPCError) || error.status !== RPCStatusCode.DEADLINE_EXCEEDED) throw error;
      }
    }
  }

  get #target(): ActivityTarget {
    const { activityId, activityRunId } = this.#parts;
    return { activityId, activityRunId };
  }
}
