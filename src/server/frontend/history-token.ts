import { utf8Bytes } from "../../core/text/utf8.ts";
/** How far a caller has come in reading a history. */
export interface HistoryPosition {
  readonly runId: string;
  /** First event of the next page. */
  readonly fromEventId: number;
  /** End of what the caller reads, exclusive. */
  readonly toEventId: number;
  /** Whether the run was open when the position was given out. */
  readonly open: boolean;
  /** Events that follow the last page without being in history: a workflow task that is not written yet. */
  readonly suffix: readonly Uint8Array[];
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The position as a page token. */
export function encodePosition({ runId, fromEventId, toEventId, open, suffix }: HistoryPosition): Uint8Array {
  const encodedSuffix = suffix.map((event) => Buffer.from(event).toString("base64"));
  return utf8Bytes(JSON.stringify(["h1", runId, fromEventId, toEventId, open, ...encodedSuffix]));
}

/** Reads a page token; `undefined` if it is none of ours. */
export function decodePosition(token: Uint8Array): HistoryPosition | undefined {
  let list: unknown;
  try {
    list = JSON.parse(decoder.decode(token));
  } catch {
    return undefined;
  }
  if (!Array.isArray(list)) return undefined;
  const [sort, runId, fromEventId, toEventId, open, ...suffix]: unknown[] = list;
  if (sort !== "h1" || typeof runId !== "string" || typeof open !== "boolean") return undefined;
  if (!isEventId(fromEventId) || !isEventId(toEventId)) return undefined;
  if (!suffix.every((event) => typeof event === "string")) return undefined;
  return {
    runId,
    fromEventId,
    toEventId,
    open,
    suffix: suffix.map((event) => new Uint8Array(Buffer.from(event, "base64"))),
  };
}

function isEventId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
