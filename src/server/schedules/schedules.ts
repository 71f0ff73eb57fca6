import type { RunClose } from "../../core/execution/contract.ts";
import { recordClose } from "../../core/schedule/outcome.ts";
import type { ScheduleState } from "../../core/schedule/schedule-state.ts";
import { compileSpec, nextTimeIfFound, type CompiledSpec } from "../../core/schedule/spec.ts";
import { jitterSeed } from "../../core/schedule/schedule-state.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import type { Clock } from "../../core/time/clock.ts";
import { alreadyRegistered, scheduleNotFound } from "./schedule-error.ts";
import type { Engine, Outcome } from "../history/engine.ts";
import type { Run } from "../history/run.ts";
import type { Transaction } from "../history/transaction.ts";
import type { Namespaces } from "../namespaces/namespaces.ts";
import type { Store } from "../store/store.ts";
import { DeadlineHeap } from "../timers/deadline-heap.ts";
import { decodeSchedule, SCHEDULE_BLOB, scheduleBlobId, scheduleWrite } from "./schedule-record.ts";
import { takeTurn } from "./schedule-turn.ts";

/** A schedule in memory. */
export interface LiveSchedule {
  readonly key: number;
  readonly state: ScheduleState;
  readonly spec: CompiledSpec;
}

/** What schedules are made of. */
export interface SchedulesParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly namespaces: Namespaces;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes a fresh UUID. */
  readonly newId: () => string;
}

/** What a transaction has done to a schedule so far. */
interface ScheduleDraft {
  readonly key: number;
  readonly state: ScheduleState;
  spec: CompiledSpec;
  nextMs: number | undefined;
}

/**
 * All schedules of a server: the only writer of their state.
 *
 * A schedule's state is one blob, written by the same transaction as the starts it stands for, so that each start
 * happens once whatever a crash leaves.
 */
export class Schedules {
  readonly #parts: SchedulesParts;
  readonly #live = new Map<string, LiveSchedule>();
  readonly #byKey = new Map<number, LiveSchedule>();
  /** Schedules by the first run of what they started. */
  readonly #byRunId = new Map<string, string>();
  readonly #drafts = new WeakMap<Transaction, Map<string, ScheduleDraft>>();
  readonly #wakes: DeadlineHeap;
  #lastKey = 0;

  constructor(parts: SchedulesParts) {
    this.#parts = parts;
    this.#wakes = new DeadlineHeap(parts.clock, (key) => this.#wake(key));
  }

  /** Takes up all schedules of the store. Call once, when the engine is open. */
  open(): void {
    for (const { value } of this.#parts.store.blobs(SCHEDULE_BLOB)) {
      const state = decodeSchedule(value);
      const spec = compileSpec(state.schedule.spec);
      const nextMs =
        state.backfills.length > 0
          ? this.#parts.clock.now()
          : nextTimeIfFound(spec, jitterSeed(state), state.lastProcessedMs)?.actualMs;
      this.#adopt({ key: ++this.#lastKey, state, spec, nextMs });
    }
  }

  close(): void {
    this.#wakes.close();
  }

  /** When a schedule next has something to do, in milliseconds since the epoch; `undefined` if none has. */
  get nextWakeMs(): number | undefined {
    return this.#wakes.nextMs;
  }

  find(namespaceId: string, scheduleId: string): LiveSchedule | undefined {
    return this.#live.get(scheduleBlobId({ namespaceId, scheduleId }));
  }

  /** @throws {RPCError} `NOT_FOUND` if there is no such schedule. */
  get(namespaceId: string, scheduleId: string): LiveSchedule {
    const schedule = this.find(namespaceId, scheduleId);
    if (schedule === undefined) throw scheduleNotFound();
    return schedule;
  }

  /** All schedules of a namespace, the newest first. */
  list(namespaceId: string): readonly LiveSchedule[] {
    return [...this.#live.values()].filter(({ state }) => state.namespaceId === namespaceId).sort(newestFirst);
  }

  /**
   * Makes a schedule, and lets it do what `prepare` asks of it. The same request again changes nothing.
   *
   * @throws {RPCError} `ALREADY_EXISTS` if the id is taken.
   */
  create(state: ScheduleState, prepare: (draft: ScheduleState) => void): Outcome<void> {
    return this.#parts.engine.transact((transaction) => {
      const known = this.find(state.namespaceId, state.scheduleId);
      if (known !== undefined) {
        if (known.state.requestIds[0] === state.requestIds[0]) return;
        throw alreadyRegistered(state.scheduleId);
      }
      const spec = compileSpec(state.schedule.spec);
      const draft = { key: ++this.#lastKey, state: { ...state }, spec, nextMs: undefined };
      this.#keep(transaction, draft);
      prepare(draft.state);
      this.#turn(transaction, draft);
    });
  }

