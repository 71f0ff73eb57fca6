import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One page of a {@link MetricsEndpoint}. */
export interface EndpointPage {
  readonly status?: number;
  readonly contentType: string;
  readonly body: string;
}

/** What a {@link MetricsEndpoint} is made of. */
export interface MetricsEndpointOptions {
  readonly host: string;
  /** 0 takes any port that is free. */
  readonly port: number;
  /** Pages by path. */
  readonly pages: Readonly<Record<string, () => EndpointPage>>;
}

/** Headers of a request in bytes, and the time to send them in milliseconds. */
const HEADERS_BYTES_MAX = 8_192;
const HEADERS_TIMEOUT_MS = 10_000;
const CONNECTIONS_MAX = 64;

/** A small HTTP server of pages that programs read: metrics, health. It does not keep the process alive. */
export class MetricsEndpoint {
  readonly #server: Server;
  readonly #options: MetricsEndpointOptions;
  #listening: Promise<string> | undefined;

  constructor(options: MetricsEndpointOptions) {
    this.#options = options;
    this.#server = createServer(
      { maxHeaderSize: HEADERS_BYTES_MAX, headersTimeout: HEADERS_TIMEOUT_MS },
      (request, response) => {
        request.resume();
        answer(options, request, response);
      },
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.unref();
  }

  /** Begins to listen; answers the address as `host:port`. Rejects if that cannot be. */
  listen(): Promise<string> {
    const { host, port } = this.#options;
    this.#listening ??= new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        const { port: actual } = this.#server.address() as AddressInfo;
        resolve(`${host.includes(":") ? `[${host}]` : host}:${actual}`);
      });
    });
    return this.#listening;
  }

  /** Ends all connections. Idempotent. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

function answer(
  { pages }: MetricsEndpointOptions,
  { method, url = "/" }: { readonly method?: string | undefined; readonly url?: string | undefined },
  response: ServerResponse,
): void {
  const path = url.split("?", 1)[0] ?? "/";
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) {
    response.writeHead(404, { "content-type": "text/plain" }).end(`Found nothing at "${path.slice(0, 100)}"\n`);
    return;
  }
  if (method !== "GET" && method !== "HEAD") {
    response.writeHead(405, { "content-type": "text/plain", allow: "GET, HEAD" }).end("Only GET is allowed here\n");
    return;
  }
  const { status = 200, contentType, body } = page();
  response.writeHead(status, { "content-type": contentType }).end(method === "HEAD" ? undefined : body);
}
