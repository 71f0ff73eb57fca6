/** Address of callbacks that stay within the server. */
export const SYSTEM_CALLBACK_URL = "temporal://system";

/** Header by which a callback names what it completes; header names are in lower case everywhere. */
export const CALLBACK_TOKEN_HEADER = "temporal-callback-token";

/** A Nexus operation that waits for its handler to tell how it has ended. */
export interface CompletionTarget {
  readonly kind: "workflow";
  readonly namespaceId: string;
  readonly workflowId: string;
  /** The run that scheduled the operation; since a reset it may be another one. */
  readonly runId: string;
  readonly scheduledEventId: number;
  readonly requestId: string;
}

// The first item tells the sort and, by its version, lets tokens of older servers be refused cleanly.
const WORKFLOW = "w1";

/** The target as text that goes through the handler unread. */
export function encodeCallbackToken(target: CompletionTarget): string {
  const { namespaceId, workflowId, runId, scheduledEventId, requestId } = target;
  const list = [WORKFLOW, namespaceId, workflowId, runId, scheduledEventId, requestId];
  return Buffer.from(JSON.stringify(list)).toString("base64url");
}

/** Reads a token; undefined if it is none of ours. */
export function decodeCallbackToken(token: string): CompletionTarget | undefined {
  let list: unknown;
  try {
    list = JSON.parse(Buffer.from(token, "base64url").toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(list)) return undefined;
  const [sort, namespaceId, workflowId, runId, scheduledEventId, requestId]: unknown[] = list;
  if (sort !== WORKFLOW || !Number.isSafeInteger(scheduledEventId)) return undefined;
  if (typeof namespaceId !== "string" || typeof workflowId !== "string") return undefined;
  if (typeof runId !== "string" || typeof requestId !== "string") return undefined;
  return { kind: "workflow", namespaceId, workflowId, runId, scheduledEventId: Number(scheduledEventId), requestId };
}
