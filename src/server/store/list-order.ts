import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import { StoreQueryError } from "./store-error.ts";
import type { VisibilityRow } from "./store.ts";
import { compareText } from "./text-order.ts";

/** Stands for the close time of an open run, so that open runs come first in a list. */
export const OPEN_CLOSE_KEY = Number.MAX_SAFE_INTEGER;

/** Place of a run in the default list. */
export interface ListPosition {
  readonly closeKey: number;
  readonly startTimeMs: number;
  readonly runId: string;
}

/** Where a row stands in the default list. */
export function listPosition(row: VisibilityRow): ListPosition {
  return {
    closeKey: row.closeTimeMs ?? OPEN_CLOSE_KEY,
    startTimeMs: row.startTimeMs,
    runId: row.runId,
  };
}

/** Negative when `left` is listed before `right`. */
export function compareListPositions(left: ListPosition, right: ListPosition): number {
  if (left.closeKey !== right.closeKey) return right.closeKey - left.closeKey;
  if (left.startTimeMs !== right.startTimeMs) return right.startTimeMs - left.startTimeMs;
  return compareText(right.runId, left.runId);
}

/** The page token that continues after a position. */
export function encodeListPosition(position: ListPosition): Uint8Array {
  return utf8Bytes(JSON.stringify([position.closeKey, position.startTimeMs, position.runId]));
}

/**
 * Reads a page token back.
 *
 * @throws {StoreQueryError} If the token is not one of {@link encodeListPosition}.
 */
export function decodeListPosition(token: Uint8Array): ListPosition {
  const fields = parseToken(token);
  if (Array.isArray(fields) && fields.length === 3) {
    const [closeKey, startTimeMs, runId] = fields as unknown[];
    if (typeof closeKey === "number" && typeof startTimeMs === "number" && typeof runId === "string") {
      return { closeKey, startTimeMs, runId };
    }
  }
  throw new StoreQueryError(
    "Cannot list runs: the page token is not one that this server gave out, expected the token of the page before",
  );
}

function parseToken(token: Uint8Array): unknown {
  try {
    return JSON.parse(utf8Text(token));
  } catch {
    return undefined;
  }
}
