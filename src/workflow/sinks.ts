import { currentRun } from "./runtime/current.ts";
import { WorkflowUsageError } from "./workflow-error.ts";

/** What {@link callSink} may be told. */
export interface CallSinkOptions {
  /** Whether the call is made again in every replay. @default false */
  readonly callsDuringReplay?: boolean;
}

/**
 * Hands plain data to a sink of the worker, which lives outside of workflow code, and does not wait for it. Not again in
 * replay unless asked to; a task that is tried again may make the call again.
 *
 * @throws {WorkflowUsageError} If the value is not plain data.
 */
export function callSink(name: string, value: unknown, options: CallSinkOptions = {}): void {
  const run = currentRun("call a sink");
  if (run.isReplayingHistory && options.callsDuringReplay !== true) return;
  const { namespace, taskQueue, workflowId, runId, workflowType } = run.init;
  const isReplaying = run.isReplayingHistory;
  try {
    run.host.callSink?.(name, value, { namespace, taskQueue, workflowId, runId, workflowType, isReplaying });
  } catch {
    // What the host says may quote the value.
    throw new WorkflowUsageError(`Cannot call sink "${name}": its value cannot be copied, give it plain data`);
  }
}
