import type { Clock } from "../core/time/clock.ts";
import { CallScope } from "./call-scope.ts";
import { methodName } from "./pending-call.ts";
import { asRPCError, RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { Metadata, RpcHandler } from "./transport.ts";

/** A call on the service's side before it has a signal. */
export interface ArrivedCall {
  readonly path: string;
  readonly body: Uint8Array;
  readonly metadata: Metadata;
  readonly timeoutMs?: number | undefined;
}

/** Takes the outcome of a served call; called at most once. */
export interface Answering {
  answer(body: Uint8Array): void;
  fail(error: RPCError): void;
}

/** Ends a served call whose caller is gone. */
export type AbandonCall = (reason: RPCError) => void;

/**
 * Hands an arrived call to a service and its outcome to `answering`.
 *
 * At the deadline the call's signal aborts and `answering` fails with `DEADLINE_EXCEEDED`; what the service says later is
 * dropped, as it is after the returned function was called. Without a clock the caller keeps the deadline itself.
 */
export function serveCall(handler: RpcHandler, call: ArrivedCall, answering: Answering, clock?: Clock): AbandonCall {
  const scope = new CallScope();
  let open = true;
  const close = (): boolean => {
    const was = open;
    open = false;
    if (was) cancelTimer?.();
    return was;
  };
  const cancelTimer =
    call.timeoutMs === undefined || clock === undefined
      ? undefined
      : clock.schedule(clock.now() + call.timeoutMs, () => {
          if (!close()) return;
          const late = lateError(call);
          scope.abort(late);
          answering.fail(late);
        });
  const serve = async (): Promise<void> => {
    try {
      const body = await handler.handle({ ...call, signal: scope });
      if (close()) answering.answer(body);
    } catch (error) {
      if (close()) answering.fail(asRPCError(error));
    }
  };
  void serve();
  return (reason) => {
    if (close()) scope.abort(reason);
  };
}

function lateError(call: ArrivedCall): RPCError {
  return new RPCError(
    RPCStatusCode.DEADLINE_EXCEEDED,
    `Cannot answer call "${methodName(call.path)}": its ${call.timeoutMs} ms have passed`,
  );
}
