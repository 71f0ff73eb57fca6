import type { DataConverter } from "../payload/data-converter.ts";
import type { StorageTarget } from "../payload/storage-driver.ts";
import type { Failure } from "../proto/gen/failure.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { CallOptions } from "./call-options.ts";
import type { CallsContext } from "./calls-context.ts";
import { encodeArgs } from "./calls-context.ts";
import { AsyncActivityCancelledError } from "./client-error.ts";

/** An activity that is completed from outside: by its task token, or by ids. */
export type AsyncActivityRef =
  | { readonly taskToken: Uint8Array }
  | {
      /** Absent for an activity that no workflow started. */
      readonly workflowId?: string | undefined;
      readonly runId?: string | undefined;
      readonly activityId: string;
    };

const { methods } = WorkflowService;

/** Reports on an activity that went on after its function had returned. */
export class AsyncActivityHandle {
  readonly #context: CallsContext;
  readonly #ref: AsyncActivityRef;
  readonly #converter: DataConverter;

  /** Clients make these. */
  constructor(context: CallsContext, ref: AsyncActivityRef) {
    this.#context = context;
    this.#ref = ref;
    this.#converter = context.dataConverter.forTarget(targetOf(context.namespace, ref));
  }

  /**
   * Says that the activity is alive, with details for its next attempt.
   *
   * @throws {AsyncActivityCancelledError} If it shall stop.
   */
  async heartbeat(details: readonly unknown[] = [], call: CallOptions = {}): Promise<void> {
    const fields = { ...this.#fields, details: await encodeArgs(this.#converter, details) };
    const { connection } = this.#context;
    const options = { ...call, retry: true };
    const answer = await ("taskToken" in this.#ref
      ? connection.call(methods.RecordActivityTaskHeartbeat, { ...fields, ...this.#token }, options)
      : connection.call(methods.RecordActivityTaskHeartbeatById, { ...fields, ...this.#ids }, options));
    const { cancelRequested, activityPaused: paused, activityReset: reset } = answer;
    if (!cancelRequested && !paused && !reset) return;
    throw new AsyncActivityCancelledError({ cancelRequested, paused, reset });
  }

  /** Ends the activity with a result. */
  async complete(result?: unknown, call: CallOptions = {}): Promise<void> {
    const fields = { ...this.#fields, result: await encodeArgs(this.#converter, [result]) };
    const { connection } = this.#context;
    const options = { ...call, retry: true };
    await ("taskToken" in this.#ref
      ? connection.call(methods.RespondActivityTaskCompleted, { ...fields, ...this.#token }, options)
      : connection.call(methods.RespondActivityTaskCompletedById, { ...fields, ...this.#ids }, options));
  }

  /** Ends this attempt of the activity with an error; `lastHeartbeatDetails` are for the next attempt. */
  async fail(
    error: unknown,
    options: CallOptions & { readonly lastHeartbeatDetails?: readonly unknown[] } = {},
  ): Promise<void> {
    const failure: Failure = await this.#converter.encodeFailure(error);
    const lastHeartbeatDetails = await encodeArgs(this.#converter, options.lastHeartbeatDetails ?? []);
    const fields = { ...this.#fields, failure, lastHeartbeatDetails };
    const { connection } = this.#context;
    const call = { ...options, retry: true };
    await ("taskToken" in this.#ref
      ? connection.call(methods.RespondActivityTaskFailed, { ...fields, ...this.#token }, call)
      : connection.call(methods.RespondActivityTaskFailedById, { ...fields, ...this.#ids }, call));
  }

  /** Ends the activity as cancelled, which it must have been asked to be. */
  async reportCancellation(details: readonly unknown[] = [], options: CallOptions = {}): Promise<void> {
    const fields = { ...this.#fields, details: await encodeArgs(this.#converter, details) };
    const { connection } = this.#context;
    const call = { ...options, retry: true };
    await ("taskToken" in this.#ref
      ? connection.call(methods.RespondActivityTaskCanceled, { ...fields, ...this.#token }, call)
      : connection.call(methods.RespondActivityTaskCanceledById, { ...fields, ...this.#ids }, call));
  }

  get #fields(): { readonly namespace: string; readonly identity: string } {
    const { namespace, identity } = this.#context;
    return { namespace, identity };
  }

  get #token(): { readonly taskToken: Uint8Array } | undefined {
    return "taskToken" in this.#ref ? this.#ref : undefined;
  }

  get #ids(): { workflowId: string; runId: string; activityId: string } | undefined {
    if ("taskToken" in this.#ref) return undefined;
    const { workflowId = "", runId = "", activityId } = this.#ref;
    return { workflowId, runId, activityId };
  }
}

/** A task token says nothing to a client. */
function targetOf(namespace: string, ref: AsyncActivityRef): StorageTarget | undefined {
  if ("taskToken" in ref) return undefined;
  const { workflowId, runId, activityId } = ref;
  return workflowId === undefined || workflowId === ""
    ? { kind: "activity", namespace, id: activityId, runId }
    : { kind: "workflow", namespace, id: workflowId, runId };
}
