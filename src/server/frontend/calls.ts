import type { Init, Method } from "../../proto/message.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import type { IncomingCall } from "../../rpc/transport.ts";

/** Answers one RPC: encoded request in, encoded response out. */
export type ServedCall = (call: IncomingCall) => Promise<Uint8Array>;

/** RPCs by their full path. */
export type CallTable = ReadonlyMap<string, ServedCall>;

/** One row of a {@link CallTable}. */
export type CallRow = readonly [path: string, served: ServedCall];

/** Serves an RPC with a function of its messages. */
export function serve<Request extends object, Response extends object>(
  method: Method<Request, Response>,
  answer: (request: Request, call: IncomingCall) => Init<Response> | Promise<Init<Response>>,
): CallRow {
  const { path, request, response } = method;
  return [path, async (call) => response.encode(await answer(decode(request, call.body), call))];
}

/** Serves an RPC whose response is put together from bytes that are stored as such. */
export function serveBytes<Request extends object, Response extends object>(
  method: Method<Request, Response>,
  answer: (request: Request, call: IncomingCall) => Promise<Uint8Array>,
): CallRow {
  const { path, request } = method;
  return [path, async (call) => answer(decode(request, call.body), call)];
}

// What gRPC servers answer to a message they cannot read.
function decode<Request extends object>(type: Method<Request, never>["request"], body: Uint8Array): Request {
  try {
    return type.decode(body);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RPCError(RPCStatusCode.INTERNAL, `grpc: error unmarshalling request: ${reason}`, {
      cause: error,
    });
  }
}
