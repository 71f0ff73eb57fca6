import type { ActivityContext } from "../../activity/index.ts";
import { toDurationMs } from "../../core/time/duration.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import { assertCrossable } from "./crossable.ts";
import { PlacedAttempt } from "./placed-attempt.ts";
import type { PlacedActivities } from "./placement.ts";
import { MemberSlot, type MemberSlotOptions } from "./member-slot.ts";

/** What an {@link ActivityPool} works with. */
export type ActivityPoolOptions = Omit<MemberSlotOptions, "name" | "onFree" | "placed">;

/** Threads or processes for the activities of one module, never more than may be. */
export class ActivityPool {
  readonly #placed: PlacedActivities;
  readonly #slots: readonly MemberSlot[];
  readonly #waiting: PlacedAttempt[] = [];
  readonly #endAfterCancelMs: number | undefined;
  #isStopped = false;

  constructor(placed: PlacedActivities, options: ActivityPoolOptions) {
    this.#placed = placed;
    const { countMax, endAfterCancel } = placed.options;
    this.#endAfterCancelMs = endAfterCancel === undefined ? undefined : toDurationMs(endAfterCancel);
    this.#slots = Array.from(
      { length: countMax },
      (_, index) =>
        new MemberSlot({
          ...options,
          placed,
          name: `perdure-activities-${index + 1}`,
          onFree: () => this.#next(),
        }),
    );
  }

  /** Starts the first one, or all, while the worker gets to its first task. */
  start(): void {
    for (const slot of this.#placed.options.startAll ? this.#slots : this.#slots.slice(0, 1)) void slot.start();
  }

  /** Runs one attempt for whoever has the context, in turn. @throws Whatever the activity throws, or what became of its thread. */
  run(exportName: string, args: readonly unknown[], context: ActivityContext): Promise<unknown> {
    if (this.#isStopped) {
      return Promise.reject(
        new ApplicationError(`Cannot run activity "${exportName}": its ${this.#placed.place}s have been stopped`),
      );
    }
    const info = context.info();
    assertCrossable(args, "the arguments");
    assertCrossable(info.heartbeatDetails, "heartbeat details");
    const attempt = new PlacedAttempt({
      exportName,
      args,
      info,
      context,
      endAfterCancelMs: this.#endAfterCancelMs,
      // One that waits never begins.
      onCancelledWaiting: () => this.#forget(attempt),
    });
    this.#waiting.push(attempt);
    this.#next();
    return attempt.result;
  }

  /** Tells activities that the worker has begun to shut down. */
  tellShutdown(): void {
    for (const slot of this.#slots) slot.tellShutdown();
  }

  /** Ends all threads or processes; what still runs there fails. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#slots.map((slot) => slot.stop()));
  }

  #forget(attempt: PlacedAttempt): void {
    const index = this.#waiting.indexOf(attempt);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  #next(): void {
    while (this.#waiting.length > 0) {
      const slot = this.#freest();
      const attempt = slot && this.#waiting.shift();
      if (slot === undefined || attempt === undefined) return;
      void slot.run(attempt);
    }
  }

  /** The one with the fewest attempts that has room: one already started, where there is a choice. */
  #freest(): MemberSlot | undefined {
    let best: MemberSlot | undefined;
    for (const slot of this.#slots) {
      if (!slot.hasRoom) continue;
      const isBetter =
        best === undefined ||
        slot.count < best.count ||
        (slot.count === best.count && slot.isStarted && !best.isStarted);
      if (isBetter) best = slot;
    }
    return best;
  }
}
