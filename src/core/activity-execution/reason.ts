import type { Payloads } from "../../proto/gen/common.ts";
import { utf8Bytes } from "../text/utf8.ts";

/** A text as JSON payloads, as the service hands reasons to callers. */
export function jsonPayloads(text: string): Payloads {
  return {
    payloads: [
      {
        metadata: { encoding: utf8Bytes("json/plain") },
        data: utf8Bytes(JSON.stringify(text)),
        externalPayloads: [],
      },
    ],
  };
}
