import type { CallOptions } from "./call-options.ts";
import type { ClientOutbound } from "./interceptor.ts";
import type { ScheduleBackfill, ScheduleOverlapPolicy } from "./schedule.ts";
import type { ScheduleDescription } from "./schedule-description.ts";
import type { ScheduleUpdater } from "./schedule-inputs.ts";

/** A schedule by its id. */
export class ScheduleHandle {
  readonly id: string;
  readonly #outbound: ClientOutbound;

  /** Clients make these. */
  constructor(id: string, outbound: ClientOutbound) {
    this.id = id;
    this.#outbound = outbound;
  }

  /** Looks at the schedule. */
  describe(call: CallOptions = {}): Promise<ScheduleDescription> {
    return this.#outbound.describeSchedule({ scheduleId: this.id, call });
  }

  /**
   * Changes the schedule.
   *
   * @param updater Makes the new schedule from the description of the present one; answers `undefined` to leave it. It
   *   is called again, with a new description, if the service says that the schedule was changed before the update
   *   arrived; one with the older scheduler does not say so, and the earlier change stays.
   */
  update(updater: ScheduleUpdater, call: CallOptions = {}): Promise<void> {
    return this.#outbound.updateSchedule({ scheduleId: this.id, updater, call });
  }

  /** Starts the workflow now, out of turn. `overlap`: what becomes of it if one runs; the schedule's own if left out. */
  trigger(options: CallOptions & { readonly overlap?: ScheduleOverlapPolicy | undefined } = {}): Promise<void> {
    const { overlap, ...call } = options;
    return this.#outbound.triggerSchedule({ scheduleId: this.id, overlap, call });
  }

  /** Stops the schedule until it is unpaused. `note`: why, for people. */
  pause(options: CallOptions & { readonly note?: string | undefined } = {}): Promise<void> {
    const { note, ...call } = options;
    return this.#outbound.pauseSchedule({ scheduleId: this.id, note, call });
  }

  /** Lets the schedule go on. `note`: why, for people. */
  unpause(options: CallOptions & { readonly note?: string | undefined } = {}): Promise<void> {
    const { note, ...call } = options;
    return this.#outbound.unpauseSchedule({ scheduleId: this.id, note, call });
  }

  /** Lets all starts of some spans of time happen, as if that time passed now. @throws {ClientUsageError} If there is no span. */
  backfill(backfills: ScheduleBackfill | readonly ScheduleBackfill[], call: CallOptions = {}): Promise<void> {
    const spans = "startAt" in backfills ? [backfills] : backfills;
    return this.#outbound.backfillSchedule({ scheduleId: this.id, backfills: spans, call });
  }

  /** Deletes the schedule. The workflows that it started go on. */
  delete(call: CallOptions = {}): Promise<void> {
    return this.#outbound.deleteSchedule({ scheduleId: this.id, call });
  }
}
