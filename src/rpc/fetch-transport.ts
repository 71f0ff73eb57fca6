import type { Clock } from "../core/time/clock.ts";
import { fromJson } from "../proto/json.ts";
import type { JsonValue } from "../proto/json-value.ts";
import { formatTimeout } from "./deadline-header.ts";
import { readAnswer } from "./fetch-answer.ts";
import { hostClock } from "./host-clock.ts";
import { AddressError } from "./host-port.ts";
import { type AnyMethod, listHttpMethods } from "./http-binding.ts";
import { HttpBindingError } from "./http-binding-error.ts";
import { LOSSLESS_JSON, metadataHeaders, toHttpCall } from "./http-call.ts";
import { closedError, methodName, PendingCall } from "./pending-call.ts";
import { asRPCError, RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { Transport, UnaryCall } from "./transport.ts";

/** How a {@link FetchTransport} reaches its service. */
export interface FetchTransportOptions {
  /** URL of the service's HTTP API, such as `https://localhost:7243`; what comes before `/api/v1` may follow the port. */
  readonly url: string;
  /** Sends requests. @default the global `fetch` */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Largest answer taken, in bytes. @default 134217728 (128 MiB) */
  readonly answerBytesMax?: number | undefined;
  /** Measures deadlines. @default the host's clock */
  readonly clock?: Clock | undefined;
}

const ANSWER_BYTES_MAX = 128 * 1024 * 1024;

/** Carries calls to a service over its HTTP API with `fetch`, which browsers and edge runtimes have. */
export class FetchTransport implements Transport {
  readonly #base: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #answerBytesMax: number;
  readonly #clock: Clock;
  readonly #methods: ReadonlyMap<string, AnyMethod>;
  readonly #open = new Set<PendingCall>();
  #closed = false;

  /** @throws {AddressError} If the URL cannot be used. */
  constructor(options: FetchTransportOptions) {
    this.#base = readBase(options.url);
    // A browser's fetch wants to be called as a function, not as a method of something else.
    this.#fetch = options.fetch ?? ((request, init) => fetch(request, init));
    this.#answerBytesMax = options.answerBytesMax ?? ANSWER_BYTES_MAX;
    this.#clock = options.clock ?? hostClock;
    this.#methods = listHttpMethods();
  }

  call(call: UnaryCall): Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(closedError(call));
    const pending = new PendingCall(call, this.#clock);
    if (!pending.settled) void this.#send(pending);
    return pending.answer;
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const pending of this.#open) pending.abandon(closedError(pending.call));
    return Promise.resolve();
  }

  async #send(pending: PendingCall): Promise<void> {
    const aborter = new AbortController();
    pending.onAbandoned(() => aborter.abort());
    this.#open.add(pending);
    try {
      pending.resolve(await this.#exchange(pending, aborter.signal));
    } catch (error) {
      pending.reject(asRPCError(error));
    } finally {
      this.#open.delete(pending);
    }
  }

  async #exchange({ call, leftMs }: PendingCall, signal: AbortSignal): Promise<Uint8Array> {
    const method = this.#methods.get(call.path);
    if (method === undefined) throw unknownMethod(call);
    const { verb, target, body } = toHttpCall(method, call.body);
    const headers = {
      ...metadataHeaders(call.metadata ?? {}),
      accept: LOSSLESS_JSON,
      ...(body !== undefined && { "content-type": LOSSLESS_JSON }),
      ...(leftMs !== undefined && { "grpc-timeout": formatTimeout(leftMs) }),
    };
    const send = this.#fetch;
    let response: Response;
    try {
      // A redirection would hand the key to whom it names.
      response = await send(`${this.#base}${target}`, {
        method: verb,
        headers,
        signal,
        redirect: "manual",
        ...(body !== undefined && { body }),
      });
    } catch (error) {
      throw unreachable(call, this.#base, error);
    }
    const json = await readAnswer(response, { call, answerBytesMax: this.#answerBytesMax });
    return encodeAnswer(call, method, json);
  }
}

function encodeAnswer(call: UnaryCall, { response }: AnyMethod, json: JsonValue): Uint8Array {
  try {
    // A newer service may know more fields and more values than this API.
    return response.encode(fromJson(response, json, { ignoreUnknownFields: true, enumValue: () => 0 }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RPCError(
      RPCStatusCode.INTERNAL,
      `Cannot read the answer to "${methodName(call.path)}": ${reason}; see whether the URL is that of the HTTP API`,
      { cause: error },
    );
  }
}

function readBase(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (
    url === undefined ||
    !isHttp ||
    url.username !== "" ||
    url.password !== "" ||
    url.search !== "" ||
    url.hash !== ""
  ) {
    // A URL may hold a password, which belongs in no error.
    throw new AddressError(
      `Cannot use URL of an HTTP API: found ${url === undefined ? "no URL" : `"${url.protocol}//${url.host}" with more than a path`}, expected such as "https://localhost:7243"`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function unknownMethod({ path }: UnaryCall): HttpBindingError {
  return new HttpBindingError(
    `Cannot call "${methodName(path)}" over HTTP: its service is none of the HTTP API's; connect with gRPC, to "host:port", where it is needed`,
  );
}

function unreachable({ path }: UnaryCall, base: string, cause: unknown): RPCError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RPCError(
    RPCStatusCode.UNAVAILABLE,
    `Cannot finish call "${methodName(path)}": "${base}" cannot be reached (${reason}); see that it serves the HTTP API, and in a browser that it allows the page's origin`,
    { cause },
  );
}
