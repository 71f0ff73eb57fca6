import type { Clock } from "../../core/time/clock.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import { BatchOperationState } from "../../proto/gen/enums.ts";
import type { Store } from "../store/store.ts";
import { BATCH_BLOB, batchWrite, decodeBatch, type BatchRecord, type BatchTarget } from "./batch-record.ts";
import { carryOutStep, type FindResetPoint, type Invoke } from "./batch-step.ts";

// Progress is written down after so many runs: a restart repeats no more than these.
const STEPS_PER_WRITE = 50;
// How many batch operations are remembered; the oldest that has ended goes first.
const RECORDS_MAX = 1_000;

/** What batch operations are carried out with. */
export interface BatchParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly invoke: Invoke;
  readonly findResetPoint: FindResetPoint;
  /** The runs that a request is about. */
  readonly findTargets: (record: BatchRecord) => readonly BatchTarget[];
}

/** Operations on many runs, one run after the other, kept in the store so that a restart goes on with them. */
export class Batches {
  readonly #parts: BatchParts;
  readonly #records = new Map<string, BatchRecord>();

  constructor(parts: BatchParts) {
    this.#parts = parts;
    for (const { value } of parts.store.blobs(BATCH_BLOB)) this.#remember(decodeBatch(value));
  }

  /** Goes on with what a stop has interrupted. Call once. */
  resume(): void {
    for (const [key, { state }] of this.#records) if (state === BatchOperationState.RUNNING) this.#run(key);
  }

  find(namespaceId: string, jobId: string): BatchRecord | undefined {
    return this.#records.get(`${namespaceId}/${jobId}`);
  }

  /** The batch operations of a namespace, the latest first. */
  list(namespaceId: string): readonly BatchRecord[] {
    return [...this.#records.values()].filter((record) => record.namespaceId === namespaceId).reverse();
  }

  /** Begins a batch operation. Resolves when it is durable; it is carried out after that. */
  async start(record: BatchRecord): Promise<void> {
    const key = this.#remember(record);
    await this.#write(record);
    this.#run(key);
  }

  /** Ends a batch operation before all runs have had their turn. */
  async stop(record: BatchRecord): Promise<void> {
    const closeMs = this.#parts.clock.now();
    await this.#change(record, { state: BatchOperationState.FAILED, closeMs });
  }

  #run(key: string): void {
    this.#carryOut(key).catch((error: unknown) => {
      this.#parts.logger.error("a batch operation was interrupted", { reason: String(error) });
    });
  }

  async #carryOut(key: string): Promise<void> {
    const { clock, findTargets } = this.#parts;
    const first = this.#records.get(key);
    if (first === undefined) return;
    const targets = first.targets ?? findTargets(first);
    await this.#change(first, { targets });
    for (let index = first.completed + first.failed; index < targets.length; index++) {
      const record = this.#records.get(key);
      const target = targets[index];
      if (record?.state !== BatchOperationState.RUNNING || target === undefined) return;
      const done = await this.#step(record, target);
      const change = done ? { completed: record.completed + 1 } : { failed: record.failed + 1 };
      const latest = this.#records.get(key) ?? record;
      if ((index + 1) % STEPS_PER_WRITE === 0) await this.#change(latest, change);
      else this.#remember({ ...latest, ...change });
      await this.#pause(record.request.maxOperationsPerSecond);
    }
    const last = this.#records.get(key);
    if (last?.state !== BatchOperationState.RUNNING) return;
    await this.#change(last, { state: BatchOperationState.COMPLETED, closeMs: clock.now() });
  }

  async #step(record: BatchRecord, target: BatchTarget): Promise<boolean> {
    const { invoke, findResetPoint, logger } = this.#parts;
    try {
      await carryOutStep(record, target, invoke, findResetPoint);
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn("a batch operation failed for a run", { jobId: record.request.jobId, ...target, reason });
      return false;
    }
  }

  #pause(perSecond: number): Promise<void> {
    if (perSecond <= 0) return Promise.resolve();
    const { clock } = this.#parts;
    return new Promise((resolve) => {
      clock.schedule(clock.now() + 1_000 / perSecond, resolve);
    });
  }

  async #change(record: BatchRecord, change: Partial<BatchRecord>): Promise<void> {
    const changed = { ...record, ...change };
    this.#remember(changed);
    await this.#write(changed);
  }

  #write(record: BatchRecord): Promise<void> {
    return this.#parts.store.commit({ runs: [], blobs: [batchWrite(record)] });
  }

  #remember(record: BatchRecord): string {
    const key = `${record.namespaceId}/${record.request.jobId}`;
    this.#records.set(key, record);
    for (const [oldKey, old] of this.#records) {
      if (this.#records.size <= RECORDS_MAX) break;
      if (old.state === BatchOperationState.RUNNING) continue;
      this.#records.delete(oldKey);
      // What a failed removal leaves behind is read and dropped again at the next start.
      this.#parts.store.commit({ runs: [], blobs: [{ ...batchWrite(old), value: null }] }).catch(() => {});
    }
    return key;
  }
}