  /**
   * Changes a schedule, and lets it do what follows from that.
   *
   * @param change Changes the state; what it throws leaves the schedule as it was.
   * @throws {RPCError} `NOT_FOUND` if there is no such schedule.
   */
  change(namespaceId: string, scheduleId: string, change: (draft: ScheduleState) => void): Outcome<void> {
    return this.#parts.engine.transact((transaction) => {
      const draft = this.#draft(transaction, this.get(namespaceId, scheduleId));
      const before = draft.state.schedule.spec;
      change(draft.state);
      if (draft.state.schedule.spec !== before) draft.spec = compileSpec(draft.state.schedule.spec);
      this.#turn(transaction, draft);
    });
  }

  /** Forgets a schedule. What it started goes on. @throws {RPCError} `NOT_FOUND` if there is no such schedule. */
  delete(namespaceId: string, scheduleId: string): Outcome<void> {
    return this.#parts.engine.transact((transaction) => {
      const schedule = this.get(namespaceId, scheduleId);
      transaction.writeBlob({ kind: SCHEDULE_BLOB, id: scheduleBlobId(schedule.state), value: null });
      transaction.afterCommit(() => this.#forget(schedule));
    });
  }

  /** Told of every run that closes, in the transaction in which it does. */
  noteClosed(transaction: Transaction, run: Run, close: RunClose): void {
    const firstRunId = run.state.started?.firstExecutionRunId ?? run.runId;
    // The chain goes on as another run, by itself or because it was reset.
    if (close.newRunId !== undefined || run.state.resetRunId !== "") return;
    const id = this.#byRunId.get(firstRunId) ?? this.#draftOfRun(transaction, firstRunId);
    const schedule = id === undefined ? undefined : (this.#live.get(id) ?? this.#drafts.get(transaction)?.get(id));
    if (schedule === undefined) return;
    const draft = this.#draft(transaction, schedule);
    recordClose(draft.state, { workflowId: run.workflowId, runId: firstRunId }, close);
    this.#turn(transaction, draft);
  }

  #draftOfRun(transaction: Transaction, runId: string): string | undefined {
    for (const [id, { state }] of this.#drafts.get(transaction) ?? []) {
      if (trackedRuns(state).includes(runId)) return id;
    }
    return undefined;
  }

  #wake(key: number): void {
    const schedule = this.#byKey.get(key);
    if (schedule === undefined) return;
    const { engine, logger } = this.#parts;
    try {
      engine.transact((transaction) => this.#turn(transaction, this.#draft(transaction, schedule)));
    } catch (error) {
      const { scheduleId } = schedule.state;
      logger.error("cannot carry out what is due in a schedule", { scheduleId, reason: String(error) });
    }
  }

  #turn(transaction: Transaction, draft: ScheduleDraft): void {
    const { namespaces, newId, logger } = this.#parts;
    const namespace = namespaces.findById(draft.state.namespaceId);
    if (namespace === undefined) return;
    draft.nextMs = takeTurn(transaction, { newId, logger, namespace }, draft.state, draft.spec);
    transaction.writeBlob(scheduleWrite(draft.state));
  }

  /** The schedule as this transaction has it: a copy that replaces the live one when it is committed. */
  #draft(transaction: Transaction, { key, state, spec }: LiveSchedule): ScheduleDraft {
    const known = this.#drafts.get(transaction)?.get(scheduleBlobId(state));
    if (known !== undefined) return known;
    const draft = { key, state: { ...state }, spec, nextMs: undefined };
    this.#keep(transaction, draft);
    return draft;
  }

  #keep(transaction: Transaction, draft: ScheduleDraft): void {
    const id = scheduleBlobId(draft.state);
    const drafts = this.#drafts.get(transaction);
    if (drafts === undefined) this.#drafts.set(transaction, new Map([[id, draft]]));
    else drafts.set(id, draft);
    transaction.afterCommit(() => this.#adopt(draft));
  }

  #adopt({ key, state, spec, nextMs }: ScheduleDraft): void {
    const id = scheduleBlobId(state);
    const before = this.#live.get(id);
    const schedule: LiveSchedule = { key, state, spec };
    this.#live.set(id, schedule);
    this.#byKey.set(key, schedule);
    const runs = trackedRuns(state);
    const runsBefore = before === undefined ? [] : trackedRuns(before.state);
    for (const runId of runsBefore) if (!runs.includes(runId)) this.#byRunId.delete(runId);
    for (const runId of runs) if (!runsBefore.includes(runId)) this.#byRunId.set(runId, id);
    this.#wakes.set(key, nextMs);
  }

  #forget({ key, state }: LiveSchedule): void {
    this.#live.delete(scheduleBlobId(state));
    this.#byKey.delete(key);
    for (const runId of trackedRuns(state)) this.#byRunId.delete(runId);
    this.#wakes.set(key, undefined);
  }
}

/** Some come twice. */
function trackedRuns({ running, recentActions }: ScheduleState): readonly string[] {
  return [...running, ...recentActions].map(({ runId }) => runId);
}

function newestFirst({ state: a }: LiveSchedule, { state: b }: LiveSchedule): number {
  return b.createTimeMs - a.createTimeMs || (a.scheduleId < b.scheduleId ? -1 : 1);
}
