import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import { Payload } from "../../proto/gen/common.ts";

/** A body and what its content headers say of it. */
export interface HttpContent {
  readonly body: Uint8Array;
  /** Value of the content-type header; undefined for none. */
  readonly contentType: string | undefined;
  /** Other headers of the content, without their prefix. */
  readonly others: Readonly<Record<string, string>>;
}

const WHOLE_PAYLOAD = "application/x-temporal-payload";
const UNKNOWN = "unknown/nexus-content";

/** Headers of the content that say nothing of its meaning. */
export const TRANSPORT_HEADERS: ReadonlySet<string> = new Set(["content-type", "content-length", "content-encoding"]);

/** Whether a content type is that of JSON, whatever its parameters. */
export function isJson(contentType: string): boolean {
  return parseContentType(contentType).media === "application/json";
}

/** A payload as the body of a request, in a form that others than Temporal understand where there is one. */
export function toHttpContent(payload: Payload | undefined): HttpContent {
  if (payload === undefined) return { body: new Uint8Array(0), contentType: undefined, others: {} };
  const { metadata, data: body } = payload;
  const text = (key: string): string => utf8Text(metadata[key] ?? new Uint8Array(0));
  const count = Object.keys(metadata).length;
  const encoding = metadata["encoding"] === undefined ? "" : text("encoding");
  const message = metadata["messageType"] === undefined ? "" : text("messageType");
  if (encoding === UNKNOWN) {
    const headers = Object.fromEntries(
      Object.keys(metadata)
        .filter((key) => key !== "encoding")
        .map((key) => [key, text(key)]),
    );
    const { type, ...others } = headers;
    return { body, contentType: type, others };
  }
  const whole = { body: Payload.encode(payload), contentType: WHOLE_PAYLOAD, others: {} };
  if (encoding === "binary/null" && count === 1) return { body, contentType: undefined, others: {} };
  if (encoding === "json/plain" && count === 1) return { body, contentType: "application/json", others: {} };
  if (encoding === "binary/plain" && count === 1) return { body, contentType: "application/octet-stream", others: {} };
  if (count !== 2 || message === "") return whole;
  if (encoding === "json/protobuf") {
    return { body, contentType: `application/json; format=protobuf; message-type="${message}"`, others: {} };
  }
  if (encoding === "binary/protobuf") {
    return { body, contentType: `application/x-protobuf; message-type="${message}"`, others: {} };
  }
  return whole;
}

/** What a body says, as a payload. */
export function fromHttpContent({ body, contentType, others }: HttpContent): Payload {
  const payload = (metadata: Readonly<Record<string, string>>): Payload => ({
    metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, utf8Bytes(value)])),
    data: body,
    externalPayloads: [],
  });
  const unknown = (): Payload =>
    payload({ ...others, ...(contentType === undefined ? {} : { type: contentType }), encoding: UNKNOWN });
  if (Object.keys(others).length > 0) return unknown();
  if (contentType === undefined) return body.length === 0 ? payload({ encoding: "binary/null" }) : unknown();
  const { media, parameters } = parseContentType(contentType);
  const count = Object.keys(parameters).length;
  const messageType = parameters["message-type"] ?? "";
  if (media === WHOLE_PAYLOAD) return Payload.decode(body);
  if (media === "application/json" && count === 0) return payload({ encoding: "json/plain" });
  if (media === "application/json" && count === 2 && parameters["format"] === "protobuf" && messageType !== "")
    return payload({ encoding: "json/protobuf", messageType });
  if (media === "application/x-protobuf" && count === 1 && messageType !== "")
    return payload({ encoding: "binary/protobuf", messageType });
  if (media === "application/octet-stream" && count === 0) return payload({ encoding: "binary/plain" });
  return unknown();
}

function parseContentType(text: string): {
  readonly media: string;
  readonly parameters: Readonly<Record<string, string>>;
} {
  const [media = "", ...rest] = text.split(";");
  const parameters = rest.map((part) => {
    const [name = "", ...value] = part.trim().split("=");
    return [name.toLowerCase(), value.join("=").replaceAll(/^"|"$/g, "")] as const;
  });
  return { media: media.trim().toLowerCase(), parameters: Object.fromEntries(parameters) };
}

const linkPattern = /<([^>]+)>\s*;\s*type\s*=\s*"?([\w./]+)"?/g;

/** Links as a header. */
export function linkHeader(links: readonly { readonly url: string; readonly type: string }[]): string {
  return links.map(({ url, type }) => `<${url}>; type="${type}"`).join(", ");
}

/** Links of a header; `undefined` if it is not made of links only. */
export function parseLinkHeader(header: string): { readonly url: string; readonly type: string }[] | undefined {
  const rest = header.replaceAll(linkPattern, "");
  if (!/^[\s,]*$/.test(rest)) return undefined;
  return [...header.matchAll(linkPattern)].map(([, url = "", type = ""]) => ({ url: url.trim(), type }));
}
