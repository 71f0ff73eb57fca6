import type { WorkerDeploymentOptions } from "../proto/gen/deployment.ts";
import type { PollWorkflowTaskQueueResponse } from "../proto/gen/workflowservice.ts";
import type { Init } from "../proto/message.ts";

/** Room in a worker for the first task of a workflow that is about to be started. */
export interface EagerSlot {
  /** Version of the worker, which the service checks. */
  readonly deployment: Init<WorkerDeploymentOptions> | undefined;
  /** Runs the task; the slot is used up. */
  run(task: PollWorkflowTaskQueueResponse): void;
  /** Gives the slot back unused. */
  release(): void;
}

/** A worker that takes first tasks straight from a start. */
export interface EagerWorker {
  readonly namespace: string;
  readonly taskQueue: string;
  /** A slot for a workflow of that type, if the worker knows it and has one free. */
  reserve(workflowType: string): EagerSlot | undefined;
}

/** The workers of a connection that take first tasks straight from a start. */
export class EagerWorkers {
  readonly #workers = new Set<EagerWorker>();

  /** Adds a worker until the function returned is called. */
  add(worker: EagerWorker): () => void {
    this.#workers.add(worker);
    return () => this.#workers.delete(worker);
  }

  reserve(start: {
    readonly namespace: string;
    readonly taskQueue: string;
    readonly workflowType: string;
  }): EagerSlot | undefined {
    for (const worker of this.#workers) {
      const fits = worker.namespace === start.namespace && worker.taskQueue === start.taskQueue;
      const slot = fits ? worker.reserve(start.workflowType) : undefined;
      if (slot !== undefined) return slot;
    }
    return undefined;
  }
}
