import type { UpdateStatus } from "../../core/execution/contract.ts";
import { updateStatus } from "../../core/execution/view.ts";
import { UpdateWorkflowExecutionLifecycleStage as Stage } from "../../proto/gen/enums.ts";
import { HistoryEvent } from "../../proto/gen/history.ts";
import type { Outcome } from "../../proto/gen/update.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import { deadlineExceeded, notFound } from "../failures.ts";
import type { UpdateEffect } from "../history/engine-parts.ts";
import type { Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import { requireLive } from "./requests.ts";

/** How far an update has come, as callers are told. */
export interface UpdateProgress {
  readonly stage: Stage;
  readonly outcome?: Outcome | undefined;
}

const stages = { admitted: Stage.ADMITTED, accepted: Stage.ACCEPTED, completed: Stage.COMPLETED } as const;

/**
 * Waits for an update to come as far as wanted, or for the time of a poll, and answers how far it is.
 *
 * @param status What is known of it now; absent means that there is no such update.
 * @throws {RPCError} If the update will not be answered.
 */
export async function waitForUpdate(
  services: Services,
  run: Run,
  updateId: string,
  status: UpdateStatus | undefined,
  wanted: Stage,
  call: IncomingCall,
): Promise<UpdateProgress> {
  if (status === undefined) throw notFound(`update "${updateId}" not found`);
  if (stages[status.stage] >= wanted) return toProgress(services, run, status);
  const effect = await nextOf(services, run, updateId, wanted, call);
  if (effect?.kind === "updateAborted") throw effect.error;
  if (effect?.kind === "updateCompleted") return { stage: Stage.COMPLETED, outcome: effect.outcome };
  if (call.signal.aborted) throw deadlineExceeded();
  const live = requireLive(services, run);
  const now = updateStatus(live.state, updateId);
  if (now === undefined) throw notFound(`update "${updateId}" not found`);
  return toProgress(services, live, now);
}

/** The effect that brings an update as far as wanted or ends it; `undefined` when the time is over or the caller gone. */
function nextOf(
  { clock, settings, updates }: Services,
  { key }: Run,
  updateId: string,
  wanted: Stage,
  { signal }: IncomingCall,
): Promise<UpdateEffect | undefined> {
  return new Promise((resolve) => {
    const finish = (effect?: UpdateEffect): void => {
      stopListening();
      cancelTimer();
      signal.removeEventListener("abort", onAbort);
      resolve(effect);
    };
    const onAbort = (): void => finish();
    const stopListening = updates.listen(key, updateId, (effect) => {
      if (effect.kind !== "updateAccepted" || wanted <= Stage.ACCEPTED) finish(effect);
    });
    const cancelTimer = clock.schedule(clock.now() + settings.historyPollMs, () => finish());
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) finish();
  });
}

function toProgress({ engine }: Services, run: Run, status: UpdateStatus): UpdateProgress {
  const stage = stages[status.stage];
  if (status.stage !== "completed" || status.outcome !== undefined) return { stage, outcome: status.outcome };
  const { completedEventId } = status;
  const [bytes] = engine.readEvents(run, {
    fromEventId: completedEventId,
    toEventId: completedEventId + 1,
    maxEvents: 1,
    maxBytes: Infinity,
  });
  const attributes = bytes === undefined ? undefined : HistoryEvent.decode(bytes).attributes;
  return attributes?.case === "workflowExecutionUpdateCompletedEventAttributes"
    ? { stage, outcome: attributes.value.outcome }
    : { stage };
}
