import type { WorkflowService } from "../proto/gen/workflowservice.ts";
import { WorkflowService as Descriptor } from "../proto/gen/workflowservice.ts";
import type { Init, Method } from "../proto/message.ts";
import { DirectTransport } from "../rpc/direct-transport.ts";
import { methodName } from "../rpc/pending-call.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import type { IncomingCall, RpcHandler } from "../rpc/transport.ts";
import { Client } from "./client.ts";
import type { ClientOptions } from "./client-options.ts";
import type { ConnectionOptions } from "./connection.ts";
import { Connection } from "./connection.ts";

type Methods = (typeof WorkflowService)["methods"];
type RequestOf<M> = M extends Method<infer Request, infer _Response> ? Request : never;
type ResponseOf<M> = M extends Method<infer _Request, infer Response> ? Response : never;

/** What a service answers, by method. */
export type Script = {
  readonly [K in keyof Methods]?: (
    request: RequestOf<Methods[K]>,
    call: IncomingCall,
  ) => Init<ResponseOf<Methods[K]>> | RPCError;
};

/** A service that answers as a test says, for what no real one can be brought to do. */
export class ScriptedService implements RpcHandler {
  readonly #script: Script;
  /** Calls in the order in which they came. */
  readonly calls: { readonly method: string; readonly call: IncomingCall }[] = [];

  constructor(script: Script) {
    this.#script = script;
  }

  handle(call: IncomingCall): Promise<Uint8Array> {
    const method = methodName(call.path);
    this.calls.push({ method, call });
    const answer = this.#script[method as keyof Script] as
      | ((request: object, call: IncomingCall) => Init<object> | RPCError)
      | undefined;
    const codec = Descriptor.methods[method as keyof Methods] as Method<object, object>;
    if (answer === undefined) {
      return Promise.reject(new RPCError(RPCStatusCode.UNIMPLEMENTED, `no script for ${method}`));
    }
    const given = answer(codec.request.decode(call.body), call);
    return given instanceof RPCError ? Promise.reject(given) : Promise.resolve(codec.response.encode(given));
  }
}

/** A client of a {@link ScriptedService}. */
export function scriptedClient(
  script: Script,
  options: ClientOptions & ConnectionOptions = {},
): { readonly client: Client; readonly service: ScriptedService; readonly connection: Connection } {
  const service = new ScriptedService(script);
  const connection = new Connection(new DirectTransport(service), options);
  return {
    client: new Client(connection, { identity: "tester", ...options }),
    service,
    connection,
  };
}
