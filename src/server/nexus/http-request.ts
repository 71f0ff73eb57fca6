import type { Payload } from "../../proto/gen/common.ts";
import { fromHttpContent } from "./http-content.ts";
import type { HttpRequest } from "./http-server.ts";

/** Headers of the content that say nothing of its meaning. */
const TRANSPORT = new Set(["content-type", "content-length", "content-encoding"]);

/** The payload of a request; undefined if it cannot be read. */
export function readContent({ headers, body }: HttpRequest): Payload | undefined {
  const others = Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith("content-") && !TRANSPORT.has(name))
      .map(([name, value]) => [name.slice("content-".length), String(value)]),
  );
  try {
    return fromHttpContent({ body, contentType: headers["content-type"], others });
  } catch {
    return undefined;
  }
}

/** Headers of an operation: all but those of the transport, of the content and of the callback. */
export function operationHeaders({ headers }: HttpRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !name.startsWith("content-") && !name.startsWith(CALLBACK_PREFIX) && name !== "host")
      .map(([name, value]) => [name, String(value)]),
  );
}

const CALLBACK_PREFIX = "nexus-callback-";

/** Headers that the handler gives back with the completion. */
export function callbackHeaders({ headers }: HttpRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(CALLBACK_PREFIX))
      .map(([name, value]) => [name.slice(CALLBACK_PREFIX.length), String(value)]),
  );
}
