import type { Failure } from "../../proto/gen/failure.ts";
import type { Payloads } from "../../proto/gen/common.ts";
import type { WorkflowQuery } from "../../proto/gen/query.ts";
import type { RunKey } from "../store/store.ts";
import type { Run } from "./run.ts";

/** How a query ended. */
export type QueryOutcome =
  | { readonly kind: "answered"; readonly result: Payloads | undefined }
  | { readonly kind: "failed"; readonly message: string; readonly failure: Failure | undefined }
  /** Its answer came with a workflow task and is larger than payloads may be. */
  | { readonly kind: "tooLarge" }
  /** It waited for a workflow task that brought no answer: ask a worker directly. */
  | { readonly kind: "unblocked" };

/** A query that waits for its answer. */
export interface PendingQuery {
  readonly id: string;
  readonly run: Run;
  readonly query: WorkflowQuery;
  readonly outcome: Promise<QueryOutcome>;
  /** Ends the wait. Only the first call counts. */
  readonly settle: (outcome: QueryOutcome) => void;
}

/**
 * Queries on their way, in memory only: a query that a crash ends is asked again by its caller.
 *
 * A buffered query travels with its run's next workflow task, because events are on their way to the worker that it must
 * see first. A direct one is a task of its own.
 */
export class QueryRegistry {
  readonly #newId: () => string;
  readonly #buffered = new Map<RunKey, Map<string, PendingQuery>>();
  readonly #direct = new Map<string, PendingQuery>();

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  /** Keeps a query for the run's next workflow task. */
  buffer(run: Run, query: WorkflowQuery): PendingQuery {
    const pending = this.#create(run, query);
    const queries = this.#buffered.get(run.key);
    if (queries === undefined) this.#buffered.set(run.key, new Map([[pending.id, pending]]));
    else queries.set(pending.id, pending);
    return pending;
  }

  /** Keeps a query that a worker is asked directly. */
  addDirect(run: Run, query: WorkflowQuery): PendingQuery {
    const pending = this.#create(run, query);
    this.#direct.set(pending.id, pending);
    return pending;
  }

  findDirect(id: string): PendingQuery | undefined {
    return this.#direct.get(id);
  }

  /** Whether a worker is being asked directly. */
  get hasDirect(): boolean {
    return this.#direct.size > 0;
  }

  bufferedCount(key: RunKey): number {
    return this.#buffered.get(key)?.size ?? 0;
  }

  /** The queries that a workflow task takes along, by id. */
  buffered(key: RunKey): Readonly<Record<string, WorkflowQuery>> {
    const queries = this.#buffered.get(key);
    if (queries === undefined) return {};
    return Object.fromEntries([...queries].map(([id, { query }]) => [id, query]));
  }

  /** Takes a workflow task's answers; the other queries go on waiting if another task is to come. */
  complete(key: RunKey, outcomes: Readonly<Record<string, QueryOutcome>>, taskToCome: boolean): void {
    const queries = this.#buffered.get(key);
    if (queries === undefined) return;
    for (const [id, pending] of queries) {
      const outcome = Object.hasOwn(outcomes, id) ? outcomes[id] : undefined;
      if (outcome !== undefined) pending.settle(outcome);
      else if (!taskToCome) pending.settle({ kind: "unblocked" });
    }
  }

  /** Lets all buffered queries of a run go: no workflow task will take them along. */
  unblock(key: RunKey): void {
    this.complete(key, {}, false);
  }

  #create(run: Run, query: WorkflowQuery): PendingQuery {
    const id = this.#newId();
    let resolve: (outcome: QueryOutcome) => void = () => {};
    const outcome = new Promise<QueryOutcome>((settle) => {
      resolve = settle;
    });
    const settle = (result: QueryOutcome): void => {
      this.#remove(run.key, id);
      resolve(result);
    };
    return { id, run, query, outcome, settle };
  }

  #remove(key: RunKey, id: string): void {
    this.#direct.delete(id);
    const queries = this.#buffered.get(key);
    queries?.delete(id);
    if (queries?.size === 0) this.#buffered.delete(key);
  }
}
