import type { StartOperationContext } from "nexus-rpc";
import { callOrigin, runFromOrigin } from "../../client/index.ts";
import { toOperationToken, type OperationTarget } from "../../nexus/operation-token.ts";

/** Header by which a completion says which operation it completes, should it come before the answer to the start. */
const TOKEN_HEADER = "nexus-operation-token";

/** Where a service tells how an operation ended. */
export interface NexusCallback {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Whom to call when what backs the operation ends; `undefined` if nobody wants to know. */
export function toNexusCallback(ctx: StartOperationContext, target: OperationTarget): NexusCallback | undefined {
  const { callbackUrl, callbackHeaders } = ctx;
  if (callbackUrl === undefined) return undefined;
  return { url: callbackUrl, headers: { ...callbackHeaders, [TOKEN_HEADER]: toOperationToken(target) } };
}

/** Calls a function that starts what backs the operation: the start carries the callback. */
export function startBacking<T>(
  ctx: StartOperationContext,
  target: OperationTarget,
  start: () => Promise<T>,
): Promise<T> {
  const origin = callOrigin();
  if (origin === undefined) return start();
  const callback = toNexusCallback(ctx, target);
  const { links } = origin;
  const callbacks =
    callback === undefined
      ? []
      : // Older services look for the links here.
        [{ variant: { case: "nexus", value: { url: callback.url, header: callback.headers } }, links } as const];
  return runFromOrigin({ ...origin, callbacks }, start);
}
