import { ContinueAsNewInitiator, RetryState, TimeoutType } from "../../../proto/gen/enums.ts";
import { timeoutFailure } from "../failure.ts";
import type { Transition } from "../transition.ts";
import { failForClose } from "../workflow-task/end.ts";
import { closeRun } from "./close.ts";
import { decideCron, decideRunRetry, restart, type Successor } from "./successor.ts";

/** The run has lasted too long. Its retry policy or its cron schedule may have it begin again. */
export function timeOutRun(t: Transition): void {
  const { state } = t;
  const expired = state.executionExpirationMs !== undefined && state.executionExpirationMs <= t.nowMs;
  if (expired) {
    timeOutExecution(t);
    return;
  }
  const failure = timeoutFailure("workflow timeout", TimeoutType.START_TO_CLOSE);
  const retry = decideRunRetry(t, failure);
  const cronMs = retry.retry ? undefined : decideCron(t);
  const lastCompletionResult = state.started?.lastCompletionResult;
  let successor: Successor | undefined;
  if (retry.retry)
    successor = restart(t, {
      initiator: ContinueAsNewInitiator.RETRY,
      backoffMs: retry.delayMs,
      lastCompletionResult,
      failure,
    });
  else if (cronMs !== undefined) {
    successor = restart(t, {
      initiator: ContinueAsNewInitiator.CRON_SCHEDULE,
      backoffMs: cronMs,
      lastCompletionResult,
      failure,
    });
  }
  timeOut(t, retry.retry ? RetryState.IN_PROGRESS : retry.state, successor);
}

/** The whole chain of runs has lasted too long. */
export function timeOutExecution(t: Transition): void {
  timeOut(t, RetryState.TIMEOUT, undefined);
}

function timeOut(t: Transition, retryState: RetryState, successor: Successor | undefined): void {
  failForClose(t);
  t.flush();
  closeRun(
    t,
    {
      case: "workflowExecutionTimedOutEventAttributes",
      value: { retryState, newExecutionRunId: successor?.origin.runId ?? "" },
    },
    {},
    successor,
  );
}
