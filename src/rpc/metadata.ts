import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import { METADATA_KEY, METADATA_TEXT } from "./metadata-syntax.ts";
import { RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { Metadata } from "./transport.ts";

// Headers of HTTP and of gRPC itself: the transport's own business, never metadata.
const transportHeaders = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "grpc-accept-encoding",
  "grpc-encoding",
  "grpc-message",
  "grpc-message-type",
  "grpc-status",
  "grpc-status-details-bin",
  "grpc-timeout",
  "host",
  "te",
  "transfer-encoding",
]);

/** Adds metadata to the headers of a request. @throws RPCError If a key or a value cannot be sent. */
export function addMetadata(headers: OutgoingHttpHeaders, metadata: Metadata): void {
  for (const key in metadata) {
    const value = metadata[key];
    if (value === undefined) continue;
    if (!METADATA_KEY.test(key) || transportHeaders.has(key)) throw badKey(key);
    if (typeof value !== "string") {
      if (!key.endsWith("-bin")) throw badValue(key, "bytes", 'a key that ends in "-bin"');
      headers[key] = unpadded(value);
    } else if (key.endsWith("-bin")) throw badValue(key, "a string", "bytes");
    else if (!METADATA_TEXT.test(value)) {
      throw badValue(key, "a character outside printable ASCII", 'a "-bin" key with bytes');
    } else headers[key] = value;
  }
}

/** Takes the metadata out of the headers of a request or an answer. */
export function readMetadata(headers: IncomingHttpHeaders): Metadata {
  const metadata: Record<string, string | Uint8Array> = {};
  for (const key in headers) {
    if (key.startsWith(":") || transportHeaders.has(key)) continue;
    const value = headers[key];
    if (value === undefined) continue;
    const text = typeof value === "string" ? value : value.join(", ");
    metadata[key] = key.endsWith("-bin") ? fromBase64(text) : text;
  }
  return metadata;
}

/** Bytes as base64 without padding, as gRPC wants them in a header. */
export function unpadded(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  return text.replace(/=+$/, "");
}

/** Reads base64 with or without padding. */
export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

// gRPC percent-encodes what is not printable ASCII, and the percent sign itself.
const PLAIN_MESSAGE = /^[\x20-\x24\x26-\x7e]*$/;

/** Encodes an error message for the `grpc-message` header. */
export function encodeMessage(message: string): string {
  if (PLAIN_MESSAGE.test(message)) return message;
  let encoded = "";
  for (const byte of Buffer.from(message, "utf8")) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/** Decodes a `grpc-message` header; what is not well encoded stays as it is. */
export function decodeMessage(header: string): string {
  if (!header.includes("%")) return header;
  const bytes: number[] = [];
  for (let at = 0; at < header.length; at += 1) {
    const hex = header.slice(at + 1, at + 3);
    if (header[at] === "%" && /^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      at += 2;
    } else bytes.push(...Buffer.from(header[at] ?? "", "latin1"));
  }
  return Buffer.from(bytes).toString("utf8");
}

function badKey(key: string): RPCError {
  return new RPCError(
    RPCStatusCode.INVALID_ARGUMENT,
    `Cannot send metadata key "${key}": it holds other characters than a-z, 0-9, "_", "-", "." or belongs to gRPC itself; use another key`,
  );
}

function badValue(key: string, found: string, wanted: string): RPCError {
  return new RPCError(
    RPCStatusCode.INVALID_ARGUMENT,
    `Cannot send metadata key "${key}": its value is ${found}; use ${wanted}`,
  );
}
