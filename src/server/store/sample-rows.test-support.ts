import type { Commit, RunKey, RunRecord, RunWrite, VisibilityRow } from "./store.ts";

const encoder = new TextEncoder();

/** Bytes that read as text, so that a failed expectation can be understood. */
export function bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** A visibility row with every column filled. */
export function visibilityRow(changes: Partial<VisibilityRow> = {}): VisibilityRow {
  return {
    namespaceId: "namespace-1",
    workflowId: "workflow-1",
    runId: "run-1",
    workflowType: "greet",
    taskQueue: "queue",
    status: 1,
    startTimeMs: 1_700_000_000_000,
    executionTimeMs: 1_700_000_000_500,
    closeTimeMs: null,
    historyLength: 3,
    historySizeBytes: 512,
    stateTransitionCount: 2,
    parentWorkflowId: null,
    parentRunId: null,
    rootWorkflowId: "workflow-1",
    rootRunId: "run-1",
    searchAttributes: {},
    memo: bytes("memo"),
    encodedSearchAttributes: bytes("attributes"),
    ...changes,
  };
}

/** The write that makes a run known, as the current one of its workflow id. */
export function createRun(key: RunKey, changes: Partial<VisibilityRow> = {}): RunWrite {
  const row = visibilityRow({ workflowId: `workflow-${key}`, runId: `run-${key}`, ...changes });
  const { namespaceId, workflowId, runId } = row;
  return { key, create: { namespaceId, workflowId, runId, current: true }, visibility: row };
}

/** A record of events that say their own ids. */
export function eventRecord(firstEventId: number, count: number, ops = ""): RunRecord {
  const events = Array.from({ length: count }, (_, index) => bytes(`event ${firstEventId + index}`));
  return { firstEventId, events, ops: bytes(ops) };
}

/** A commit of one run's write. */
export function commitOf(...runs: readonly RunWrite[]): Commit {
  return { runs };
}

/** Texts of encoded events. */
export function texts(events: readonly Uint8Array[]): readonly string[] {
  return events.map((event) => new TextDecoder().decode(event));
}
