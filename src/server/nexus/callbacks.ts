import { completionOf, type Completion } from "../../core/execution/callback/completion.ts";
import type { CallbackAnswer } from "../../core/execution/callback/callback-state.ts";
import type { Effect } from "../../core/execution/contract.ts";
import { ExecutionError } from "../../core/execution/execution-error.ts";
import type { Callback_Nexus } from "../../proto/gen/common.ts";
import { EngineFailedError } from "../history/engine-error.ts";
import type { Run } from "../history/run.ts";
import type { Transaction } from "../history/transaction.ts";
import type { Services } from "../services.ts";
import { CALLBACK_TOKEN_HEADER, decodeCallbackToken, SYSTEM_CALLBACK_URL } from "./callback-token.ts";
import { throughBreaker, type Destination } from "./circuit-breakers.ts";
import { completeOperation, type OperationCompletion } from "./completions.ts";
import { sendCompletion } from "./completion-client.ts";
import { fromNexusLinks } from "./links.ts";
import { parseLinkHeader } from "./http-content.ts";
import { orNull } from "./worker-answers.ts";

type InvokeCallback = Extract<Effect, { kind: "invokeCallback" }>;

const OPERATION_TOKEN_HEADER = "nexus-operation-token";
const LINK_HEADER = "nexus-link";

/** Where a callback goes, as far as its circuit breaker is concerned. */
export function callbackDestination(namespaceId: string, url: string): Destination {
  return { sort: "callback", namespaceId, target: URL.canParse(url) ? new URL(url).origin : url };
}

/** Tells callbacks how what they wait for has ended: those within the server in the same transaction, others over HTTP. */
export class CompletionCallbacks {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Makes one attempt, now or after the transaction. */
  invoke(transaction: Transaction, run: Run, { index, attempt }: InvokeCallback): void {
    const callback = run.state.callbacks[index];
    if (callback === undefined) return;
    const completion = completionOf(run.state, callback);
    const { variant } = callback.callback;
    if (variant?.case !== "nexus" || completion === undefined) {
      const answer: CallbackAnswer = {
        kind: "failed",
        message: "the callback is of a sort that this server cannot tell",
      };
      transaction.step(run, { kind: "callbackAnswered", index, attempt, answer });
    } else if (variant.value.url === SYSTEM_CALLBACK_URL) {
      const answer = tellWithin(this.#services, transaction, variant.value.header, completion);
      transaction.step(run, { kind: "callbackAnswered", index, attempt, answer });
    } else transaction.afterCommit(() => this.#send(run, { index, attempt }, variant.value, completion));
  }

  #send(
    { key: runKey, namespaceId }: Run,
    { index, attempt }: { readonly index: number; readonly attempt: number },
    target: Callback_Nexus,
    completion: Completion,
  ): void {
    const { engine, settings, breakers, logger } = this.#services;
    const send = async (): Promise<void> => {
      await engine.durable;
      const pass = await breakers.enter(callbackDestination(namespaceId, target.url));
      const { callbackRequestTimeoutMs } = settings.nexus;
      const answer = await throughBreaker(pass, () => sendCompletion(target, completion, callbackRequestTimeoutMs));
      const run = engine.load(runKey);
      if (run !== undefined) await engine.apply(run, { kind: "callbackAnswered", index, attempt, answer }).committed;
    };
    send().catch((error: unknown) => {
      // A server that stops leaves it to the next one.
      if (error instanceof EngineFailedError) return;
      logger.error("cannot tell a callback", { runKey, reason: String(error) });
    });
  }
}

/** Tells a callback that stays within the server, as part of a transaction. */
export function tellWithin(
  { nexusExecutions }: Services,
  transaction: Transaction,
  header: Readonly<Record<string, string>>,
  { outcome, startMs, link }: Completion,
): CallbackAnswer {
  const target = decodeCallbackToken(header[CALLBACK_TOKEN_HEADER] ?? "");
  if (target === undefined) return { kind: "failed", message: "handler error (BAD_REQUEST): invalid callback token" };
  const named = fromNexusLinks(parseLinkHeader(header[LINK_HEADER] ?? "") ?? []);
  try {
    const told: OperationCompletion = {
      outcome: outcome.kind === "succeeded" ? { ...outcome, result: orNull(outcome.result) } : outcome,
      operationToken: header[OPERATION_TOKEN_HEADER] ?? "",
      startedMs: startMs,
      links: named.length > 0 ? named : [link],
    };
    if (target.kind === "workflow") completeOperation(transaction, target, told);
    else nexusExecutions.complete(transaction, target, told);
    return { kind: "succeeded" };
  } catch (error) {
    if (!(error instanceof ExecutionError)) throw error;
    return { kind: "failed", message: `handler error (NOT_FOUND): ${error.message}` };
  }
}
