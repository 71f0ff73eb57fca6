import type { ExecutionRequest, StepContext, StepReply } from "../../core/execution/contract.ts";
import { nextDeadlineMs } from "../../core/execution/deadline.ts";
import { snapshot } from "../../core/execution/snapshot.ts";
import { searchAttributesFault } from "../namespaces/search-attribute-fault.ts";
import type { CommitOptions, EventRange, RunAddress, RunKey, RunWrite } from "../store/store.ts";
import { DeadlineHeap } from "../timers/deadline-heap.ts";
import { carryOut } from "./effects.ts";
import { EngineFailedError } from "./engine-error.ts";
import {
  CACHED_RUNS_DEFAULT,
  isForOthers,
  type EngineParts,
  type TaskEffect,
  type UpdateEffect,
} from "./engine-parts.ts";
import { CallbackRuns } from "./callback-runs.ts";
import { loadRun, recoverClosedRun, recoverRuns, type RecoveredRun } from "./recovery.ts";
import type { Run } from "./run.ts";
import { RunCache } from "./run-cache.ts";
import { Transaction, type Draft, type TransactionHost } from "./transaction.ts";
import { toVisibilityRow, typedAttributes } from "./visibility-row.ts";
import { Watchers } from "./watchers.ts";

// Recovery folds at most so many records of a run.
const RECORDS_PER_SNAPSHOT = 200;
// A run pushed out of memory is worth a snapshot if its return would fold more than this.
const RECORDS_FOLDED_CHEAPLY = 32;

/** Result of a transaction. The value may be told to callers only when `committed` has resolved. */
export interface Outcome<T> {
  readonly value: T;
  readonly committed: Promise<void>;
}

/** Something to tell when its transaction is with the store. */
interface LaterEffect {
  readonly run: Run;
  readonly effect: TaskEffect | UpdateEffect;
}

/**
 * Owns all runs: the only writer of their state.
 *
 * A transaction is synchronous: states in memory are ahead at once, and commits reach the store in the order they were
 * made. When one fails the engine stops for good, because memory is then ahead of the disk.
 */
