import { type TimeoutType } from "../../proto/gen/enums.ts";
import { Failure } from "../../proto/gen/failure.ts";
import { utf8Bytes, utf8Length, utf8Text } from "../text/utf8.ts";

/** A failure is kept for the next attempt up to this size. */
const KEPT_FAILURE_MAX_BYTES = 4 * 1024;
const CAUSE_DEPTH_MAX = 20;

/** A timeout that the server found. */
export function timeoutFailure(message: string, timeoutType: TimeoutType): Failure {
  return Failure.create({
    message,
    source: "Server",
    failureInfo: { case: "timeoutFailureInfo", value: { timeoutType } },
  });
}

/** A failure of the server's own. */
export function serverFailure(message: string, cause?: Failure): Failure {
  const failure = Failure.create({
    message,
    failureInfo: { case: "serverFailureInfo", value: { nonRetryable: false } },
  });
  failure.cause = cause;
  return failure;
}

/** A failure as it is kept between attempts: as it is, or cut down if it is large. */
export function keptFailure(failure: Failure | undefined): Failure | undefined {
  if (failure === undefined || Failure.encode(failure).length <= KEPT_FAILURE_MAX_BYTES) return failure;
  return serverFailure(
    "Failure exceeds size limit.",
    truncate(failure, { bytes: KEPT_FAILURE_MAX_BYTES }, CAUSE_DEPTH_MAX),
  );
}

/** Spends what is left on texts in order of importance. */
function truncate(failure: Failure, left: { bytes: number }, depth: number): Failure {
  const cut = (text: string): string => {
    const kept = truncateText(text, Math.max(0, left.bytes));
    left.bytes -= utf8Length(kept) + (kept === "" ? 0 : 4);
    return kept;
  };
  const info = failure.failureInfo;
  let failureInfo: Failure["failureInfo"];
  if (info?.case === "applicationFailureInfo") {
    const { nonRetryable, type } = info.value;
    failureInfo = {
      case: info.case,
      value: {
        nonRetryable,
        type: cut(type),
        details: undefined,
        nextRetryDelay: undefined,
        category: 0,
      },
    };
    left.bytes -= 8;
  } else if (info?.case === "serverFailureInfo") {
    failureInfo = info;
    left.bytes -= 4;
  }
  const source = cut(failure.source);
  const message = cut(failure.message);
  const stackTrace = cut(failure.stackTrace);
  left.bytes -= 4;
  const cause =
    failure.cause !== undefined && left.bytes > 0 && depth > 0 ? truncate(failure.cause, left, depth - 1) : undefined;
  return { message, source, stackTrace, cause, encodedAttributes: undefined, failureInfo };
}

function truncateText(text: string, maxBytes: number): string {
  const bytes = utf8Bytes(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  // A byte 10xxxxxx continues a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return utf8Text(bytes.subarray(0, end));
}
