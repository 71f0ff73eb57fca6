import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import {
  apiKeyCheck,
  ListenError,
  tlsOptions,
  type BoundAddress,
  type ServerTLSConfig,
} from "../../rpc/grpc-server.ts";
import type { Metadata } from "../../rpc/transport.ts";
import type { Services } from "../services.ts";
import { receiveCompletion } from "./completion-receiver.ts";
import { handlerError } from "./handler-error.ts";
import { refuseOverHttp, type HttpRequest, type HttpResponse } from "./http-request.ts";
import { receiveOperation } from "./operation-receiver.ts";

/** Requests are not read beyond this: a payload of the largest size, and some more. */
const BODY_EXTRA_BYTES = 64 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;

/** Serves Nexus over HTTP: requests to endpoints, and completions of operations that others carry out. */
export class NexusHttpServer {
  readonly #services: Services;
  readonly #http: HttpServer;
  readonly #checkKey: (metadata: Metadata) => void;

  /** @param apiKeys Keys of which those who ask endpoints must show one; who completes operations shows a token. */
  constructor(services: Services, apiKeys: readonly string[] | undefined, tls?: ServerTLSConfig) {
    this.#services = services;
    this.#checkKey = apiKeyCheck(apiKeys);
    const limits = { headersTimeout: HEADERS_TIMEOUT_MS };
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
    return { host: address, port: bound };
  }

  /** Ends all connections. */
  stop(): void {
    this.#http.close();
    this.#http.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, headers = {}, body = new Uint8Array(0) } = await this.#answer(request);
    response.writeHead(status, { ...headers, "content-length": body.length }).end(body);
  }

  async #answer(request: IncomingMessage): Promise<HttpResponse> {
    if (request.method !== "POST") {
      const found = JSON.stringify(request.method ?? "");
      return refuseOverHttp(handlerError("BAD_REQUEST", `invalid request method: expected POST, got ${found}`));
    }
    const body = await readBody(request, this.#services.settings.blobSizeMaxBytes + BODY_EXTRA_BYTES);
    if (body === undefined) return tooLarge();
    const url = new URL(request.url ?? "/", "http://localhost");
    const read: HttpRequest = { url, headers: request.headers, body };
    const path = decodePath(url.pathname);
    if (path === undefined) return refuseOverHttp(handlerError("BAD_REQUEST", "invalid URL"));
    const [first, second, third, fourth] = path;
    if (path.length === 2 && first === "nexus" && second === "callback")
      return receiveCompletion(this.#services, read, undefined);
    if (path.length === 4 && first === "namespaces" && third === "nexus" && fourth === "callback")
      return receiveCompletion(this.#services, read, second);
    try {
      this.#checkKey({ authorization: request.headers.authorization ?? "" });
    } catch {
      return refuseOverHttp(handlerError("UNAUTHENTICATED", "unauthorized"));
    }
    return receiveOperation(this.#services, read, path);
  }
}

/** What is left of the body stays unread, so the connection is of no more use. */
function tooLarge(): HttpResponse {
  const refused = refuseOverHttp(handlerError("BAD_REQUEST", "request body too large"));
  return { ...refused, headers: { connection: "close", ...refused.headers } };
}

function decodePath(pathname: string): string[] | undefined {
  try {
    return pathname.split("/").slice(1).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  // Destroying the request would destroy the connection, and the answer with it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