export class Engine {
  readonly watchers = new Watchers();
  readonly #parts: EngineParts;
  readonly #cache: RunCache;
  readonly #deadlines: DeadlineHeap;
  readonly #callbackRuns = new CallbackRuns();
  readonly #host: TransactionHost;
  #lastRunKey: RunKey;
  #lastCommit: Promise<void> = Promise.resolve();
  #failure: EngineFailedError | undefined;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#cache = new RunCache(parts.cachedRunsMax ?? CACHED_RUNS_DEFAULT);
    this.#deadlines = new DeadlineHeap(parts.clock, (key) => this.#tick(key));
    this.#lastRunKey = parts.store.lastRunKey();
    this.#host = {
      context: (namespaceId) => this.#context(namespaceId),
      nextRunKey: () => ++this.#lastRunKey,
      nowMs: () => parts.clock.now(),
      find: (namespaceId, workflowId, runId) => this.find(namespaceId, workflowId, runId),
    };
  }

  /** Takes up all open runs: their deadlines and the tasks that wait for workers. Call once, before anything else. */
  open(): void {
    let runs = 0;
    for (const recovered of recoverRuns(this.#parts.store, this.#parts.onRecovered)) {
      runs += 1;
      this.#takeUp(recovered);
      this.#parts.onChanged?.(recovered.run, false);
      this.#cache.takeSurplus();
    }
    for (const key of this.#callbackRuns.open(this.#parts.store)) {
      const recovered = recoverClosedRun(this.#parts.store, key);
      if (recovered?.run.state.phase === "closed") this.#takeUp(recovered);
    }
    if (runs > 0) this.#parts.logger.info("recovered open runs", { runs });
  }

  #takeUp({ run, tasks, outside }: RecoveredRun): void {
    this.#cache.add(run);
    this.#deadlines.set(run.key, nextDeadlineMs(run.state));
    for (const task of tasks) this.#parts.offer(run, task);
    if (outside.length === 0) return;
    this.transact((transaction) => {
      for (const effect of outside) this.#parts.onNexus?.(transaction, run, effect);
    });
  }

  /** The run with this id or, with an empty one, the run that the workflow id stands for. */
  find(namespaceId: string, workflowId: string, runId: string): Run | undefined {
    const { store } = this.#parts;
    const address =
      runId === "" ? store.findCurrentRun(namespaceId, workflowId) : store.findRun(namespaceId, workflowId, runId);
    return address === undefined ? undefined : this.load(address.key);
  }

  /** The live run, restored if need be; `undefined` if there is none with this key. */
  load(key: RunKey): Run | undefined {
    this.#assertWorking();
    const live = this.#cache.get(key);
    if (live !== undefined) return live;
    const run = loadRun(this.#parts.store, key);
    if (run === undefined) return undefined;
    this.#cache.add(run);
    this.#evict();
    return run;
  }

  /** Encoded events of a run, from memory where they are there. */
  readEvents(run: Run, range: EventRange): readonly Uint8Array[] {
    const { fromEventId, toEventId, maxEvents } = range;
    const held = toEventId - fromEventId <= maxEvents ? run.tail.read(fromEventId, toEventId) : undefined;
    return held ?? this.#parts.store.readEvents(run.key, range);
  }

  /** Applies one request to a run, and all that follows from it to others. */
  apply(run: Run, request: ExecutionRequest, options?: CommitOptions): Outcome<StepReply> {
    return this.transact((transaction) => transaction.step(run, request), options);
  }

  /**
   * Makes a change durable as a whole.
   *
   * @throws What `work` throws; then nothing has changed.
   */
  transact<T>(work: (transaction: Transaction) => T, options?: CommitOptions): Outcome<T> {
    this.#assertWorking();
    const transaction = new Transaction(this.#host);
    const later: LaterEffect[] = [];
    let value: T;
    try {
      value = work(transaction);
      this.#carryOut(transaction, later);
    } catch (error) {
      // The next use restores these runs as they were before.
      for (const key of transaction.drafts.keys()) this.#cache.drop(key);
      throw error;
    }
    const committed = this.#commit(transaction, options);
    for (const followUp of transaction.followUps) followUp();
    const { offer, onUpdate } = this.#parts;
    for (const { run, effect } of later) {
      if (effect.kind === "dispatchWorkflowTask" || effect.kind === "dispatchActivityTask") offer(run, effect);
      else onUpdate(run, effect);
    }
    return { value, committed };
  }

  /** Removes closed runs without looking into them. */
  deleteRuns(runs: readonly RunAddress[]): void {
    this.#assertWorking();
    for (const { key } of runs) this.#cache.drop(key);
    const blobs = this.#callbackRuns.forget(runs.map(({ key }) => key));
    for (const { key } of runs) this.#deadlines.set(key, undefined);
    const commit = this.#parts.store.commit({ runs: runs.map(({ key }) => ({ key, deleted: true })), blobs });
    this.#lastCommit = commit;
    commit.catch((error: unknown) => this.#fail(error));
  }

  /** When a run next needs time to have passed, in milliseconds since the epoch; `undefined` if none does. */
  get nextDeadlineMs(): number | undefined {
    return this.#deadlines.nextMs;
  }

  /** Resolves when all that has happened so far is durable. */
  get durable(): Promise<void> {
    return this.#lastCommit;
  }

  /** Writes snapshots of all live runs, so that the next start folds little, and stops. The store stays open. */
  async close(): Promise<void> {
    this.#deadlines.close();
    if (this.#failure === undefined) {
      const runs = [...this.#cache.values()]
        .filter(({ recordsSinceSnapshot }) => recordsSinceSnapshot > 0)
        .map(({ key, state }) => ({ key, snapshot: snapshot(state) }));
      if (runs.length > 0) await this.#parts.store.commit({ runs });
    }
    this.#failure ??= new EngineFailedError("Cannot serve call: the server is stopping");
    this.watchers.notifyAll();
  }

  /** Carries out what steps bring about in other runs, until nothing more comes of it; keeps the rest for later. */
  #carryOut(transaction: Transaction, later: LaterEffect[]): void {
    let effects = transaction.takeEffects();
    while (effects.length > 0) {
      for (const { run, effect } of effects) {
        if (isForOthers(effect)) later.push({ run, effect });
        else carryOut(transaction, this.#parts, run, effect);
      }
      effects = transaction.takeEffects();
    }
  }

  #commit(transaction: Transaction, options?: CommitOptions): Promise<void> {
    const { drafts, blobs, writes } = transaction;
    if (drafts.size === 0 && blobs.length === 0 && writes.length === 0) return this.#lastCommit;
    const runs: RunWrite[] = [...writes];
    for (const draft of drafts.values()) runs.push(this.#toWrite(draft));
    const noted = this.#callbackRuns.note([...drafts.values()]);
    const commit = this.#parts.store.commit({ runs, blobs: [...blobs, ...noted] }, options);
    this.#lastCommit = commit;
    commit.catch((error: unknown) => this.#fail(error));
    for (const { run, closed, deleted } of drafts.values()) {
      if (deleted) this.#cache.drop(run.key);
      else this.#cache.add(run);
      const over = closed || deleted;
      this.#deadlines.set(run.key, deleted ? undefined : nextDeadlineMs(run.state));
      if (over) this.#parts.onClosed(run);
      this.#parts.onChanged?.(run, over);
      this.watchers.notify(run.key);
    }
    this.#evict();
    return commit;
  }

  #toWrite({ run, records, created, closed, deleted, visible }: Draft): RunWrite {
    const { key, namespaceId, workflowId, runId, state } = run;
    if (deleted) return { key, deleted: true };
    const due = run.recordsSinceSnapshot >= RECORDS_PER_SNAPSHOT;
    if (due) run.recordsSinceSnapshot = 0;
    return {
      key,
      ...(created ? { create: { namespaceId, workflowId, runId, current: true } } : {}),
      ...(records.length > 0 ? { records } : {}),
      ...(due ? { snapshot: snapshot(state) } : {}),
      ...(visible || closed ? { visibility: toVisibilityRow(run, this.#parts.namespaces.findById(namespaceId)) } : {}),
      ...(closed ? { closed } : {}),
    };
  }

  #evict(): void {
    const surplus = this.#cache.takeSurplus();
    if (surplus.length === 0) return;
    const runs: RunWrite[] = [];
    for (const { key, state, recordsSinceSnapshot } of surplus) {
      if (recordsSinceSnapshot > RECORDS_FOLDED_CHEAPLY) runs.push({ key, snapshot: snapshot(state) });
    }
    if (runs.length > 0) this.#parts.store.commit({ runs }).catch((error: unknown) => this.#fail(error));
  }

  #tick(key: RunKey): void {
    if (this.#failure !== undefined) return;
    const { logger } = this.#parts;
    try {
      const run = this.load(key);
      if (run !== undefined) this.apply(run, { kind: "tick" });
    } catch (error) {
      logger.error("cannot carry out what is due in a run", { runKey: key, reason: String(error) });
    }
  }

  #context(namespaceId: string): StepContext {
    const { clock, limits, namespaces, newId, nexusEndpointId, servesQueue, systemOperationFault } = this.#parts;
    const namespace = namespaces.findById(namespaceId);
    return {
      nowMs: clock.now(),
      newId,
      limits,
      namespaceId: (name) => namespaces.find(name)?.id,
      ...(servesQueue === undefined
        ? {}
        : { servesQueue: (taskQueue, version) => servesQueue(namespaceId, taskQueue, version) }),
      ...(nexusEndpointId === undefined ? {} : { nexusEndpointId }),
      ...(systemOperationFault === undefined ? {} : { systemOperationFault }),
      ...(namespace === undefined
        ? {}
        : {
            searchAttributesFault: (attributes) => searchAttributesFault(namespace, attributes),
            typedSearchAttributes: (attributes) => typedAttributes(attributes, namespace),
          }),
    };
  }

  #assertWorking(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#failure = new EngineFailedError(
      `Cannot serve calls any more: a write to the store failed (${reason}); restart the server`,
      { cause: error },
    );
    this.#parts.logger.error("a write to the store failed: the server has stopped", { reason });
    this.#deadlines.close();
    this.watchers.notifyAll();
  }
}
