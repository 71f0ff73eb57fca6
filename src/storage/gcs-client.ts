import { randomUUID } from "node:crypto";
import { toDurationMs, type Duration } from "../core/time/duration.ts";
import { ExternalStorageError } from "../payload/external-storage.ts";
import { crc32c } from "./crc32c.ts";
import { sendRetrying, type GcsRequest } from "./gcs-request.ts";
import { readWithin } from "./read-within.ts";

const CALL_TIMEOUT_MS = 120_000;
const ENDPOINT = "https://storage.googleapis.com";
/** As much of an answer that is no object is read, in bytes. */
const TEXT_BYTES_MAX = 16 * 1024;
const MESSAGE_LENGTH_MAX = 300;

/** How a {@link GcsStorageDriverClient} is to go about a call. */
export interface GcsRequestOptions {
  /** Ends the call. */
  readonly abortSignal?: AbortSignal;
}

/** How a {@link GcsStorageDriverClient} is to read an object. */
export interface GcsDownloadOptions extends GcsRequestOptions {
  /** What is larger is not wanted, and need not be read. */
  readonly maxBytes?: number;
}

/** What the driver needs of Google Cloud Storage. Clients that were written for the TypeScript SDK's driver do. */
export interface GcsStorageDriverClient {
  /** Keeps an object, unless there is one of that name, which then holds the same. */
  save(bucket: string, object: string, data: Uint8Array, options?: GcsRequestOptions): Promise<void>;
  /** `undefined` if it is known that there is no such object. */
  download(bucket: string, object: string, options?: GcsDownloadOptions): Promise<Uint8Array | undefined>;
  /** For messages of errors. */
  describe?(): Readonly<Record<string, string>>;
}

/** How {@link gcsClient} calls. */
export interface GcsClientOptions {
  /**
   * Answers an OAuth 2.0 access token; asked before each try, so it should keep its own until it expires, as `GoogleAuth` of
   * `google-auth-library` does. @default none, as emulators have it
   */
  readonly accessToken?: (() => Promise<string | null | undefined>) | undefined;
  /** Of the service, or what speaks its JSON API. @default "https://storage.googleapis.com" */
  readonly endpoint?: string | undefined;
  /** How long a call may take, all of its tries included. @default "2m" */
  readonly callTimeout?: Duration | undefined;
  /** Sends requests; one of one's own is needed to go through a proxy. @default `fetch` */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * A client of Google Cloud Storage's JSON API. What may go well the next time is tried again.
 *
 * @throws {ExternalStorageError} If `endpoint` is no address.
 */
export function gcsClient(options: GcsClientOptions = {}): GcsStorageDriverClient {
  const { endpoint = ENDPOINT } = options;
  if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint))
    throw new ExternalStorageError(
      `Cannot set up a client of Google Cloud Storage: "endpoint" is no address, expected one as "${ENDPOINT}"`,
    );
  const base = endpoint.replace(/\/+$/, "");
  const timeoutMs = toDurationMs(options.callTimeout ?? CALL_TIMEOUT_MS);
  const send = <T>(
    request: GcsRequest,
    abortSignal: AbortSignal | undefined,
    read: (response: Response) => Promise<T>,
  ) =>
    sendRetrying(request, read, {
      fetch: options.fetch ?? fetch,
      accessToken: options.accessToken,
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(abortSignal === undefined ? [] : [abortSignal])]),
    });
  return {
    save: async (bucket, object, data, { abortSignal } = {}) =>
      send(uploadRequest(base, bucket, object, data), abortSignal, async (response) => {
        const text = await readText(response);
        // Another try has been faster, or another worker.
        if (!response.ok && response.status !== 412) throw refused(response, text);
      }),
    download: async (bucket, object, { abortSignal, maxBytes = Infinity } = {}) => {
      const url = `${base}/storage/v1/b/${pathSegment("a bucket", bucket)}/o/${pathSegment("an object", object)}?alt=media`;
      return send({ method: "GET", url, headers: {} }, abortSignal, async (response) => {
        if (response.ok) return readWithin(response.body ?? [], maxBytes);
        const text = await readText(response);
        // A bucket that is not there is a mistake that can be put right; the status is the same.
        if (response.status === 404 && messageIn(text).startsWith("No such object")) return undefined;
        throw refused(response, text);
      });
    },
    describe: () => (base === ENDPOINT ? {} : { endpoint: new URL(base).host }),
  };
}

/** Names come from histories; these two would lead to another method of the API. The service has no objects of such names. */
function pathSegment(what: string, name: string): string {
  if (name === "" || name === "." || name === "..")
    throw new ExternalStorageError(`Cannot call Google Cloud Storage: found "${name}", expected the name of ${what}`);
  return encodeURIComponent(name);
}

/** One request that the service refuses where the object is there already, or the bytes are not those that were sent. */
function uploadRequest(base: string, bucket: string, object: string, data: Uint8Array): GcsRequest {
  const boundary = randomUUID();
  const query = new URLSearchParams({ uploadType: "multipart", ifGenerationMatch: "0", fields: "generation" });
  const metadata = JSON.stringify({ name: object, crc32c: crc32c(data) });
  return {
    method: "POST",
    url: `${base}/upload/storage/v1/b/${pathSegment("a bucket", bucket)}/o?${query.toString()}`,
    headers: { "content-type": `multipart/related; boundary=${boundary}` },
    body: Buffer.concat([
      Buffer.from(`--${boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${metadata}\r\n`),
      Buffer.from(`--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`),
      data,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  };
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > TEXT_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).subarray(0, TEXT_BYTES_MAX).toString();
}

function refused({ status }: Response, text: string): ExternalStorageError {
  const message = messageIn(text).slice(0, MESSAGE_LENGTH_MAX);
  return new ExternalStorageError(
    `Google Cloud Storage answered ${status}: ${message === "" ? "no message" : message}`,
  );
}

/** What an answer says: most errors are JSON, those of downloads may be plain text. */
function messageIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly message?: unknown } };
    return typeof error?.message === "string" ? error.message : "";
  } catch {
    return text.trim();
  }
}
