import { setTimeout as delay } from "node:timers/promises";
import { ExternalStorageError } from "../payload/external-storage.ts";

const TRIES_MAX = 5;
/** The first wait is at most so long, each further one at most twice as long as the one before. */
const DELAY_MAX_MS = 100;
/** Statuses of which Google Cloud Storage's documentation says that trying again may help. */
const transientStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
/** A token as a header can carry it. */
const TOKEN = /^[\u0021-\u007E]+$/;

/** A request that does the same however often it is sent. */
export interface GcsRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

interface Sending {
  readonly fetch: typeof fetch;
  readonly accessToken: (() => Promise<string | null | undefined>) | undefined;
  /** Ends all tries. */
  readonly signal: AbortSignal;
}

/**
 * What `read` makes of the answer to a request. What fails on its way, or is answered with a status that may pass, is sent
 * again; the last try's answer is read whatever its status is.
 */
export async function sendRetrying<T>(
  request: GcsRequest,
  read: (response: Response) => Promise<T>,
  sending: Sending,
): Promise<T> {
  const { signal } = sending;
  for (let tried = 1; ; tried += 1) {
    const isLast = tried === TRIES_MAX;
    const authorization = await authorizationOf(sending);
    try {
      const headers = { ...request.headers, ...authorization };
      // A token goes nowhere but to the endpoint.
      const response = await sending.fetch(request.url, { ...request, headers, signal, redirect: "error" });
      if (isLast || !transientStatuses.has(response.status)) return await read(response);
      await response.body?.cancel();
    } catch (error) {
      // `fetch` throws TypeErrors for all that goes wrong on the way, in the midst of the answer too.
      if (isLast || signal.aborted || !(error instanceof TypeError)) throw error;
    }
    await delay(Math.random() * DELAY_MAX_MS * 2 ** (tried - 1), undefined, { signal }).catch(() => undefined);
  }
}

async function authorizationOf({ accessToken, signal }: Sending): Promise<Readonly<Record<string, string>>> {
  signal.throwIfAborted();
  if (accessToken === undefined) return {};
  const token = await unlessAborted(accessToken(), signal);
  // Said by us, since others would say it with the token.
  if (typeof token !== "string" || !TOKEN.test(token))
    throw new ExternalStorageError(
      `Cannot call Google Cloud Storage: "accessToken" answered ${typeof token === "string" ? "a text that is no token" : String(token)}, expected a token`,
    );
  return { authorization: `Bearer ${token}` };
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  return Promise.race([promise, aborted]);
}
