import type { Effect, ExecutionRequest, StepContext, StepRecord, StepReply } from "../../core/execution/contract.ts";
import { encodeOps } from "../../core/execution/record.ts";
import { newState } from "../../core/execution/state.ts";
import { step } from "../../core/execution/step.ts";
import { EventType } from "../../proto/gen/enums.ts";
import type { BlobWrite, RunKey, RunRecord, RunWrite } from "../store/store.ts";
import { EventTail } from "./event-tail.ts";
import type { Run } from "./run.ts";

/** What a transaction needs of the engine. */
export interface TransactionHost {
  readonly nowMs: () => number;
  readonly context: (namespaceId: string) => StepContext;
  readonly nextRunKey: () => RunKey;
  /** The run with this id or, without one, the run that the workflow id stands for. */
  readonly find: (namespaceId: string, workflowId: string, runId: string) => Run | undefined;
}

/** What a transaction has done to one run so far. */
export interface Draft {
  readonly run: Run;
  readonly records: RunRecord[];
  readonly created: boolean;
  closed: boolean;
  deleted: boolean;
  /** Whether what lists show of the run may have changed. */
  visible: boolean;
}

/** An effect and the run that caused it. */
export interface RunEffect {
  readonly run: Run;
  readonly effect: Effect;
}

// Events that change what lists show, besides the first one and closing.
const visibleEvents = new Set<number>([
  EventType.UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
  EventType.WORKFLOW_PROPERTIES_MODIFIED,
  EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED,
  EventType.WORKFLOW_EXECUTION_PAUSED,
  EventType.WORKFLOW_EXECUTION_UNPAUSED,
]);

/**
 * Steps of one run or several that become durable together.
 *
 * The live states are ahead from the first step on; whoever gives a transaction up must drop them (the engine does).
 */
export class Transaction {
  readonly #host: TransactionHost;
  readonly #drafts = new Map<RunKey, Draft>();
  readonly #created = new Map<string, Run>();
  readonly #effects: RunEffect[] = [];
  readonly #blobs: BlobWrite[] = [];
  readonly #writes: RunWrite[] = [];
  readonly #followUps: (() => void)[] = [];

  constructor(host: TransactionHost) {
    this.#host = host;
  }

  get drafts(): ReadonlyMap<RunKey, Draft> {
    return this.#drafts;
  }

  get blobs(): readonly BlobWrite[] {
    return this.#blobs;
  }

  /** Writes of what is kept like runs, but is no workflow's. */
  get writes(): readonly RunWrite[] {
    return this.#writes;
  }

  get nowMs(): number {
    return this.#host.nowMs();
  }

  /** The run with this id or, with an empty one, the run that the workflow id stands for; runs made here included. */
  find(namespaceId: string, workflowId: string, runId: string): Run | undefined {
    const created = this.#created.get(`${namespaceId}/${workflowId}`);
    if (created !== undefined && (runId === "" || runId === created.runId)) return created;
    return this.#host.find(namespaceId, workflowId, runId);
  }

  /** Makes a run that its workflow id stands for from now on; its first step must be a start. */
  create(namespaceId: string, workflowId: string, runId: string): Run {
    const run: Run = {
      key: this.#host.nextRunKey(),
      namespaceId,
      workflowId,
      runId,
      state: newState(),
      tail: new EventTail(1),
      recordsSinceSnapshot: 0,
    };
    this.#drafts.set(run.key, { run, records: [], created: true, closed: false, deleted: false, visible: true });
    this.#created.set(`${namespaceId}/${workflowId}`, run);
    return run;
  }

  /**
   * Applies a request to a run.
   *
   * @throws {ExecutionError} If the run refuses it; then nothing has changed.
   */
  step(run: Run, request: ExecutionRequest): StepReply {
    const { searchAttributes } = run.state;
    const { record, effects, reply } = step(run.state, request, this.#host.context(run.namespaceId));
    if (record.events.length > 0 || record.ops.length > 0) this.#record(run, record);
    // The service sets some by itself, without an event.
    if (run.state.searchAttributes !== searchAttributes) this.#draft(run).visible = true;
    for (const effect of effects) {
      if (effect.kind === "closed") this.#draft(run).closed = true;
      this.#effects.push({ run, effect });
    }
    return reply;
  }

  /** Removes the run with all that is kept of it. */
  delete(run: Run): void {
    this.#draft(run).deleted = true;
  }

  /** Adds the write of a blob that belongs to the change. */
  writeBlob(blob: BlobWrite): void {
    this.#blobs.push(blob);
  }

  /** A key for something that is kept like a run. */
  newRunKey(): RunKey {
    return this.#host.nextRunKey();
  }

  /** Adds the write of something that is kept like a run, but is no workflow's. */
  writeRun(write: RunWrite): void {
    this.#writes.push(write);
  }

  /** Has something done when the change is with the store; not at all if it is given up. */
  afterCommit(followUp: () => void): void {
    this.#followUps.push(followUp);
  }

  get followUps(): readonly (() => void)[] {
    return this.#followUps;
  }

  /** Takes out the effects that have not been carried out yet. */
  takeEffects(): readonly RunEffect[] {
    return this.#effects.splice(0);
  }

  #record(run: Run, { firstEventId, events, ops }: StepRecord): void {
    const draft = this.#draft(run);
    const encoded: Uint8Array[] = [];
    for (const { event, bytes } of events) {
      encoded.push(bytes);
      run.tail.append(bytes);
      if (visibleEvents.has(event.eventType)) draft.visible = true;
    }
    draft.records.push({ firstEventId, events: encoded, ops: encodeOps(ops) });
    run.recordsSinceSnapshot += 1;
  }

  #draft(run: Run): Draft {
    const known = this.#drafts.get(run.key);
    if (known !== undefined) return known;
    const draft: Draft = { run, records: [], created: false, closed: false, deleted: false, visible: false };
    this.#drafts.set(run.key, draft);
    return draft;
  }
}
