import { updateActivityOptions } from "./activity/options.ts";
import { pauseActivity, resetActivity, unpauseActivity } from "./activity/pause.ts";
import { startActivityTask } from "./activity/start.ts";
import { cancelActivity, completeActivity, failActivity, heartbeatActivity } from "./activity/report.ts";
import { callbackAnswered, offerCallbacks } from "./callback/invoke.ts";
import { childClosed, childStarted, childStartFailed } from "./child/report.ts";
import type { Effect, ExecutionRequest, StepContext, StepReply, StepResult } from "./contract.ts";
import { invalidArgument } from "./execution-error.ts";
import { externalCancelResolved, externalSignalResolved } from "./external/report.ts";
import { begin, keep, rollback, type Savepoint } from "./journal.ts";
import { completeNexusOperation, nexusCancelAnswered, nexusStartAnswered } from "./nexus/report.ts";
import { requestCancel } from "./run/cancel.ts";
import { updateOptions } from "./run/options.ts";
import { pauseRun, unpauseRun } from "./run/pause.ts";
import { resetRun } from "./run/reset.ts";
import { requireRunning } from "./run/running.ts";
import { startRun } from "./run/start.ts";
import { terminate } from "./run/terminate.ts";
import { SERVER_IDENTITY } from "./server-identity.ts";
import { signal } from "./signal.ts";
import type { ExecutionState } from "./state.ts";
import { tick } from "./tick.ts";
import { skipTime } from "./time-skipping/skip.ts";
import { Transition } from "./transition.ts";
import { abortUpdates } from "./update/abort.ts";
import { admitUpdate } from "./update/admit.ts";
import { completeWorkflowTask, failForFault } from "./workflow-task/complete.ts";
import { failWorkflowTask } from "./workflow-task/fail.ts";
import { relieveBuffer } from "./workflow-task/relieve.ts";
import { startWorkflowTask, writeDownTask } from "./workflow-task/start.ts";

/**
 * Does what a request asks: the one way in which a run changes.
 *
 * The record that it answers has been folded into `state` already and must be committed before anyone is told.
 *
 * @throws {ExecutionError} If the request is refused; `state` is as it was.
 */
export function step(state: ExecutionState, request: ExecutionRequest, context: StepContext): StepResult {
  const before = begin(state);
  try {
    const result = tryStep(state, before, request, context);
    const reason =
      result.record.events.length + result.record.ops.length > 0 ? overgrown(state, before, context) : undefined;
    if (reason === undefined) return result;
    rollback(state, before);
    begin(state);
    const t = new Transition(state, context);
    terminate(t, { reason, details: undefined, identity: SERVER_IDENTITY });
    return finish(t, { error: invalidArgument(reason) });
  } catch (error) {
    rollback(state, before);
    throw error;
  } finally {
    keep(state);
  }
}

function tryStep(
  state: ExecutionState,
  before: Savepoint,
  request: ExecutionRequest,
  context: StepContext,
): StepResult {
  const t = new Transition(state, context);
  if (request.kind !== "completeWorkflowTask") return finish(t, handle(t, request));
  const completion = completeWorkflowTask(t, request);
  if ("reply" in completion) return finish(t, completion.reply);
  // The commands cannot be carried out: from the same beginning, the task fails instead.
  rollback(state, before);
  begin(state);
  const failing = new Transition(state, context);
  return finish(failing, failForFault(failing, request, completion.fault));
}

/** Why a run that is still open has become too large to live, in the service's words. */
function overgrown(state: ExecutionState, before: Savepoint, { limits }: StepContext): string | undefined {
  if (state.phase !== "running" || before.phase !== "running") return undefined;
  if (before.historySizeBytes > limits.historySizeErrorBytes) return "Workflow history size exceeds limit.";
  return state.nextEventId - 1 > limits.historyCountError ? "Workflow history count exceeds limit." : undefined;
}

/** Puts everything in its place and takes stock. */
function finish(t: Transition, reply: StepReply): StepResult {
  relieveBuffer(t);
  // What is going to wait comes after the task, so that the task has to be in history.
  if (t.waiting.length > 0 && t.state.workflowTask?.kind === "speculative") writeDownTask(t, "");
  if (t.hasClosed) abortUpdates(t);
  offerCallbacks(t);
  skipTime(t);
  const record = t.finish();
  return { record, effects: t.effects.filter((effect) => isStillWanted(t.state, effect)), reply };
}

/** Whether what the step asked for has not become void by what came after it in the same step. */
function isStillWanted(state: ExecutionState, effect: Effect): boolean {
  if (state.phase !== "running") return !ofRunning.has(effect.kind);
  if (effect.kind === "dispatchNexusStart" || effect.kind === "dispatchNexusCancel")
    return state.nexusOperations.has(effect.scheduledEventId);
  return effect.kind !== "dispatchActivityTask" || state.activities.has(effect.scheduledEventId);
}

/** Effects that a run has to be open for. */
const ofRunning: ReadonlySet<Effect["kind"]> = new Set<Effect["kind"]>([
  "dispatchWorkflowTask",
  "dispatchActivityTask",
  "startChild",
  "signalExternal",
  "cancelExternal",
  "dispatchNexusStart",
  "dispatchNexusCancel",
]);

type Handled = Exclude<ExecutionRequest["kind"], "completeWorkflowTask">;
type Handler<K extends Handled> = (t: Transition, request: Extract<ExecutionRequest, { kind: K }>) => StepReply;

const handlers: { readonly [K in Handled]: Handler<K> } = {
  start: startRun,
  signal,
  requestCancel,
  terminate: (t, { resetRunId, details, ...request }) => {
    requireRunning(t.state);
    if (resetRunId !== undefined) t.do({ op: "setResetRunId", resetRunId });
    terminate(t, { ...request, details });
    return {};
  },
  startWorkflowTask,
  failWorkflowTask,
  resetSticky: (t) => {
    if (t.state.sticky !== undefined) t.do({ op: "clearSticky" });
    return {};
  },
  admitUpdate,
  pauseActivity,
  unpauseActivity,
  resetActivity,
  updateActivityOptions,
  pauseRun,
  unpauseRun,
  reset: resetRun,
  markReset: (t, { resetRunId }) => {
    t.do({ op: "setResetRunId", resetRunId });
    return {};
  },
  updateOptions,
  startActivityTask,
  completeActivity,
  failActivity,
  cancelActivity,
  heartbeatActivity,
  childStarted,
  childStartFailed,
  childClosed,
  externalSignalResolved,
  externalCancelResolved,
  nexusStartAnswered,
  nexusCancelAnswered,
  completeNexusOperation,
  callbackAnswered,
  tick,
};

function handle(t: Transition, request: Extract<ExecutionRequest, { kind: Handled }>): StepReply {
  return (handlers[request.kind] as Handler<Handled>)(t, request);
}
