/** Address of callbacks that stay within the server. */
export const SYSTEM_CALLBACK_URL = "temporal://system";

/** Header by which a callback names what it completes; header names are in lower case everywhere. */
export const CALLBACK_TOKEN_HEADER = "temporal-callback-token";

/** A Nexus operation that waits for its handler to tell how it has ended: a workflow's, or a standalone one. */
export type CompletionTarget = WorkflowCompletionTarget | StandaloneCompletionTarget;

/** An operation that no workflow has scheduled. */
export interface StandaloneCompletionTarget {
  readonly kind: "standalone";
  readonly namespaceId: string;
  readonly operationId: string;
  readonly runId: string;
  readonly requestId: string;
}

/** An operation that a workflow has scheduled. */
export interface WorkflowCompletionTarget {
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
const STANDALONE = "s1";

/** The target as text that goes through the handler unread. */
export function encodeCallbackToken(target: CompletionTarget): string {
  return Buffer.from(JSON.stringify(toList(target))).toString("base64url");
}

function toList(target: CompletionTarget): readonly (string | number)[] {
  const { namespaceId, runId, requestId } = target;
  if (target.kind === "standalone") return [STANDALONE, namespaceId, target.operationId, runId, requestId];
  return [WORKFLOW, namespaceId, target.workflowId, runId, target.scheduledEventId, requestId];
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
  if (list[0] === STANDALONE) return toStandaloneTarget(list);
  const [sort, namespaceId, workflowId, runId, scheduledEventId, requestId]: unknown[] = list;
  if (sort !== WORKFLOW || !Number.isSafeInteger(scheduledEventId)) return undefined;
  if (typeof namespaceId !== "string" || typeof workflowId !== "string") return undefined;
  if (typeof runId !== "string" || typeof requestId !== "string") return undefined;
  return { kind: "workflow", namespaceId, workflowId, runId, scheduledEventId: Number(scheduledEventId), requestId };
}

function toStandaloneTarget(list: readonly unknown[]): StandaloneCompletionTarget | undefined {
  const [, namespaceId, operationId, runId, requestId] = list;
  if (typeof namespaceId !== "string" || typeof operationId !== "string") return undefined;
  if (typeof runId !== "string" || typeof requestId !== "string") return undefined;
  return { kind: "standalone", namespaceId, operationId, runId, requestId };
}
