import type {
  CancelWorkflowExecutionCommandAttributes,
  Command,
  CompleteWorkflowExecutionCommandAttributes,
  FailWorkflowExecutionCommandAttributes,
} from "../../../proto/gen/command.ts";
import { ContinueAsNewInitiator, RetryState, WorkflowTaskFailedCause as Cause } from "../../../proto/gen/enums.ts";
import { Failure } from "../../../proto/gen/failure.ts";
import { closeRun } from "../run/close.ts";
import { decideCron, decideRunRetry, restart, type Successor } from "../run/successor.ts";
import { type CommandBatch, commandExtras } from "./batch.ts";
import { payloadsExceed } from "./check.ts";
import { type CommandFault, fatalFault, fault } from "./fault.ts";

/** The workflow has a result. A cron workflow begins again. */
export function completeWorkflow(
  batch: CommandBatch,
  command: Command,
  { result }: CompleteWorkflowExecutionCommandAttributes,
): CommandFault | undefined {
  const { t } = batch;
  if (batch.unseenNews) return fault(Cause.UNHANDLED_COMMAND);
  if (payloadsExceed(result, t.context.limits.blobSizeErrorBytes)) {
    return fatalFault(
      Cause.BAD_SCHEDULE_ACTIVITY_ATTRIBUTES,
      "CompleteWorkflowExecutionCommandAttributes.Result exceeds size limit.",
    );
  }
  const cronMs = decideCron(t);
  const successor =
    cronMs === undefined
      ? undefined
      : restart(t, {
          initiator: ContinueAsNewInitiator.CRON_SCHEDULE,
          backoffMs: cronMs,
          lastCompletionResult: result,
          failure: undefined,
        });
  const newExecutionRunId = successor?.origin.runId ?? "";
  closeRun(
    t,
    {
      case: "workflowExecutionCompletedEventAttributes",
      value: { result, workflowTaskCompletedEventId: batch.completedEventId, newExecutionRunId },
    },
    commandExtras(command),
    successor,
  );
  return undefined;
}

/** The workflow has failed. Its retry policy or its cron schedule may have it begin again. */
export function failWorkflow(
  batch: CommandBatch,
  command: Command,
  { failure }: FailWorkflowExecutionCommandAttributes,
): CommandFault | undefined {
  const { t, state } = batch;
  if (batch.unseenNews) return fault(Cause.UNHANDLED_COMMAND);
  const cause = Cause.BAD_FAIL_WORKFLOW_EXECUTION_ATTRIBUTES;
  if (failure === undefined) return fault(cause, "Failure is not set on FailWorkflowExecutionCommand.");
  if (Failure.encode(failure).length > t.context.limits.blobSizeErrorBytes) {
    return fatalFault(cause, "FailWorkflowExecutionCommandAttributes.Failure exceeds size limit.");
  }
  const retry = decideRunRetry(t, failure);
  const cronMs = retry.retry ? undefined : decideCron(t);
  let successor: Successor | undefined;
  if (retry.retry) {
    successor = restart(t, {
      initiator: ContinueAsNewInitiator.RETRY,
      backoffMs: retry.delayMs,
      lastCompletionResult: undefined,
      failure,
    });
  } else if (cronMs !== undefined) {
    const lastCompletionResult = state.started?.lastCompletionResult;
    successor = restart(t, {
      initiator: ContinueAsNewInitiator.CRON_SCHEDULE,
      backoffMs: cronMs,
      lastCompletionResult,
      failure,
    });
  }
  closeRun(
    t,
    {
      case: "workflowExecutionFailedEventAttributes",
      value: {
        failure,
        retryState: retry.retry ? RetryState.IN_PROGRESS : retry.state,
        workflowTaskCompletedEventId: batch.completedEventId,
        newExecutionRunId: successor?.origin.runId ?? "",
      },
    },
    commandExtras(command),
    successor,
  );
  return undefined;
}

/** The workflow has stopped as it was asked to. */
export function cancelWorkflow(
  batch: CommandBatch,
  command: Command,
  { details }: CancelWorkflowExecutionCommandAttributes,
): CommandFault | undefined {
  if (batch.unseenNews) return fault(Cause.UNHANDLED_COMMAND);
  closeRun(
    batch.t,
    {
      case: "workflowExecutionCanceledEventAttributes",
      value: { workflowTaskCompletedEventId: batch.completedEventId, details },
    },
    commandExtras(command),
  );
  return undefined;
}
