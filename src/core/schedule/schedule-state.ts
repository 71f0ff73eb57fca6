import { durationMs } from "../execution/duration.ts";
import type { Payload, Payloads } from "../../proto/gen/common.ts";
import { ScheduleOverlapPolicy, type WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import { Schedule } from "../../proto/gen/schedule.ts";

/** Starts that may wait; more are dropped. */
export const BUFFERED_STARTS_MAX = 1000;
/** Actions that are remembered. */
export const RECENT_ACTIONS_MAX = 10;
const REQUEST_IDS_MAX = 20;
const CATCHUP_WINDOW_DEFAULT_MS = 365 * 24 * 3_600_000;
const CATCHUP_WINDOW_MIN_MS = 10_000;

/** An action whose time has come. Times are milliseconds since the epoch. */
export interface BufferedStart {
  readonly nominalMs: number;
  readonly actualMs: number;
  readonly overlapPolicy: ScheduleOverlapPolicy;
  /** Asked for: triggered or filled in, not due. */
  readonly manual: boolean;
}

/** A span of the past, or of the future, whose actions are asked for now. */
export interface Backfill {
  /** Exclusive. */
  readonly afterMs: number;
  /** Inclusive. */
  readonly untilMs: number;
  readonly overlapPolicy: ScheduleOverlapPolicy;
}

/** The first run of a chain that a schedule started. */
export interface ActionRun {
  readonly workflowId: string;
  readonly runId: string;
}

/** An action that was taken. */
export interface RecentAction extends ActionRun {
  readonly scheduledMs: number;
  readonly actualMs: number;
  readonly status: WorkflowExecutionStatus;
}

/**
 * Everything about one schedule. What changes it works on a shallow copy, so nothing that hangs on its fields is ever
 * changed in place.
 */
export interface ScheduleState {
  readonly namespaceId: string;
  readonly scheduleId: string;
  /** Its spec is canonical, and all of its parts are there. */
  schedule: CompleteSchedule;
  memo: Readonly<Record<string, Payload>>;
  searchAttributes: Readonly<Record<string, Payload>>;
  conflictToken: number;
  readonly createTimeMs: number;
  /** Zero before the first update. */
  updateTimeMs: number;
  /** The spec's times up to here have been dealt with. */
  lastProcessedMs: number;
  actionCount: number;
  missedCatchupWindow: number;
  overlapSkipped: number;
  bufferDropped: number;
  buffer: readonly BufferedStart[];
  backfills: readonly Backfill[];
  recentActions: readonly RecentAction[];
  /** Runs that others must not overlap with. */
  running: readonly ActionRun[];
  lastCompletionResult: Payloads | undefined;
  continuedFailure: Failure | undefined;
  /** Of the latest requests, the first of which made the schedule. */
  requestIds: readonly string[];
}

/** A schedule with nothing left out. */
export interface CompleteSchedule extends Schedule {
  readonly spec: NonNullable<Schedule["spec"]>;
  readonly action: NonNullable<Schedule["action"]>;
  readonly policies: NonNullable<Schedule["policies"]>;
  readonly state: NonNullable<Schedule["state"]>;
}

/** What makes a schedule. */
export type NewSchedule = Pick<
  ScheduleState,
  "namespaceId" | "scheduleId" | "schedule" | "memo" | "searchAttributes" | "createTimeMs"
>;

/** The state of a schedule that has done nothing yet. */
export function newScheduleState(made: NewSchedule, requestId: string): ScheduleState {
  return {
    ...made,
    conflictToken: 1,
    updateTimeMs: 0,
    lastProcessedMs: made.createTimeMs,
    actionCount: 0,
    missedCatchupWindow: 0,
    overlapSkipped: 0,
    bufferDropped: 0,
    buffer: [],
    backfills: [],
    recentActions: [],
    running: [],
    lastCompletionResult: undefined,
    continuedFailure: undefined,
    requestIds: [requestId],
  };
}

/** Fills in what a schedule leaves out. */
export function completeSchedule(schedule: Schedule): CompleteSchedule {
  const { spec, action, policies, state } = Schedule.create({
    ...schedule,
    spec: schedule.spec ?? {},
    action: schedule.action ?? {},
    policies: {
      ...schedule.policies,
      overlapPolicy: schedule.policies?.overlapPolicy || ScheduleOverlapPolicy.SKIP,
      catchupWindow: schedule.policies?.catchupWindow ?? { seconds: CATCHUP_WINDOW_DEFAULT_MS / 1000, nanos: 0 },
    },
    state: schedule.state ?? {},
  });
  const complete = { spec, action, policies, state } as CompleteSchedule;
  const windowMs = Math.max(durationMs(complete.policies.catchupWindow), CATCHUP_WINDOW_MIN_MS);
  if (windowMs === durationMs(complete.policies.catchupWindow)) return complete;
  return {
    ...complete,
    policies: { ...complete.policies, catchupWindow: { seconds: windowMs / 1000, nanos: 0 } },
  };
}

/** Notes a request, and tells whether it was known. */
export function noteRequest(state: ScheduleState, requestId: string): boolean {
  if (requestId === "") return false;
  if (state.requestIds.includes(requestId)) return true;
  const [first = "", ...others] = state.requestIds;
  state.requestIds = [first, ...others.slice(1 - REQUEST_IDS_MAX + 1), requestId];
  return false;
}

/** The policy that a start without one of its own is under. */
export function overlapPolicyOf(state: ScheduleState, policy: ScheduleOverlapPolicy): ScheduleOverlapPolicy {
  return policy || state.schedule.policies.overlapPolicy;
}

/** What the schedule's jitter depends on, besides the time. */
export function jitterSeed({ namespaceId, scheduleId }: ScheduleState): string {
  return `${namespaceId}-${scheduleId}`;
}

/** Whether an action that is due may be taken: not while paused, and not without remaining actions. */
export function mayAct({ schedule: { state } }: ScheduleState): boolean {
  return !state.paused && (!state.limitedActions || state.remainingActions > 0);
}

/** Takes one of the remaining actions, where they are limited. */
export function takeAction(state: ScheduleState): boolean {
  if (!mayAct(state)) return false;
  const { state: now } = state.schedule;
  if (now.limitedActions) changeState(state, { remainingActions: now.remainingActions - 1 });
  return true;
}

/** Changes the part of a schedule that it keeps up itself; who means to update what was there before is told of it. */
export function changeState(state: ScheduleState, changes: Partial<CompleteSchedule["state"]>): void {
  state.schedule = { ...state.schedule, state: { ...state.schedule.state, ...changes } };
  state.conflictToken += 1;
}
