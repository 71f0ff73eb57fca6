import type { LocalActivityRequest, LocalActivityResult } from "../../core/replay/local-activity-queue.ts";
import type { Slots } from "../tasks/slots.ts";
import { Pending } from "../tasks/waiting.ts";
import type { ActivityHost } from "./activity-host.ts";
import type { ActivityWorkflow } from "./activity-task.ts";
import { LocalActivity } from "./local-activity.ts";

/** Runs local activities for workflow tasks in progress. */
export class LocalActivities {
  readonly #host: ActivityHost;
  readonly #slots: Slots;
  readonly #pending = new Pending();
  readonly #running = new Map<string, Map<number, LocalActivity>>();

  constructor(host: ActivityHost, slots: Slots) {
    this.#host = host;
    this.#slots = slots;
  }

  /** Those that can be run; `undefined` if any can, by a dynamic one. */
  get activityTypes(): readonly string[] | undefined {
    const { registry } = this.#host;
    return registry.hasDynamic ? undefined : registry.names;
  }

  get slots(): Slots {
    return this.#slots;
  }

  /** Runs one to its end, with retries. Rejects only if the worker shuts down before. */
  async run(workflow: ActivityWorkflow, request: LocalActivityRequest): Promise<LocalActivityResult> {
    const activity = new LocalActivity({ host: this.#host, slots: this.#slots, workflow, request });
    const ofRun = this.#ofRun(workflow.runId);
    ofRun.set(request.seq, activity);
    this.#pending.add();
    try {
      return await activity.run();
    } finally {
      this.#pending.remove();
      if (ofRun.get(request.seq) === activity) ofRun.delete(request.seq);
      if (ofRun.size === 0) this.#running.delete(workflow.runId);
    }
  }

  /** Asks one to stop; nothing happens when it has ended. */
  cancel(runId: string, seq: number): void {
    this.#running.get(runId)?.get(seq)?.cancel({ cancelRequested: true });
  }

  /** Asks all of a run to stop: it is no longer in the cache. */
  cancelRun(runId: string): void {
    for (const activity of this.#running.get(runId)?.values() ?? []) activity.cancel({ cancelRequested: true });
  }

  /** Asks all to stop because the worker shuts down. */
  cancelAll(): void {
    for (const ofRun of this.#running.values()) {
      for (const activity of ofRun.values()) activity.cancel({ workerShutdown: true });
    }
  }

  /** Resolves when none runs. */
  idle(): Promise<void> {
    return this.#pending.idle();
  }

  #ofRun(runId: string): Map<number, LocalActivity> {
    let ofRun = this.#running.get(runId);
    if (ofRun === undefined) {
      ofRun = new Map();
      this.#running.set(runId, ofRun);
    }
    return ofRun;
  }
}
