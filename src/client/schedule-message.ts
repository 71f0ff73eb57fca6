import { enumNames } from "../core/options/enum-names.ts";
import { fromMs, toMs } from "../core/replay/proto-time.ts";
import { toDurationMs } from "../core/time/duration.ts";
import { ScheduleOverlapPolicy as OverlapCode } from "../proto/gen/enums.ts";
import type { BackfillRequest, Schedule as ScheduleMessage } from "../proto/gen/schedule.ts";
import { SchedulePolicies, ScheduleSpec, ScheduleState } from "../proto/gen/schedule.ts";
import type { Init } from "../proto/message.ts";
import type { CallsContext } from "./calls-context.ts";
import { ServiceAnswerError } from "./client-error.ts";
import { ScheduleOverlapPolicy } from "./schedule.ts";
import type { DescribedSchedule, Schedule, ScheduleBackfill, SchedulePolicy } from "./schedule.ts";
import { fromActionMessage, toActionMessage } from "./schedule-action.ts";
import { fromSpecMessage, toSpecMessage, toTimestamp } from "./schedule-spec.ts";

const overlaps = enumNames(ScheduleOverlapPolicy, OverlapCode);

const CATCHUP_WINDOW = "365d";

/** The number of `temporal.api.enums.v1.ScheduleOverlapPolicy`; the schedule's own for `undefined`. */
export function toOverlapCode(policy: ScheduleOverlapPolicy | undefined): OverlapCode {
  return policy === undefined ? OverlapCode.UNSPECIFIED : overlaps.toCode(policy);
}

/** A backfill as a message. @throws {ClientUsageError} If one of its dates is none. */
export function toBackfillMessage({ startAt, endAt, overlap }: ScheduleBackfill): Init<BackfillRequest> {
  return {
    startTime: toTimestamp(startAt, "startAt"),
    endTime: toTimestamp(endAt, "endAt"),
    overlapPolicy: toOverlapCode(overlap),
  };
}

/** A schedule as a message. */
export async function toScheduleMessage(context: CallsContext, schedule: Schedule): Promise<Init<ScheduleMessage>> {
  const { state = {} } = schedule;
  return {
    spec: toSpecMessage(schedule.spec),
    action: { action: { case: "startWorkflow", value: await toActionMessage(context, schedule.action) } },
    policies: toPolicyMessage(schedule.policy ?? {}),
    state: {
      notes: state.note ?? "",
      paused: state.paused ?? false,
      limitedActions: state.limitedActions ?? false,
      remainingActions: state.remainingActions ?? 0,
    },
  };
}

/** The schedule of a message. @throws {ServiceAnswerError} If it does something that this SDK does not know. */
export function fromScheduleMessage(context: CallsContext, message: ScheduleMessage): DescribedSchedule {
  const action = message.action?.action;
  if (action === undefined) {
    throw new ServiceAnswerError(
      "Cannot read a schedule: its action is one that this version does not know, expected the start of a workflow",
    );
  }
  const { notes, ...state } = message.state ?? ScheduleState.create();
  const { $unknown: _unknown, ...known } = state;
  return {
    action: fromActionMessage(context, action.value),
    spec: fromSpecMessage(message.spec ?? ScheduleSpec.create()),
    policy: fromPolicyMessage(message.policies ?? SchedulePolicies.create()),
    state: { ...known, note: notes === "" ? undefined : notes },
  };
}

function toPolicyMessage(policy: SchedulePolicy): Init<SchedulePolicies> {
  return {
    overlapPolicy: toOverlapCode(policy.overlap ?? "skip"),
    catchupWindow: fromMs(toDurationMs(policy.catchupWindow ?? CATCHUP_WINDOW)),
    pauseOnFailure: policy.pauseOnFailure ?? false,
    keepOriginalWorkflowId: policy.keepOriginalWorkflowId ?? false,
  };
}

function fromPolicyMessage(message: SchedulePolicies): DescribedSchedule["policy"] {
  const { overlapPolicy, catchupWindow, pauseOnFailure, keepOriginalWorkflowId } = message;
  const overlap = overlapPolicy === OverlapCode.UNSPECIFIED ? "skip" : overlaps.toName(overlapPolicy);
  if (overlap === undefined) {
    throw new ServiceAnswerError(
      `Cannot read a schedule: its overlap policy is ${overlapPolicy}, expected one of ${Object.keys(ScheduleOverlapPolicy).join(", ")}`,
    );
  }
  return {
    overlap,
    // What a service takes as the default, should a schedule come without one.
    catchupWindow: catchupWindow === undefined ? toDurationMs(CATCHUP_WINDOW) : toMs(catchupWindow),
    pauseOnFailure,
    keepOriginalWorkflowId,
  };
}
