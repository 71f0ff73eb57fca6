import type { WorkerHeartbeat } from "../proto/gen/worker.ts";

// As the service has it: a worker that has been silent for this long is forgotten.
const WORKER_REMEMBERED_MS = 5 * 60_000;
const WORKERS_MAX = 10_000;

/** A worker process as it last told of itself. */
export interface KnownWorker {
  readonly namespaceId: string;
  readonly heartbeat: WorkerHeartbeat;
  /** Milliseconds since the epoch. */
  readonly seenMs: number;
}

/** Worker processes by what they report of themselves; in memory only. */
export class WorkerRegistry {
  readonly #workers = new Map<string, KnownWorker>();

  record(worker: KnownWorker): void {
    const key = `${worker.namespaceId}/${worker.heartbeat.workerInstanceKey}`;
    // Reinsertion keeps the map ordered by last report.
    this.#workers.delete(key);
    this.#workers.set(key, worker);
    for (const [oldKey, { seenMs }] of this.#workers) {
      if (this.#workers.size <= WORKERS_MAX && worker.seenMs - seenMs <= WORKER_REMEMBERED_MS) break;
      this.#workers.delete(oldKey);
    }
  }

  find(namespaceId: string, workerInstanceKey: string): KnownWorker | undefined {
    return this.#workers.get(`${namespaceId}/${workerInstanceKey}`);
  }

  list(namespaceId: string, nowMs: number): readonly KnownWorker[] {
    return [...this.#workers.values()].filter(
      (worker) => worker.namespaceId === namespaceId && nowMs - worker.seenMs <= WORKER_REMEMBERED_MS,
    );
  }
}
