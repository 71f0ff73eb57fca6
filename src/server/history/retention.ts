import type { CancelTimer } from "../../core/time/clock.ts";
import type { Services } from "../services.ts";
import { withDivisions } from "../standalone/division.ts";

const SWEEP_EVERY_MS = 60_000;
// Retention is counted in days: where nothing has expired, there is no hurry to look again.
const IDLE_SWEEP_EVERY_MS = 3_600_000;
// A sweep does not hold up other work for long: what is left waits for the next.
const RUNS_PER_SWEEP = 1_000;

/** Deletes closed runs once their namespace's retention has passed. */
export class RetentionSweep {
  readonly #services: Pick<Services, "clock" | "engine" | "logger" | "namespaces" | "store">;
  #cancel: CancelTimer | undefined;

  constructor(services: Pick<Services, "clock" | "engine" | "logger" | "namespaces" | "store">) {
    this.#services = services;
  }

  start(): void {
    this.#scheduleIn(SWEEP_EVERY_MS);
  }

  #scheduleIn(delayMs: number): void {
    const { clock } = this.#services;
    this.#cancel = clock.schedule(clock.now() + delayMs, () => {
      this.#scheduleIn(this.#sweep() ? SWEEP_EVERY_MS : IDLE_SWEEP_EVERY_MS);
    });
  }

  stop(): void {
    this.#cancel?.();
  }

  /** Returns whether there was anything to delete. */
  #sweep(): boolean {
    let found = false;
    const { clock, engine, logger, namespaces, store } = this.#services;
    try {
      for (const namespace of namespaces.list()) {
        for (const id of withDivisions(namespace.id)) {
          const expired = store.closedRunsBefore(id, clock.now() - namespace.retentionMs, RUNS_PER_SWEEP);
          if (expired.length === 0) continue;
          found = true;
          engine.deleteRuns(expired);
          logger.debug("deleted closed runs after their retention", { namespaceId: id, runs: expired.length });
        }
      }
    } catch (error) {
      logger.error("cannot delete closed runs", { reason: String(error) });
    }
    return found;
  }
}
