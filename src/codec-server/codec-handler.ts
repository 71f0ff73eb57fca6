import type { Clock } from "../core/time/clock.ts";
import { toDurationMs, type Duration } from "../core/time/duration.ts";
import type { JsonValue } from "../proto/json-value.ts";
import { fromJson, toJson } from "../proto/json.ts";
import { Payload, Payloads } from "../proto/gen/common.ts";
import type { PayloadCodec } from "../payload/payload-codec.ts";
import { hostClock } from "../rpc/host-clock.ts";
import { within } from "./within.ts";

const BODY_BYTES_MAX = 32 * 1024 * 1024;
const PREFLIGHT_SECONDS = 7200;
const CODEC_TIMEOUT_MS = 30_000;

/** Who asks a codec server, as far as it says so. */
export interface CodecCaller {
  /** Of the payloads: the header `X-Namespace`. Empty if there is none. */
  readonly namespace: string;
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
}

/** What a {@link CodecHandler} is made with. */
export interface CodecHandlerOptions {
  /** The codec of clients and workers, or one for each caller. */
  readonly codec: PayloadCodec | ((caller: CodecCaller) => PayloadCodec);
  /** Origins of web pages that may ask, such as `https://cloud.temporal.io`; `"*"` is any, without credentials. @default none */
  readonly origins?: readonly string[] | "*" | undefined;
  /** Decides whether a caller is answered. @default any is: put the server where only the right people reach it */
  readonly authorize?: ((caller: CodecCaller) => boolean | Promise<boolean>) | undefined;
  /** Longest body taken, in bytes. @default 33554432 (32 MiB) */
  readonly bodyBytesMax?: number | undefined;
  /**
   * How long `authorize` and the codec may take, each. After that the request is answered with status 504; what they do is
   * not ended by it. @default "30s"
   */
  readonly codecTimeout?: Duration | undefined;
  /** What `codecTimeout` goes by. @default the host's clock */
  readonly clock?: Clock | undefined;
}

/** A request, whatever server took it. */
export interface CodecRequest {
  readonly method: string;
  /** Path of the URL, with or without a query. */
  readonly path: string;
  /** By their lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Or how to read it, called once the caller may ask: no more than one byte beyond `bodyBytesMax` is needed. */
  readonly body: Uint8Array | (() => Promise<Uint8Array>);
}

/** What a request is answered with. */
export interface CodecResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or empty. */
  readonly body: string;
}

/** Answers the requests that Temporal's web UI and CLI make of a codec server: `POST …/encode` and `POST …/decode`. */
export class CodecHandler {
  readonly bodyBytesMax: number;
  readonly #options: CodecHandlerOptions;
  readonly #timeoutMs: number;

  /** @throws {DurationError} If `codecTimeout` is no length of time. */
  constructor(options: CodecHandlerOptions) {
    this.#options = options;
    this.#timeoutMs = toDurationMs(options.codecTimeout ?? CODEC_TIMEOUT_MS);
    this.bodyBytesMax = options.bodyBytesMax ?? BODY_BYTES_MAX;
  }

  /** Answers a request. Never rejects. */
  async handle(request: CodecRequest): Promise<CodecResponse> {
    const headers = { ...PRIVATE, ...this.#cors(request.headers["origin"]) };
    if (request.method === "OPTIONS") return { status: 204, headers, body: "" };
    const answer = await this.#answer(request).catch(() => problem(500, "The codec failed"));
    return { ...answer, headers: { ...headers, ...answer.headers } };
  }

  async #answer({ method, path, headers, body: given }: CodecRequest): Promise<CodecResponse> {
    const direction = /\/(encode|decode)\/?(?:\?|$)/.exec(path)?.[1] as "encode" | "decode" | undefined;
    if (direction === undefined) return problem(404, "Not found, there are /encode and /decode");
    if (method !== "POST") return problem(405, "Method not allowed, use POST");
    const told = Number(headers["content-length"] ?? 0);
    if (told > this.bodyBytesMax) return this.#tooLong();
    const caller: CodecCaller = {
      namespace: headers["x-namespace"] ?? "",
      authorization: headers["authorization"],
    };
    const { authorize } = this.#options;
    if (authorize !== undefined) {
      const allowed = await this.#inTime(authorize(caller));
      if (allowed === "late") return this.#tooLate("Whoever decides who may ask");
      if (!allowed) return problem(401, "Not authorized");
    }
    const body = typeof given === "function" ? await given() : given;
    return body.length > this.bodyBytesMax ? this.#tooLong() : this.#change(direction, body, caller);
  }

  async #inTime<T>(work: T | Promise<T>): Promise<T | "late"> {
    return within(work, this.#timeoutMs, this.#options.clock ?? hostClock);
  }

  #tooLate(who: string): CodecResponse {
    return problem(504, `${who} took longer than ${this.#timeoutMs} ms`);
  }

  #tooLong(): CodecResponse {
    return problem(413, `The body is longer than ${this.bodyBytesMax} bytes`);
  }

  async #change(direction: "encode" | "decode", body: Uint8Array, caller: CodecCaller): Promise<CodecResponse> {
    let payloads: Payload[];
    try {
      const json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as JsonValue;
      ({ payloads } = fromJson(Payloads, json, { ignoreUnknownFields: true }));
    } catch {
      return problem(400, "The body is no JSON of temporal.api.common.v1.Payloads");
    }
    const { codec: given } = this.#options;
    const codec = typeof given === "function" ? given(caller) : given;
    let changed: Payload[] | "late";
    try {
      changed = payloads.length === 0 ? [] : await this.#inTime(codec[direction](payloads));
    } catch {
      // What the codec says may quote what it was given.
      return problem(400, `The payloads cannot be ${direction}d`);
    }
    if (changed === "late") return this.#tooLate("The codec");
    const text = JSON.stringify(toJson(Payloads, { payloads: changed }));
    return { status: 200, headers: { "content-type": "application/json" }, body: text };
  }

  #cors(origin: string | undefined): Record<string, string> {
    // Not all who call this are checked by a compiler: a text would allow every part of it.
    const { origins: given = [] } = this.#options;
    const origins = given === "*" || Array.isArray(given) ? given : [String(given)];
    const isAllowed = origin !== undefined && (origins === "*" || origins.includes(origin));
    if (!isAllowed) return { vary: "Origin" };
    return {
      vary: "Origin",
      "access-control-allow-origin": origins === "*" ? "*" : origin,
      "access-control-allow-methods": "POST, OPTIONS",
      "access-control-allow-headers": "Authorization, Content-Type, X-Namespace",
      "access-control-max-age": String(PREFLIGHT_SECONDS),
      ...(origins !== "*" && { "access-control-allow-credentials": "true" }),
    };
  }
}

/** What is decoded is for the one who asked alone. */
const PRIVATE = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

function problem(status: number, message: string): CodecResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify({ message }) };
}
