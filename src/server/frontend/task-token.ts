import { utf8Bytes } from "../../core/text/utf8.ts";
import type { RunKey } from "../store/store.ts";

/** A workflow task that a worker holds. */
export interface WorkflowTaskClaim {
  readonly kind: "workflow";
  readonly namespaceId: string;
  readonly runKey: RunKey;
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: number;
  readonly startedEventId: number;
  readonly attempt: number;
}

/** An attempt of an activity that a worker holds. */
export interface ActivityTaskClaim {
  readonly kind: "activity";
  readonly namespaceId: string;
  readonly runKey: RunKey;
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: number;
  readonly startedEventId: number;
  readonly attempt: number;
}

/** An attempt of a standalone activity that a worker holds. */
export interface StandaloneActivityTaskClaim {
  readonly kind: "standaloneActivity";
  readonly namespaceId: string;
  readonly runKey: RunKey;
  readonly runId: string;
  readonly attempt: number;
  readonly stamp: number;
}

/** A query that a worker was asked directly. */
export interface QueryTaskClaim {
  readonly kind: "query";
  readonly namespaceId: string;
  readonly id: string;
}

/** A request to a Nexus endpoint that a worker serves. */
export interface NexusTaskClaim {
  readonly kind: "nexus";
  readonly namespaceId: string;
  readonly id: string;
}

/** What a task token says. Workers hand it back unread. */
export type TaskClaim =
  | WorkflowTaskClaim
  | ActivityTaskClaim
  | StandaloneActivityTaskClaim
  | QueryTaskClaim
  | NexusTaskClaim;

// The first item tells the sort and, by its version, lets tokens of older servers be refused cleanly.
const WORKFLOW = "w1";
const ACTIVITY = "a1";
const STANDALONE_ACTIVITY = "s1";
const QUERY = "q1";
const NEXUS = "n1";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The claim as a token. */
export function encodeTaskToken(claim: TaskClaim): Uint8Array {
  return utf8Bytes(JSON.stringify(toList(claim)));
}

function toList(claim: TaskClaim): readonly (string | number)[] {
  if (claim.kind === "query") return [QUERY, claim.namespaceId, claim.id];
  if (claim.kind === "standaloneActivity") {
    const { namespaceId, runKey, runId, attempt, stamp } = claim;
    return [STANDALONE_ACTIVITY, namespaceId, runKey, runId, attempt, stamp];
  }
  if (claim.kind === "nexus") return [NEXUS, claim.namespaceId, claim.id];
  return [
    claim.kind === "workflow" ? WORKFLOW : ACTIVITY,
    claim.namespaceId,
    claim.runKey,
    claim.workflowId,
    claim.runId,
    claim.scheduledEventId,
    claim.startedEventId,
    claim.attempt,
  ];
}

/** Reads a token; `undefined` if it is none of ours. */
export function decodeTaskToken(token: Uint8Array): TaskClaim | undefined {
  let list: unknown;
  try {
    list = JSON.parse(decoder.decode(token));
  } catch {
    return undefined;
  }
  if (!Array.isArray(list)) return undefined;
  const [sort, namespaceId, ...rest]: unknown[] = list;
  if (typeof namespaceId !== "string") return undefined;
  if (sort === QUERY || sort === NEXUS) {
    const [id] = rest;
    return typeof id === "string" ? { kind: sort === QUERY ? "query" : "nexus", namespaceId, id } : undefined;
  }
  if (sort === STANDALONE_ACTIVITY) return toStandaloneClaim(namespaceId, rest);
  if (sort !== WORKFLOW && sort !== ACTIVITY) return undefined;
  const [runKey, workflowId, runId, scheduledEventId, startedEventId, attempt] = rest;
  if (typeof workflowId !== "string" || typeof runId !== "string") return undefined;
  if (!isCount(runKey) || !isCount(scheduledEventId) || !isEventId(startedEventId) || !isCount(attempt)) {
    return undefined;
  }
  const kind = sort === WORKFLOW ? "workflow" : "activity";
  return { kind, namespaceId, runKey, workflowId, runId, scheduledEventId, startedEventId, attempt };
}

function toStandaloneClaim(namespaceId: string, rest: readonly unknown[]): StandaloneActivityTaskClaim | undefined {
  const [runKey, runId, attempt, stamp] = rest;
  if (!isCount(runKey) || typeof runId !== "string" || !isCount(attempt) || !isCount(stamp)) return undefined;
  return { kind: "standaloneActivity", namespaceId, runKey, runId, attempt, stamp };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

// Ids of started events that are not in history yet are negative.
function isEventId(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
