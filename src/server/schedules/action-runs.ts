import type { ExecutionRequest } from "../../core/execution/contract.ts";
import { ExecutionError } from "../../core/execution/execution-error.ts";
import type { ActionRun, BufferedStart, ScheduleState } from "../../core/schedule/schedule-state.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { isOpen, type Run } from "../history/run.ts";
import { startWorkflow } from "../history/start.ts";
import type { Transaction } from "../history/transaction.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import { actionRequest, scheduleIdentity } from "./action-start.ts";

/** What starting and ending a schedule's runs takes. */
export interface ActionHost {
  readonly newId: () => string;
  readonly logger: Logger;
}

/** Starts the workflow of a schedule; `undefined` if that is refused, as when its id is taken. */
export function startAction(
  transaction: Transaction,
  { newId, logger }: ActionHost,
  namespace: Namespace,
  state: ScheduleState,
  start: BufferedStart,
): ActionRun | undefined {
  const request = actionRequest(namespace, state, start, newId());
  if (request === undefined) return undefined;
  try {
    const { run } = startWorkflow(transaction, { newId }, { namespace, request });
    return { workflowId: run.workflowId, runId: run.runId };
  } catch (error) {
    if (!(error instanceof RPCError) && !(error instanceof ExecutionError)) throw error;
    const { scheduleId } = state;
    logger.warn("a schedule could not start its workflow", { scheduleId, reason: error.message });
    return undefined;
  }
}

/** Cancels or terminates what runs, so that the next action need not overlap with it. */
export function endRun(
  transaction: Transaction,
  { newId }: ActionHost,
  namespace: Namespace,
  state: ScheduleState,
  { action, end }: { readonly action: ActionRun; readonly end: "cancel" | "terminate" },
): void {
  const run = findOpen(transaction, state.namespaceId, action);
  if (run === undefined) return;
  const identity = scheduleIdentity(namespace, state);
  const request: ExecutionRequest =
    end === "terminate"
      ? { kind: "terminate", reason: "terminated by schedule overlap policy", identity }
      : { kind: "requestCancel", requestId: newId(), reason: "cancelled by schedule overlap policy", identity };
  try {
    transaction.step(run, request);
  } catch (error) {
    // A run that refuses has been asked before, or is over.
    if (!(error instanceof ExecutionError)) throw error;
  }
}

/** The open run of the chain that an action started; `undefined` if the chain has ended or was deleted. */
export function findOpen(
  transaction: Pick<Transaction, "find">,
  namespaceId: string,
  { workflowId, runId }: ActionRun,
): Run | undefined {
  const run = transaction.find(namespaceId, workflowId, "");
  return run !== undefined && isOpen(run) && run.state.started?.firstExecutionRunId === runId ? run : undefined;
}
