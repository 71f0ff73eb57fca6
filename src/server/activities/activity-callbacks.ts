import { activityCompletion } from "../../core/activity-execution/callbacks.ts";
import type { Completion } from "../../core/execution/callback/completion.ts";
import type { CallbackAnswer } from "../../core/execution/callback/callback-state.ts";
import type { Callback_Nexus } from "../../proto/gen/common.ts";
import { SYSTEM_CALLBACK_URL } from "../nexus/callback-token.ts";
import { callbackDestination, tellWithin } from "../nexus/callbacks.ts";
import { throughBreaker } from "../nexus/circuit-breakers.ts";
import { sendCompletion } from "../nexus/completion-client.ts";
import type { Services } from "../services.ts";
import type { RunKey } from "../store/store.ts";
import type { CallbackAttempt } from "./activities.ts";

/** Tells one callback, and the activity how that went. */
export function tellActivityCallback(services: Services, key: RunKey, attempt: CallbackAttempt): void {
  tellOnce(services, key, attempt).catch((error: unknown) => {
    services.logger.error("cannot tell a callback", { runKey: key, reason: String(error) });
  });
}

async function tellOnce(services: Services, key: RunKey, { index, attempt }: CallbackAttempt): Promise<void> {
  const { activities, engine, namespaces } = services;
  await engine.durable;
  const activity = activities.load(key);
  const callback = activity?.state.callbacks[index];
  if (activity === undefined || callback?.phase !== "scheduled" || callback.attempt !== attempt) return;
  const { id: activityId, runId, namespaceId, state } = activity;
  const namespace = namespaces.findById(namespaceId)?.name ?? "";
  const link = { variant: { case: "activity" as const, value: { namespace, activityId, runId } } };
  const completion = activityCompletion(state, link);
  const { variant } = callback.callback;
  if (completion === undefined || variant?.case !== "nexus") {
    const message = "the callback is of a sort that this server cannot tell";
    await activities.noteCallback(key, { index, attempt, answer: { kind: "failed", message } }).committed;
  } else if (variant.value.url === SYSTEM_CALLBACK_URL) {
    const tell = (transaction: Parameters<typeof tellWithin>[1]): CallbackAnswer =>
      tellWithin(services, transaction, variant.value.header, completion);
    await activities.noteCallback(key, { index, attempt, answer: tell }).committed;
  } else {
    const answer = await send(services, namespaceId, variant.value, completion);
    await activities.noteCallback(key, { index, attempt, answer }).committed;
  }
}

async function send(
  { breakers, settings }: Services,
  namespaceId: string,
  target: Callback_Nexus,
  completion: Completion,
): Promise<CallbackAnswer> {
  const pass = await breakers.enter(callbackDestination(namespaceId, target.url));
  return throughBreaker(pass, () => sendCompletion(target, completion, settings.nexus.callbackRequestTimeoutMs));
}
