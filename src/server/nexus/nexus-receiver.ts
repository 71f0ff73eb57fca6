import type { Metadata } from "../../rpc/transport.ts";
import type { Services } from "../services.ts";
import { receiveCompletion } from "./completion-receiver.ts";
import { handlerError } from "./handler-error.ts";
import { refuseOverHttp, type HttpRequest, type HttpResponse } from "./http-request.ts";
import { receiveOperation } from "./operation-receiver.ts";

/** A request over HTTP with what decides who takes it. */
export interface NexusRequest extends HttpRequest {
  readonly method: string;
  /** The path's segments, decoded. */
  readonly path: readonly string[];
}

/** Whether a path is one of Nexus over HTTP: of a completion, of an endpoint, or of workers of a task queue. */
export function isNexusPath([first, second, third, fourth, fifth]: readonly string[]): boolean {
  if (first === "nexus") return second === "callback" || second === "endpoints";
  if (first !== "namespaces") return false;
  return (third === "nexus" && fourth === "callback") || (third === "task-queues" && fifth === "nexus-services");
}

/** Takes a completion of an operation that others carry out, or a request to an endpoint. */
export async function receiveNexus(
  services: Services,
  request: NexusRequest,
  authorize: (metadata: Metadata) => void,
): Promise<HttpResponse> {
  const { method, path, headers } = request;
  if (method !== "POST") {
    const found = JSON.stringify(method);
    return refuseOverHttp(handlerError("BAD_REQUEST", `invalid request method: expected POST, got ${found}`));
  }
  const [first, second, , fourth] = path;
  // Who completes operations shows a token of the server's, and no key.
  if (path.length === 2 && first === "nexus" && second === "callback") {
    return receiveCompletion(services, request, undefined);
  }
  if (path.length === 4 && fourth === "callback") return receiveCompletion(services, request, second);
  try {
    authorize({ authorization: headers.authorization ?? "" });
  } catch {
    return refuseOverHttp(handlerError("UNAUTHENTICATED", "unauthorized"));
  }
  return receiveOperation(services, request, path);
}
