import { TimeoutType, type WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import {
  foldChangeActivity,
  foldDispatchActivity,
  foldHeartbeatActivity,
  foldRetryActivity,
  foldStartActivity,
} from "./activity/fold.ts";
import { foldEndCallbackAttempt, foldRescheduleCallback } from "./callback/fold.ts";
import { foldFailNexusAttempt, foldNexusCancelEnded, foldRescheduleNexus } from "./nexus/fold.ts";
import type { Op } from "./operation.ts";
import { foldBegin } from "./run/fold.ts";
import { foldReset } from "./run/fold-reset.ts";
import type { ExecutionState } from "./state.ts";
import { foldAdmitUpdate, foldHoldUpdateCallbacks, foldRejectUpdate, foldSendUpdates } from "./update/fold.ts";
import { UNVERSIONED } from "./versioning/versioning-state.ts";
import { foldAssignedBuild } from "./workflow-task/fold-build-id.ts";
import {
  foldDiscardWorkflowTask,
  foldProlonged,
  foldScheduleWorkflowTask,
  foldStartWorkflowTask,
  foldWorkflowTaskFailed,
  foldWorkflowTaskTimedOut,
} from "./workflow-task/fold.ts";

type Folded = Exclude<Op, { op: "buffer" }>;
type Fold<K extends Folded["op"]> = (state: ExecutionState, op: Extract<Folded, { op: K }>) => void;

/** Applies one operation, other than the buffering of an event. */
export function foldOperation(state: ExecutionState, op: Folded): void {
  (folds[op.op] as Fold<Folded["op"]>)(state, op);
}

const folds: { readonly [K in Folded["op"]]: Fold<K> } = {
  begin: foldBegin,
  reset: foldReset,
  setResetRunId: (state, { resetRunId }) => {
    state.resetRunId = resetRunId;
  },
  scheduleWorkflowTask: foldScheduleWorkflowTask,
  prolongWorkflowTask: foldProlonged,
  startWorkflowTask: foldStartWorkflowTask,
  assignBuild: (state, { buildId }) => foldAssignedBuild(state, buildId),
  failWorkflowTask: (state, { cause }) => foldWorkflowTaskFailed(state, cause as WorkflowTaskFailedCause),
  timeOutWorkflowTask: (state) => foldWorkflowTaskTimedOut(state, TimeoutType.START_TO_CLOSE),
  discardWorkflowTask: foldDiscardWorkflowTask,
  setSticky: (state, { queue, scheduleToStartMs }) => {
    state.sticky = { queue, scheduleToStartMs };
  },
  clearSticky: (state) => {
    state.sticky = undefined;
  },
  setVersioning: (state, { versioning }) => {
    state.versioning = { ...UNVERSIONED, ...versioning };
  },
  flush: (state) => {
    state.buffered = [];
  },
  withdrawTimerFired: (state, { timerId }) => {
    state.buffered = state.buffered.filter(
      ({ event: { attributes } }) =>
        attributes?.case !== "timerFiredEventAttributes" || attributes.value.timerId !== timerId,
    );
  },
  setCancelRequestId: (state, { requestId }) => {
    state.cancelRequestId = requestId;
  },
  startActivity: foldStartActivity,
  retryActivity: foldRetryActivity,
  dispatchActivity: foldDispatchActivity,
  heartbeatActivity: foldHeartbeatActivity,
  changeActivity: foldChangeActivity,
  admitUpdate: foldAdmitUpdate,
  sendUpdates: foldSendUpdates,
  rejectUpdate: foldRejectUpdate,
  holdUpdateCallbacks: foldHoldUpdateCallbacks,
  failNexusAttempt: foldFailNexusAttempt,
  rescheduleNexus: foldRescheduleNexus,
  endNexusCancel: (state, { id, atMs, failure }) => foldNexusCancelEnded(state, id, atMs, failure),
  endCallbackAttempt: foldEndCallbackAttempt,
  rescheduleCallback: foldRescheduleCallback,
};
