import { TimeoutType, type WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import {
  foldChangeActivity,
  foldDispatchActivity,
  foldHeartbeatActivity,
  foldRetryActivity,
  foldStartActivity,
} from "./activity/fold.ts";
import type { Op } from "./operation.ts";
import { foldBegin } from "./run/fold.ts";
import { foldReset } from "./run/fold-reset.ts";
import type { ExecutionState } from "./state.ts";
import { foldAdmitUpdate, foldRejectUpdate, foldSendUpdates } from "./update/fold.ts";
import {
  foldDiscardWorkflowTask,
  foldProlonged,
  foldScheduleWorkflowTask,
  foldStartWorkflowTask,
  foldWorkflowTaskFailed,
  foldWorkflowTaskTimedOut,
} from "./workflow-task/fold.ts";

/** Applies one operation, other than the buffering of an event. */
export function foldOperation(state: ExecutionState, op: Exclude<Op, { op: "buffer" }>): void {
  switch (op.op) {
    case "begin":
      foldBegin(state, op);
      break;
    case "reset":
      foldReset(state, op);
      break;
    case "setResetRunId":
      state.resetRunId = op.resetRunId;
      break;
    case "scheduleWorkflowTask":
      foldScheduleWorkflowTask(state, op);
      break;
    case "prolongWorkflowTask":
      foldProlonged(state, op);
      break;
    case "startWorkflowTask":
      foldStartWorkflowTask(state, op);
      break;
    case "failWorkflowTask":
      foldWorkflowTaskFailed(state, op.cause as WorkflowTaskFailedCause);
      break;
    case "timeOutWorkflowTask":
      foldWorkflowTaskTimedOut(state, TimeoutType.START_TO_CLOSE);
      break;
    case "discardWorkflowTask":
      foldDiscardWorkflowTask(state);
      break;
    case "setSticky":
      state.sticky = { queue: op.queue, scheduleToStartMs: op.scheduleToStartMs };
      break;
    case "clearSticky":
      state.sticky = undefined;
      break;
    case "flush":
      state.buffered = [];
      break;
    case "withdrawTimerFired":
      state.buffered = state.buffered.filter(
        ({ event: { attributes } }) =>
          attributes?.case !== "timerFiredEventAttributes" || attributes.value.timerId !== op.timerId,
      );
      break;
    case "setCancelRequestId":
      state.cancelRequestId = op.requestId;
      break;
    case "startActivity":
      foldStartActivity(state, op);
      break;
    case "retryActivity":
      foldRetryActivity(state, op);
      break;
    case "dispatchActivity":
      foldDispatchActivity(state, op);
      break;
    case "heartbeatActivity":
      foldHeartbeatActivity(state, op);
      break;
    case "changeActivity":
      foldChangeActivity(state, op);
      break;
    case "admitUpdate":
      foldAdmitUpdate(state, op);
      break;
    case "sendUpdates":
      foldSendUpdates(state, op);
      break;
    case "rejectUpdate":
      foldRejectUpdate(state, op);
      break;
  }
}
