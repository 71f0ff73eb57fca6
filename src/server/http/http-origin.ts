import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import type { HttpResponse } from "../nexus/http-request.ts";
import { isAllowedOrigin } from "./cors.ts";

/** What tells where a request comes from, and who may come. */
export interface Visit {
  readonly headers: IncomingHttpHeaders;
  readonly allowedOrigins: readonly string[] | undefined;
  /** Whether only this machine can reach the listener. */
  readonly isLocal: boolean;
  /** Of the setting `frontend.httpAllowedHosts`; `undefined` if it is not set. */
  readonly httpAllowedHosts: readonly string[] | undefined;
}

/**
 * Refuses requests that a page of a stranger makes a browser send. A browser sends plain ones without asking the server
 * first, and to a name that was made to point to this machine (DNS rebinding) even as if the page were the server's own.
 */
export function refuseStranger({
  headers,
  allowedOrigins,
  isLocal,
  httpAllowedHosts,
}: Visit): HttpResponse | undefined {
  const { host = "", origin } = headers;
  const isKnownHost =
    httpAllowedHosts === undefined ? !isLocal || isLocalHost(host) : httpAllowedHosts.some((one) => fits(one, host));
  if (!isKnownHost) return forbidden("Host not allowed");
  if (origin === undefined || isAllowedOrigin(allowedOrigins, origin)) return undefined;
  return forbidden("Origin not allowed");
}

function forbidden(message: string): HttpResponse {
  // In the words and the form of the service, which refuses hosts too.
  return { status: 403, body: Buffer.from(`{"code": 7, "message": "${message}"}`) };
}

function isLocalHost(host: string): boolean {
  const name = host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return name === "" || name === "localhost" || name.endsWith(".localhost") || isIP(name) !== 0;
}

/** @param pattern A host with its port, in which `*` stands for anything. */
function fits(pattern: string, host: string): boolean {
  const parts = pattern.toLowerCase().split("*");
  const name = host.toLowerCase();
  const [first = "", ...others] = parts;
  const last = others.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first) || !name.slice(first.length).endsWith(last)) return false;
  let at = first.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}
