import {
  type Client,
  type WorkflowExecutionStatus,
  type WorkflowHandle,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from "../client/index.ts";
import { ApplicationError } from "../payload/failure-error.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import {
  POLL_HANDLER,
  type PollResult,
  readPollResult,
  STREAM_DRAINING,
  type StreamEntry,
  TRUNCATED_OFFSET,
} from "../workflow/streams.ts";
import { WorkflowStreamError } from "./stream-error.ts";

/** What a subscription reads, and from where. */
export interface Subscription {
  readonly client: Client;
  readonly workflowId: string;
  /** The latest run, and the ones that follow it, if absent. */
  readonly runId: string | undefined;
  /** None: all. */
  readonly topics: readonly string[];
  readonly fromOffset: number;
  /** Between two polls when nothing waits to be read. */
  readonly cooldownMs: number;
  readonly signal: AbortSignal | undefined;
}

type Answer =
  | { readonly kind: "batch"; readonly result: PollResult }
  /** The items asked for are gone: go on at the first that is left. */
  | { readonly kind: "truncated" }
  /** The run is about to end: ask again. */
  | { readonly kind: "draining" }
  /** The run has a successor. */
  | { readonly kind: "continued" }
  /** The run has ended: what it kept is read by queries. */
  | { readonly kind: "ended"; readonly run: WorkflowHandle };

const ends: ReadonlySet<string> = new Set<WorkflowExecutionStatus>([
  "completed",
  "failed",
  "canceled",
  "terminated",
  "timedOut",
]);

/** Reads a stream from run to run, until the workflow has ended and all that it kept is read. */
export async function* readEntries(subscription: Subscription): AsyncGenerator<StreamEntry, void> {
  const { client, workflowId, cooldownMs, signal } = subscription;
  let target: WorkflowHandle = client.getWorkflowHandle(workflowId, runOf(subscription.runId));
  let ended: WorkflowHandle | undefined;
  let offset = subscription.fromOffset;
  for (;;) {
    signal?.throwIfAborted();
    const answer: Answer =
      ended === undefined
        ? await poll(subscription, target, offset)
        : { kind: "batch", result: await pollEnded(subscription, ended, offset) };
    switch (answer.kind) {
      case "batch": {
        const { items, next_offset, more_ready } = answer.result;
        yield* items;
        offset = next_offset;
        if (more_ready) break;
        if (ended !== undefined) return;
        await pause(subscription, cooldownMs);
        break;
      }
      case "truncated":
        offset = 0;
        break;
      case "draining":
        await pause(subscription, cooldownMs);
        break;
      case "continued":
        target = client.getWorkflowHandle(workflowId);
        break;
      case "ended":
        ended = answer.run;
        break;
    }
  }
}

async function poll(subscription: Subscription, target: WorkflowHandle, offset: number): Promise<Answer> {
  const { topics, signal } = subscription;
  let runId: string | undefined;
  try {
    const args = [{ topics, from_offset: offset }];
    const update = await target.startUpdate(POLL_HANDLER, { args, signal });
    runId = update.workflowRunId;
    return { kind: "batch", result: toResult(await update.result({ signal })) };
  } catch (error) {
    signal?.throwIfAborted();
    const type = typeOf(error);
    if (type === TRUNCATED_OFFSET) return { kind: "truncated" };
    if (type === STREAM_DRAINING) return { kind: "draining" };
    const fate = await fateOf(subscription, target, runId, error);
    if (fate === undefined) throw error;
    return fate;
  }
}

/** What a failed poll means, by how its run stands; undefined if nothing but that it failed. */
async function fateOf(
  { client, workflowId, signal }: Subscription,
  target: WorkflowHandle,
  runId: string | undefined,
  error: unknown,
): Promise<Answer | undefined> {
  const mayHaveEnded =
    error instanceof WorkflowUpdateFailedError ||
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    error instanceof RPCError;
  if (!mayHaveEnded) return undefined;
  try {
    const polled = runId === undefined ? target : client.getWorkflowHandle(workflowId, { runId });
    const description = await polled.describe({ signal });
    if (description.status === "continuedAsNew") return { kind: "continued" };
    if (description.status === undefined || !ends.has(description.status)) return undefined;
    return { kind: "ended", run: client.getWorkflowHandle(workflowId, { runId: description.runId }) };
  } catch {
    return undefined;
  }
}

async function pollEnded({ topics, signal }: Subscription, run: WorkflowHandle, offset: number): Promise<PollResult> {
  return toResult(await run.with({ signal }).query(POLL_HANDLER, { topics, from_offset: offset }));
}

function toResult(answer: unknown): PollResult {
  const result = readPollResult(answer);
  if (result !== undefined) return result;
  throw new WorkflowStreamError("Cannot read a stream: the workflow's answer is not items and an offset");
}

function typeOf(error: unknown): string | undefined {
  if (!(error instanceof WorkflowUpdateFailedError)) return undefined;
  return error.cause instanceof ApplicationError ? error.cause.type : undefined;
}

function runOf(runId: string | undefined): { readonly runId?: string } {
  return runId === undefined ? {} : { runId };
}

function pause({ client, signal }: Subscription, delayMs: number): Promise<void> {
  const { clock } = client.connection;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.schedule(clock.now() + delayMs, () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    if (signal?.aborted === true) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
