import type { Http2Session, OutgoingHttpHeaders } from "node:http2";
import { encodeMessage, unpadded } from "./metadata.ts";
import type { RPCError } from "./rpc-error.ts";

// A header counts this much besides its name and value (RFC 9113, 6.5.2).
const HEADER_OVERHEAD_BYTES = 32;
// Room for the other headers of an answer without a message.
const OTHER_HEADERS_BYTES = 512;
// Node's HTTP/2 sends no larger block of headers, whatever the other side would take.
const HEADER_LIST_BYTES_MAX = 65_536;

/**
 * An error as the headers that end a call.
 *
 * What is more than the other side takes is left out, details first, then the message's end: the status itself must arrive.
 */
export function statusTrailers(error: RPCError, session: Http2Session | undefined): OutgoingHttpHeaders {
  const listBytesMax = session?.remoteSettings.maxHeaderListSize ?? HEADER_LIST_BYTES_MAX;
  let room = Math.min(listBytesMax, HEADER_LIST_BYTES_MAX) - OTHER_HEADERS_BYTES;
  const trailers: OutgoingHttpHeaders = { "grpc-status": String(error.status) };
  const add = (name: string, value: string): boolean => {
    const bytes = name.length + value.length + HEADER_OVERHEAD_BYTES;
    if (bytes > room) return false;
    trailers[name] = value;
    room -= bytes;
    return true;
  };
  const message = encodeMessage(error.message);
  const taken = room - "grpc-message".length - HEADER_OVERHEAD_BYTES;
  add("grpc-message", message.length <= taken ? message : cutMessage(message, taken));
  if (error.details.length > 0) add("grpc-status-details-bin", unpadded(error.grpcStatus));
  return trailers;
}

// Cuts no percent escape in two; half a character at the end is left to the reader's decoder.
function cutMessage(encoded: string, bytesMax: number): string {
  return encoded.slice(0, Math.max(0, bytesMax)).replace(/%.?$/, "");
}
