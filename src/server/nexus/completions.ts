import type { NexusOutcome } from "../../core/execution/nexus/answer.ts";
import { ExecutionError, notFound } from "../../core/execution/execution-error.ts";
import type { Link } from "../../proto/gen/common.ts";
import type { Transaction } from "../history/transaction.ts";
import type { WorkflowCompletionTarget } from "./callback-token.ts";

/** How an operation has ended, as its handler tells. */
export interface OperationCompletion {
  readonly outcome: NexusOutcome;
  /** Empty where the handler does not tell. */
  readonly operationToken: string;
  readonly startedMs?: number | undefined;
  readonly links: readonly Link[];
}

/**
 * Tells the workflow that waits for an operation how it has ended.
 *
 * @throws {ExecutionError} `NOT_FOUND` if nobody waits for it (any more).
 */
export function completeOperation(
  transaction: Transaction,
  target: WorkflowCompletionTarget,
  completion: OperationCompletion,
): void {
  const { namespaceId, workflowId, runId, scheduledEventId, requestId } = target;
  const complete = (inRun: string): void => {
    const run = transaction.find(namespaceId, workflowId, inRun);
    if (run === undefined) throw notFound("operation not found");
    transaction.step(run, { kind: "completeNexusOperation", scheduledEventId, requestId, ...completion });
  };
  try {
    complete(runId);
  } catch (error) {
    if (!(error instanceof ExecutionError) || error.status !== "NOT_FOUND") throw error;
    // The run may have been reset: then another one has taken the operation over.
    complete("");
  }
}
