import { Reader, WireFormatError, Writer } from "../../proto/wire.ts";
import type { RunKey } from "../store/store.ts";

/** A workflow task that a worker holds. */
export interface WorkflowTaskClaim {
  readonly kind: "workflow";
  readonly namespaceId: string;
  /** Absent from a token that another service gave out. */
  readonly runKey?: RunKey;
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
  /** Absent from a token that another service gave out. */
  readonly runKey?: RunKey;
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

/** What a call takes a token for. A token does not say that of itself, as with the service: whoever takes it knows. */
export type TokenUse = "workflow" | "activity" | "query" | "nexus";

/** What a token says to a call that takes it for `Use`. */
export type ClaimOf<Use extends TokenUse> = Use extends "activity"
  ? ActivityTaskClaim | StandaloneActivityTaskClaim
  : Extract<TaskClaim, { kind: Use }>;

// Fields are numbered as the service numbers those of its own tokens, so that a token means the same to both. A query's
// and a Nexus request's id has the number of a run's.
const NAMESPACE_ID = 1;
const WORKFLOW_ID = 2;
const ID = 3;
const SCHEDULED_EVENT_ID = 4;
const ATTEMPT = 5;
const STARTED_EVENT_ID = 10;
/** What tells a standalone activity from a workflow's. */
const COMPONENT = 14;
const STAMP = 15;
/** Ours alone: where the run is kept. */
const RUN_KEY = 1000;

const VARINT = 0;
const LENGTH_DELIMITED = 2;

const writer = new Writer();

/** The claim as a token. */
export function encodeTaskToken(claim: TaskClaim): Uint8Array {
  writeText(NAMESPACE_ID, claim.namespaceId);
  if (claim.kind === "query" || claim.kind === "nexus") {
    writeText(ID, claim.id);
    return writer.finish();
  }
  writeText(ID, claim.runId);
  writeNumber(ATTEMPT, claim.attempt);
  if (claim.kind === "standaloneActivity") {
    writeText(COMPONENT, claim.kind);
    writeNumber(STAMP, claim.stamp);
  } else {
    writeText(WORKFLOW_ID, claim.workflowId);
    writeNumber(SCHEDULED_EVENT_ID, claim.scheduledEventId);
    // Ids of started events that are not in history yet are negative.
    writeNumber(STARTED_EVENT_ID, claim.startedEventId);
  }
  if (claim.runKey !== undefined) writeNumber(RUN_KEY, claim.runKey);
  return writer.finish();
}

function writeText(field: number, text: string): void {
  writer.uint32((field << 3) | LENGTH_DELIMITED);
  writer.string(text);
}

function writeNumber(field: number, value: number): void {
  writer.uint32((field << 3) | VARINT);
  writer.int64(value);
}

/** Reads a token; `undefined` if it cannot be read. */
export function decodeTaskToken<Use extends TokenUse>(use: Use, token: Uint8Array): ClaimOf<Use> | undefined;
export function decodeTaskToken(use: TokenUse, token: Uint8Array): TaskClaim | undefined {
  const fields = readFields(token);
  if (fields === undefined) return undefined;
  const text = (field: number) => fields.texts.get(field) ?? "";
  const count = (field: number) => fields.numbers.get(field) ?? 0;
  const namespaceId = text(NAMESPACE_ID);
  if (use === "query" || use === "nexus") return { kind: use, namespaceId, id: text(ID) };
  const runId = text(ID);
  const attempt = count(ATTEMPT);
  const runKey = fields.numbers.get(RUN_KEY);
  if (use === "activity" && text(COMPONENT) !== "") {
    if (runKey === undefined) return undefined;
    return { kind: "standaloneActivity", namespaceId, runKey, runId, attempt, stamp: count(STAMP) };
  }
  return {
    kind: use,
    namespaceId,
    ...(runKey !== undefined && { runKey }),
    workflowId: text(WORKFLOW_ID),
    runId,
    scheduledEventId: count(SCHEDULED_EVENT_ID),
    startedEventId: count(STARTED_EVENT_ID),
    attempt,
  };
}

interface TokenFields {
  readonly texts: ReadonlyMap<number, string>;
  readonly numbers: ReadonlyMap<number, number>;
}

function readFields(token: Uint8Array): TokenFields | undefined {
  const reader = new Reader(token);
  const texts = new Map<number, string>();
  const numbers = new Map<number, number>();
  try {
    while (reader.pos < reader.end) {
      const tag = reader.uint32();
      const field = tag >>> 3;
      const wireType = tag & 7;
      if (field === 0) return undefined;
      if (wireType === LENGTH_DELIMITED) texts.set(field, reader.string());
      else if (wireType === VARINT) numbers.set(field, reader.int64());
      else reader.unknown(tag, undefined);
    }
  } catch (error) {
    if (error instanceof WireFormatError) return undefined;
    throw error;
  }
  return { texts, numbers };
}
