import { utf8Bytes } from "../../core/text/utf8.ts";
import type { RunKey } from "../store/store.ts";

/** The state of a standalone execution that a caller has seen. */
export interface SeenExecution {
  readonly key: RunKey;
  readonly transitions: number;
}

const VERSION = "p1";
const decoder = new TextDecoder("utf-8", { fatal: true });

/** What has been seen as a token, with which a caller waits for what comes after it. */
export function encodePollToken({ key, transitions }: SeenExecution): Uint8Array {
  return utf8Bytes(JSON.stringify([VERSION, key, transitions]));
}

/** Reads a token; `undefined` if it is none of ours. */
export function decodePollToken(token: Uint8Array): SeenExecution | undefined {
  let list: unknown;
  try {
    list = JSON.parse(decoder.decode(token));
  } catch {
    return undefined;
  }
  if (!Array.isArray(list)) return undefined;
  const [version, key, transitions]: unknown[] = list;
  if (version !== VERSION || !Number.isSafeInteger(key) || !Number.isSafeInteger(transitions)) return undefined;
  return { key: key as number, transitions: transitions as number };
}
