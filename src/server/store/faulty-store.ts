import { MemoryStore } from "./memory-store.ts";
import { StoreFailedError } from "./store-error.ts";
import type {
  Commit,
  EventRange,
  RunAddress,
  RunKey,
  Store,
  StoredRun,
  VisibilityField,
  VisibilityPage,
  VisibilityQuery,
} from "./store.ts";

/** How a simulated disk behaves. */
export interface FaultyStoreOptions {
  /** Numbers in [0, 1): decide how much of what was not acknowledged a power cut spares. */
  readonly random: () => number;
  /** Puts a write to the disk off; what is committed until it runs joins it. @default `setImmediate` */
  readonly schedule?: ((write: () => void) => void) | undefined;
}

interface Waiter {
  readonly commit: Commit;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A memory store with a simulated disk, for simulations of power cuts and failing writes.
 *
 * Reads see every commit; the disk has those that were acknowledged and, after a power cut, some of the others.
 */
export class FaultyStore implements Store {
  readonly #options: FaultyStoreOptions;
  readonly #disk: MemoryStore;
  readonly #memory: MemoryStore;
  #waiters: Waiter[] = [];
  #failure: StoreFailedError | undefined;
  #nextWriteFails = false;

  constructor(options: FaultyStoreOptions, disk: MemoryStore = new MemoryStore()) {
    this.#options = options;
    this.#disk = disk;
    this.#memory = disk.copy();
  }

  /** Makes the next write to the disk fail, and the store with it. */
  failNextWrite(): void {
    this.#nextWriteFails = true;
  }

  /**
   * Cuts the power: commits that are not acknowledged never settle, and a random number of them, in order, has reached
   * the disk all the same. The answer is the store as the next process opens it.
   */
  crash(): FaultyStore {
    const waiters = this.#waiters;
    this.#waiters = [];
    this.#failure = new StoreFailedError("Cannot use the simulated database: its power was cut");
    const spared = Math.floor(this.#options.random() * (waiters.length + 1));
    for (const waiter of waiters.slice(0, spared)) this.#disk.apply(waiter.commit);
    return new FaultyStore(this.#options, this.#disk);
  }

  commit(commit: Commit): Promise<void> {
    try {
      this.#readable().apply(commit);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#waiters.length === 0) {
      const schedule = this.#options.schedule ?? setImmediate;
      schedule(() => this.#write());
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ commit, resolve, reject });
    });
  }

  lastRunKey(): RunKey {
    return this.#readable().lastRunKey();
  }

  openRuns(): Iterable<StoredRun> {
    return this.#readable().openRuns();
  }

  readRun(key: RunKey): StoredRun | undefined {
    return this.#readable().readRun(key);
  }

  findCurrentRun(namespaceId: string, workflowId: string): RunAddress | undefined {
    return this.#readable().findCurrentRun(namespaceId, workflowId);
  }

  findRun(namespaceId: string, workflowId: string, runId: string): RunAddress | undefined {
    return this.#readable().findRun(namespaceId, workflowId, runId);
  }

  readEvents(key: RunKey, range: EventRange): readonly Uint8Array[] {
    return this.#readable().readEvents(key, range);
  }

  blobs(kind: string): readonly { readonly id: string; readonly value: Uint8Array }[] {
    return this.#readable().blobs(kind);
  }

  listRuns(query: VisibilityQuery): VisibilityPage {
    return this.#readable().listRuns(query);
  }

  countRuns(
    query: Pick<VisibilityQuery, "namespaceId" | "where">,
    groupBy?: VisibilityField,
  ): readonly { readonly group: string | number | boolean | null; readonly count: number }[] {
    return this.#readable().countRuns(query, groupBy);
  }

  closedRunsBefore(namespaceId: string, closeTimeMs: number, limit: number): readonly RunAddress[] {
    return this.#readable().closedRunsBefore(namespaceId, closeTimeMs, limit);
  }

  async close(): Promise<void> {
    this.#write();
    await this.#memory.close();
  }

  #write(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    if (waiters.length > 0 && this.#nextWriteFails) {
      const failure = new StoreFailedError("Cannot use the simulated database: a write to it failed");
      this.#failure = failure;
      for (const waiter of waiters) waiter.reject(failure);
      return;
    }
    for (const waiter of waiters) {
      this.#disk.apply(waiter.commit);
      waiter.resolve();
    }
  }

  #readable(): MemoryStore {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#memory;
  }
}
