import type { SearchAttributePair } from "../payload/search-attributes.ts";
import type { CallOptions } from "./call-options.ts";
import type { Schedule, ScheduleBackfill, ScheduleOverlapPolicy } from "./schedule.ts";
import type { ScheduleDescription } from "./schedule-description.ts";

/** A schedule that a call is for. */
export interface ScheduleTarget {
  readonly scheduleId: string;
  readonly call: CallOptions;
}

/** What a schedule is made with, besides the schedule itself. */
export interface CreateScheduleOptions extends CallOptions {
  /** Starts the workflow once right away. @default false */
  readonly triggerImmediately?: boolean | undefined;
  /** Spans of time whose starts happen right away. @default none */
  readonly backfill?: readonly ScheduleBackfill[] | undefined;
  /** Values kept with the schedule; those of its workflows belong to its action. */
  readonly memo?: Readonly<Record<string, unknown>> | undefined;
  /** Attributes by which the schedule can be found; those of its workflows belong to its action. */
  readonly searchAttributes?: Iterable<SearchAttributePair> | undefined;
}

/** How schedules are listed. */
export interface ListSchedulesOptions extends CallOptions {
  /** Schedules fetched at once. @default 1000 */
  readonly pageSize?: number | undefined;
  /** Where to begin. @default at the beginning */
  readonly nextPageToken?: Uint8Array | undefined;
}

/** What an updater is given. */
export interface ScheduleUpdateInput {
  /** How the schedule is at the moment. */
  readonly description: ScheduleDescription;
}

/** What an updater answers. */
export interface ScheduleUpdate {
  /** The schedule as it shall be. */
  readonly schedule: Schedule;
  /** Takes the place of all search attributes of the schedule. @default they stay */
  readonly searchAttributes?: Iterable<SearchAttributePair> | undefined;
  /** Takes the place of the schedule's memo. @default it stays */
  readonly memo?: Readonly<Record<string, unknown>> | undefined;
}

/** Makes the update of a schedule, or none. It is called again if the schedule was changed meanwhile. */
export type ScheduleUpdater = (
  input: ScheduleUpdateInput,
) => ScheduleUpdate | undefined | Promise<ScheduleUpdate | undefined>;

/** The making of a schedule as interceptors see it. */
export interface CreateScheduleInput extends ScheduleTarget {
  readonly schedule: Schedule;
  readonly options: Omit<CreateScheduleOptions, keyof CallOptions>;
}

/** A list of schedules as interceptors see it. */
export interface ListSchedulesInput {
  readonly query: string;
  readonly pageSize: number;
  readonly nextPageToken: Uint8Array | undefined;
  readonly call: CallOptions;
}

/** A backfill of a schedule as interceptors see it. */
export interface BackfillScheduleInput extends ScheduleTarget {
  readonly backfills: readonly ScheduleBackfill[];
}

/** The deletion of a schedule as interceptors see it. */
export type DeleteScheduleInput = ScheduleTarget;

/** A look at a schedule as interceptors see it. */
export type DescribeScheduleInput = ScheduleTarget;

/** The pause of a schedule as interceptors see it. */
export interface PauseScheduleInput extends ScheduleTarget {
  readonly note: string | undefined;
}

/** The end of a schedule's pause as interceptors see it. */
export interface UnpauseScheduleInput extends ScheduleTarget {
  readonly note: string | undefined;
}

/** A start out of turn as interceptors see it. */
export interface TriggerScheduleInput extends ScheduleTarget {
  readonly overlap: ScheduleOverlapPolicy | undefined;
}

/** An update of a schedule as interceptors see it. */
export interface UpdateScheduleInput extends ScheduleTarget {
  readonly updater: ScheduleUpdater;
}
