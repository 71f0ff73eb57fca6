import { fastForwardInfo } from "../../core/execution/time-skipping/view.ts";
import type { TimeSkippingFastForwardInfo } from "../../proto/gen/common.ts";
import { FastForwardPollingResult as Result } from "../../proto/gen/enums.ts";
import {
  WorkflowService,
  type PollWorkflowExecutionTimeSkippingRequest,
  type PollWorkflowExecutionTimeSkippingResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import { deadlineExceeded } from "../failures.ts";
import { isOpen, type Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { historyPollUntilMs } from "./polling.ts";
import { requireExecution, requireLive, requireNamespace, requireRun } from "./requests.ts";
import { requireFastForwardId, requireTimeSkipping } from "./time-skipping-request.ts";

type Answer = Init<PollWorkflowExecutionTimeSkippingResponse>;

/** Waiting until a run has skipped time as far as it was told to. */
export function timeSkippingPollCalls(services: Services): readonly CallRow[] {
  return [
    serve(WorkflowService.methods.PollWorkflowExecutionTimeSkipping, (request, call) => poll(services, request, call)),
  ];
}

async function poll(
  services: Services,
  request: PollWorkflowExecutionTimeSkippingRequest,
  call: IncomingCall,
): Promise<Answer> {
  const execution = requireExecution(request.workflowExecution);
  const namespace = requireNamespace(services, request.namespace);
  requireTimeSkipping(services);
  requireFastForwardId(request.fastForwardId);
  const { clock, engine } = services;
  const untilMs = historyPollUntilMs(services, call);
  let run = requireRun(services, namespace, execution);
  const pending = fastForwardInfo(run.state);
  for (;;) {
    const answer = outcomeOf(run, request.fastForwardId, pending);
    if (answer !== undefined) {
      await engine.durable;
      return answer;
    }
    // The chain goes on with the same fast-forward.
    if (!isOpen(run)) run = requireRun(services, namespace, { workflowId: run.workflowId, runId: "" });
    else {
      if (call.signal.aborted) throw deadlineExceeded();
      if (clock.now() >= untilMs) return { fastForwardInfo: pending, fastForwardPollingResult: Result.POLL_TIMEOUT };
      await engine.watchers.next(run.key, call.signal, (fire) => clock.schedule(untilMs, fire));
      run = requireLive(services, run);
    }
  }
}

/** What became of the fast-forward; undefined while it is on its way. */
function outcomeOf(
  run: Run,
  fastForwardId: string,
  pending: TimeSkippingFastForwardInfo | undefined,
): Answer | undefined {
  const { timeSkipping, close } = run.state;
  const info = fastForwardInfo(run.state);
  const failed = (failedReason: string): Answer => ({
    fastForwardInfo: info,
    fastForwardPollingResult: Result.FAST_FORWARD_FAILED,
    failedReason,
  });
  if (info?.fastForwardId !== fastForwardId)
    return failed("the requested fast_forward_id does not match the execution's current fast-forward");
  const { seconds, nanos } = info.targetTime ?? {};
  if (seconds !== pending?.targetTime?.seconds || nanos !== pending?.targetTime?.nanos)
    return failed("the fast-forward was reset");
  if (info.hasCompleted) return { fastForwardInfo: info, fastForwardPollingResult: Result.FAST_FORWARD_COMPLETED };
  if (!isOpen(run) && close?.newRunId === undefined)
    return failed("the execution ended before the fast-forward completed");
  return timeSkipping?.config?.enabled === true
    ? undefined
    : failed("time skipping was disabled before the fast-forward completed");
}
