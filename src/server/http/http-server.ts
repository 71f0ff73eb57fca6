import { createServer, type IncomingMessage, type Server as HttpListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import {
  apiKeyCheck,
  ListenError,
  tlsOptions,
  type BoundAddress,
  type ServerTLSConfig,
} from "../../rpc/grpc-server.ts";
import { onceInBackground } from "../../rpc/host-clock.ts";
import type { AbandonCall } from "../../rpc/incoming.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import type { Metadata, RpcHandler } from "../../rpc/transport.ts";
import { handlerError } from "../nexus/handler-error.ts";
import { refuseOverHttp, type HttpResponse } from "../nexus/http-request.ts";
import { isNexusPath, receiveNexus } from "../nexus/nexus-receiver.ts";
import type { Services } from "../services.ts";
import { errorResponse, serveApiCall } from "./api-call.ts";
import { ApiRoutes } from "./api-routes.ts";
import { corsHeaders, preflight } from "./cors.ts";
import { readBody } from "./http-body.ts";
import { refuseStranger } from "./http-origin.ts";
import { mediaTypesOf } from "./media-type.ts";
import { parseTarget } from "./request-target.ts";

/** What a {@link HttpServer} is told. */
export interface HttpServerOptions {
  /** Keys of which callers must show one; who completes operations of Nexus shows a token. @default callers need none */
  readonly apiKeys?: readonly string[] | undefined;
  /** @default no encryption */
  readonly tls?: ServerTLSConfig | undefined;
  /** Pages of these origins may call the HTTP API from browsers; `*` lets all. @default none */
  readonly allowedOrigins?: readonly string[] | undefined;
}

/** As the service, which takes what gRPC takes. */
const API_BODY_BYTES_MAX = 4 * 1024 * 1024;
/** Requests of Nexus are not read beyond this: a payload of the largest size, and some more. */
const NEXUS_BODY_EXTRA_BYTES = 64 * 1024;
const HEADERS_BYTES_MAX = 64 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
/** A whole request must have come by then. */
const REQUEST_TIMEOUT_MS = 60_000;
const IDLE_TIMEOUT_MS = 60_000;

/** Serves Temporal's HTTP API, and Nexus: requests to endpoints, and completions of operations that others carry out. */
export class HttpServer {
  readonly #services: Services;
  readonly #handler: RpcHandler;
  readonly #options: HttpServerOptions;
  readonly #http: HttpListener;
  readonly #authorize: (metadata: Metadata) => void;
  readonly #routes = new ApiRoutes();
  readonly #open = new Set<(reason: RPCError) => void>();
  #isLocal = true;

  constructor(services: Services, handler: RpcHandler, options: HttpServerOptions) {
    this.#services = services;
    this.#handler = handler;
    this.#options = options;
    this.#authorize = apiKeyCheck(options.apiKeys);
    const { tls } = options;
    const limits = {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
      maxHeaderSize: HEADERS_BYTES_MAX,
    };
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      this.#serve(request, response).catch((error: unknown) => {
        services.logger.error("a request over HTTP failed unexpectedly", { reason: String(error) });
        response.destroy();
      });
    };
    this.#http =
      tls === undefined ? createServer(limits, serve) : createSecureServer({ ...limits, ...tlsOptions(tls) }, serve);
  }

  /**
   * Begins to serve.
   *
   * @throws {ListenError} If the address cannot be had.
   */
  async listen(host: string, port: number): Promise<BoundAddress> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once("error", (error) => {
        reject(
          new ListenError(`Cannot listen for HTTP on "${host}:${port}": ${error.message}; use another port`, {
            cause: error,
          }),
        );
      });
      this.#http.listen(port, host, resolve);
    });
    const { address, port: bound } = this.#http.address() as AddressInfo;
    this.#isLocal = address === "::1" || address.startsWith("127.");
    return { host: address, port: bound };
  }

  /** Takes no more requests, lets those on their way end for `drainMs`, answers the rest with an error and ends all connections. */
  async stop(drainMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
    });
    this.#http.closeIdleConnections();
    const cutOff = (): void => {
      const stopping = new RPCError(RPCStatusCode.UNAVAILABLE, "The server is stopping; try again");
      for (const fail of this.#open) fail(stopping);
      // Their answers go first.
      setImmediate(() => this.#http.closeAllConnections());
    };
    if (drainMs <= 0 || this.#open.size === 0) cutOff();
    const cancel = onceInBackground(drainMs, cutOff);
    await closed;
    cancel();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers } = request;
    const cors = corsHeaders(this.#options.allowedOrigins, headers);
    const { status, headers: own = {}, body = new Uint8Array(0) } = await this.#answer(request, response);
    if (response.destroyed) return;
    response.writeHead(status, { ...cors, ...own, "content-length": body.length }).end(body);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<HttpResponse> {
    const { headers, method = "" } = request;
    const target = parseTarget(request.url ?? "/");
    const isNexus = target !== undefined && isNexusPath(target.path);
    const { allowedOrigins } = this.#options;
    // Services call each other's Nexus by names that nobody has told this server.
    const httpAllowedHosts = isNexus ? ["*"] : this.#services.settings.httpAllowedHosts;
    const refusal = refuseStranger({ headers, allowedOrigins, isLocal: this.#isLocal, httpAllowedHosts });
    if (refusal !== undefined) return refusal;
    if (isNexus) return this.#nexus(request, target);
    const asked = method === "OPTIONS" ? preflight(allowedOrigins, headers) : undefined;
    if (asked !== undefined) return asked;
    const media = mediaTypesOf(headers, target?.url.searchParams ?? new URLSearchParams()).answer;
    if (target === undefined) return errorResponse(new RPCError(RPCStatusCode.INVALID_ARGUMENT, "Bad Request"), media);
    const body = await readBody(request, API_BODY_BYTES_MAX);
    if (body === undefined) {
      const refused = errorResponse(
        new RPCError(RPCStatusCode.INVALID_ARGUMENT, "http: request body too large"),
        media,
      );
      return closing(refused);
    }
    const call = {
      routes: this.#routes,
      handler: this.#handler,
      authorize: this.#authorize,
      clock: this.#services.clock,
    };
    let abandon: AbandonCall | undefined;
    const gone = (): void => {
      abandon?.(new RPCError(RPCStatusCode.CANCELLED, "Cannot answer the request: the caller has gone"));
    };
    let fail: (reason: RPCError) => void = () => {};
    const cut = new Promise<never>((_resolve, reject) => (fail = reject));
    this.#open.add(fail);
    response.once("close", gone);
    try {
      const served = serveApiCall(call, { ...target, method, headers, body, onAbandon: (given) => (abandon = given) });
      return await Promise.race([served, cut]);
    } catch (error) {
      if (!(error instanceof RPCError)) throw error;
      abandon?.(error);
      return errorResponse(error, media);
    } finally {
      this.#open.delete(fail);
      response.off("close", gone);
    }
  }

  async #nexus(request: IncomingMessage, target: NonNullable<ReturnType<typeof parseTarget>>): Promise<HttpResponse> {
    const { headers, method = "" } = request;
    const body = await readBody(request, this.#services.settings.blobSizeMaxBytes + NEXUS_BODY_EXTRA_BYTES);
    if (body === undefined) return closing(refuseOverHttp(handlerError("BAD_REQUEST", "request body too large")));
    return receiveNexus(this.#services, { ...target, headers, method, body }, this.#authorize);
  }
}

/** What is left of the body stays unread, so the connection is of no more use. */
function closing(response: HttpResponse): HttpResponse {
  return { ...response, headers: { ...response.headers, connection: "close" } };
}
