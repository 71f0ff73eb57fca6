import type { Clock } from "../../core/time/clock.ts";
import type { Engine } from "../history/engine.ts";
import type { Transaction } from "../history/transaction.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Namespaces } from "../namespaces/namespaces.ts";
import type { RunAddress, RunKey, Store, StoredRun, VisibilityRow } from "../store/store.ts";
import { DeadlineHeap } from "../timers/deadline-heap.ts";
import { divisionOf, splitDivision, type Division } from "./division.ts";

// States are written whenever they change, so that any of them may leave memory.
const STATES_CACHED_MAX = 4_000;

/** A standalone execution whose state is in memory. */
export interface LiveExecution<State> {
  readonly key: RunKey;
  readonly namespaceId: string;
  readonly id: string;
  readonly runId: string;
  readonly state: State;
}

/** What there is to know of one sort of standalone executions. */
export interface ExecutionSort<State> {
  readonly division: Division;
  readonly encode: (state: State) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => State;
  readonly isClosed: (state: State) => boolean;
  /** When time next brings something about, in milliseconds since the epoch. */
  readonly deadlineMs: (state: State) => number | undefined;
  /** What lists show. */
  readonly toRow: (execution: LiveExecution<State>, namespace: Namespace | undefined) => VisibilityRow;
}

/** What standalone executions are kept with. */
export interface LiveExecutionsParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly namespaces: Namespaces;
  readonly clock: Clock;
}

/** Whoever has to do with changes of executions. */
export interface ExecutionListener<State> {
  /** An execution's deadline has come. */
  readonly onDue: (execution: LiveExecution<State>) => void;
  /** An execution has changed, was taken up at the start, or is `over`. */
  readonly onChanged: (execution: LiveExecution<State>, over: boolean) => void;
}

/**
 * All standalone executions of one sort: found by their ids, kept like runs, woken at their deadlines.
 *
 * What an execution was started with is its only event; its state is a snapshot that is replaced whenever it changes.
 */
export class LiveExecutions<State> {
  readonly #parts: LiveExecutionsParts;
  readonly #sort: ExecutionSort<State>;
  readonly #listener: ExecutionListener<State>;
  readonly #cache = new Map<RunKey, LiveExecution<State>>();
  readonly #deadlines: DeadlineHeap;

  constructor(parts: LiveExecutionsParts, sort: ExecutionSort<State>, listener: ExecutionListener<State>) {
    this.#parts = parts;
    this.#sort = sort;
    this.#listener = listener;
    this.#deadlines = new DeadlineHeap(parts.clock, (key) => {
      const execution = this.load(key);
      if (execution !== undefined) listener.onDue(execution);
    });
  }

  /** When an execution next needs time to have passed, in milliseconds since the epoch; `undefined` if none does. */
  get nextDeadlineMs(): number | undefined {
    return this.#deadlines.nextMs;
  }

  /** Takes up an open execution at the start. */
  adopt(stored: StoredRun): void {
    const execution = this.#restore(stored);
    if (execution !== undefined) this.note(execution);
  }

  close(): void {
    this.#deadlines.close();
  }

  /** The execution with this run id or, with an empty one, the one that the id stands for. */
  find(namespaceId: string, id: string, runId: string): LiveExecution<State> | undefined {
    const { store } = this.#parts;
    const division = divisionOf(namespaceId, this.#sort.division);
    const address = runId === "" ? store.findCurrentRun(division, id) : store.findRun(division, id, runId);
    return address === undefined ? undefined : this.load(address.key);
  }

  /** The execution with this key; `undefined` if there is none of this sort. */
  load(key: RunKey): LiveExecution<State> | undefined {
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    const stored = this.#parts.store.readRun(key);
    const execution = stored === undefined ? undefined : this.#restore(stored);
    if (execution !== undefined) this.#keep(execution);
    return execution;
  }

  /** What an execution was started with, as {@link create} was given it. */
  readStart(key: RunKey): Uint8Array {
    const range = { fromEventId: 1, toEventId: 2, maxEvents: 1, maxBytes: Infinity };
    return this.#parts.store.readEvents(key, range)[0] ?? new Uint8Array(0);
  }

  /** Makes an execution that its id stands for from now on. */
  create(
    transaction: Transaction,
    address: Omit<RunAddress, "key" | "workflowId"> & { readonly id: string },
    state: State,
    start: Uint8Array,
  ): LiveExecution<State> {
    const { namespaceId, id, runId } = address;
    const execution = { key: transaction.newRunKey(), namespaceId, id, runId, state };
    transaction.writeRun({
      key: execution.key,
      create: { namespaceId: divisionOf(namespaceId, this.#sort.division), workflowId: id, runId, current: true },
      records: [{ firstEventId: 1, events: [start], ops: new Uint8Array(0) }],
      ...this.#written(execution),
    });
    transaction.afterCommit(() => this.note(execution));
    return execution;
  }

  /** Gives an execution another state. A transaction may change an execution once. */
  update(transaction: Transaction, before: LiveExecution<State>, state: State): LiveExecution<State> {
    const execution = { ...before, state };
    transaction.writeRun({ key: before.key, ...this.#written(execution) });
    transaction.afterCommit(() => this.note(execution));
    return execution;
  }

  /** Removes an execution with all that is kept of it. */
  delete(transaction: Transaction, execution: LiveExecution<State>): void {
    transaction.writeRun({ key: execution.key, deleted: true });
    transaction.afterCommit(() => this.#forget(execution));
  }

  /** Takes over a state that is, or need not be, with the store. */
  note(execution: LiveExecution<State>): void {
    const { key, state } = execution;
    const over = this.#sort.isClosed(state);
    this.#keep(execution);
    this.#deadlines.set(key, over ? undefined : this.#sort.deadlineMs(state));
    this.#listener.onChanged(execution, over);
    this.#parts.engine.watchers.notify(key);
  }

  #written(execution: LiveExecution<State>): {
    readonly snapshot: Uint8Array;
    readonly visibility: VisibilityRow;
    readonly closed?: true;
  } {
    const { division, encode, isClosed, toRow } = this.#sort;
    const row = toRow(execution, this.#parts.namespaces.findById(execution.namespaceId));
    return {
      snapshot: encode(execution.state),
      visibility: { ...row, namespaceId: divisionOf(execution.namespaceId, division) },
      ...(isClosed(execution.state) ? { closed: true } : {}),
    };
  }

  #restore({ key, namespaceId, workflowId, runId, snapshot }: StoredRun): LiveExecution<State> | undefined {
    const { namespaceId: owner, division } = splitDivision(namespaceId);
    if (division !== this.#sort.division || snapshot === null) return undefined;
    return { key, namespaceId: owner, id: workflowId, runId, state: this.#sort.decode(snapshot) };
  }

  #keep(execution: LiveExecution<State>): void {
    // Reinsertion keeps the map ordered by use, so the first is the one to let go.
    this.#cache.delete(execution.key);
    this.#cache.set(execution.key, execution);
    if (this.#cache.size <= STATES_CACHED_MAX) return;
    for (const key of this.#cache.keys()) {
      this.#cache.delete(key);
      break;
    }
  }

  #forget(execution: LiveExecution<State>): void {
    this.#cache.delete(execution.key);
    this.#deadlines.set(execution.key, undefined);
    this.#listener.onChanged(execution, true);
    this.#parts.engine.watchers.notify(execution.key);
  }
}
