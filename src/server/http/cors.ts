import type { IncomingHttpHeaders } from "node:http";
import type { HttpResponse } from "../nexus/http-request.ts";

/** Seconds that a browser may keep the answer to a preflight. */
const PREFLIGHT_AGE_SECONDS = 600;
const METHODS = "GET, POST, DELETE";
/** Headers that calls of the HTTP API may have. */
const HEADERS =
  /^(?:accept|authorization|authorization-extras|content-type|client-name|client-version|grpc-timeout|grpc-metadata-[a-z0-9_.-]+|x-[a-z0-9-]+)$/;

/** Whether pages of an origin may call. */
export function isAllowedOrigin(allowed: readonly string[] = [], origin: string): boolean {
  return allowed.includes("*") || allowed.includes(origin);
}

/** What answers say to browsers of who may read them. Without an allow-list there is nothing to say. */
export function corsHeaders(
  allowed: readonly string[] | undefined,
  { origin }: IncomingHttpHeaders,
): Readonly<Record<string, string>> {
  if (allowed === undefined || allowed.length === 0) return {};
  if (origin === undefined || !isAllowedOrigin(allowed, origin)) return { vary: "origin" };
  return { vary: "origin", "access-control-allow-origin": origin };
}

/** The answer to a browser that asks whether it may make a call; `undefined` if the request is no such question. */
export function preflight(
  allowed: readonly string[] | undefined,
  headers: IncomingHttpHeaders,
): HttpResponse | undefined {
  const { origin } = headers;
  if (origin === undefined || headers["access-control-request-method"] === undefined) return undefined;
  if (!isAllowedOrigin(allowed, origin)) return undefined;
  const asked = (headers["access-control-request-headers"] ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => HEADERS.test(name));
  return {
    status: 204,
    headers: {
      "access-control-allow-methods": METHODS,
      ...(asked.length > 0 && { "access-control-allow-headers": asked.join(", ") }),
      "access-control-max-age": String(PREFLIGHT_AGE_SECONDS),
      ...(headers["access-control-request-private-network"] === "true" && {
        "access-control-allow-private-network": "true",
      }),
    },
  };
}
