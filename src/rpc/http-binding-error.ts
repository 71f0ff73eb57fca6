import { RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";

/** The service's HTTP API has no path for a call. Over gRPC it can be made. */
export class HttpBindingError extends RPCError {
  static override readonly code: string = "TEMPORAL_RPC_HTTP_BINDING";
  override readonly name = "HttpBindingError";

  constructor(message: string) {
    super(RPCStatusCode.UNIMPLEMENTED, message);
  }
}
