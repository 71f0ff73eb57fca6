import type { IncomingHttpHeaders } from "node:http";

/** How JSON is written: with payloads as the values they hold or whole, on one line or several. */
export interface MediaType {
  readonly contentType: string;
  readonly indent: string;
  readonly shorthand: boolean;
}

const usual: MediaType = { contentType: "application/json", indent: "", shorthand: true };
const others: readonly MediaType[] = [
  { contentType: "application/json+pretty", indent: "  ", shorthand: true },
  { contentType: "application/json+no-payload-shorthand", indent: "", shorthand: false },
  { contentType: "application/json+pretty+no-payload-shorthand", indent: "  ", shorthand: false },
];
const byContentType = new Map(others.map((type) => [type.contentType, type]));

/** What a request is written in, and its answer shall be. The query may ask for the answer's without a header. */
export function mediaTypesOf(
  headers: IncomingHttpHeaders,
  query: URLSearchParams,
): { readonly request: MediaType; readonly answer: MediaType } {
  const sent = (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const request = byContentType.get(sent) ?? usual;
  const suffix = `${query.has("pretty") ? "+pretty" : ""}${query.has("noPayloadShorthand") ? "+no-payload-shorthand" : ""}`;
  const wanted = suffix === "" ? (headers.accept ?? "") : `application/json${suffix}`;
  return { request, answer: byContentType.get(wanted) ?? request };
}
