import { expect, test } from "vitest";
import { ScheduleOverlapPolicy } from "../../proto/gen/enums.ts";
import { Schedule } from "../../proto/gen/schedule.ts";
import { takeFromBuffer } from "./buffer.ts";
import { completeSchedule, newScheduleState, type BufferedStart, type ScheduleState } from "./schedule-state.ts";

const { SKIP, BUFFER_ONE, BUFFER_ALL, CANCEL_OTHER, TERMINATE_OTHER, ALLOW_ALL } = ScheduleOverlapPolicy;

function startsAt(overlapPolicy: ScheduleOverlapPolicy, ...times: number[]): readonly BufferedStart[] {
  return times.map((ms) => ({ nominalMs: ms, actualMs: ms, overlapPolicy, manual: false }));
}

function stateWith(buffer: readonly BufferedStart[], running: boolean): ScheduleState {
  const schedule = completeSchedule(Schedule.create());
  const made = { namespaceId: "n", scheduleId: "s", schedule, memo: {}, searchAttributes: {}, createTimeMs: 0 };
  return {
    ...newScheduleState(made, "request"),
    buffer,
    running: running ? [{ workflowId: "w", runId: "r" }] : [],
  };
}

test.each([
  { policy: SKIP, running: false, single: 1, overlapping: [], kept: [], skipped: 2, end: "nothing" },
  { policy: SKIP, running: true, single: undefined, overlapping: [], kept: [], skipped: 3, end: "nothing" },
  { policy: BUFFER_ONE, running: false, single: 1, overlapping: [], kept: [2], skipped: 1, end: "nothing" },
  { policy: BUFFER_ONE, running: true, single: undefined, overlapping: [], kept: [1], skipped: 2, end: "nothing" },
  {
    policy: BUFFER_ALL,
    running: true,
    single: undefined,
    overlapping: [],
    kept: [1, 2, 3],
    skipped: 0,
    end: "nothing",
  },
  { policy: CANCEL_OTHER, running: false, single: 3, overlapping: [], kept: [], skipped: 0, end: "nothing" },
  {
    policy: CANCEL_OTHER,
    running: true,
    single: undefined,
    overlapping: [],
    kept: [1, 2, 3],
    skipped: 0,
    end: "cancel",
  },
  {
    policy: TERMINATE_OTHER,
    running: true,
    single: undefined,
    overlapping: [],
    kept: [1, 2, 3],
    skipped: 0,
    end: "terminate",
  },
  { policy: ALLOW_ALL, running: true, single: undefined, overlapping: [1, 2, 3], kept: [], skipped: 0, end: "nothing" },
])("policy $policy while something runs ($running) decides on three starts", (row) => {
  const state = stateWith(startsAt(row.policy, 1, 2, 3), row.running);
  const { overlapping, single, end } = takeFromBuffer(state);
  expect({
    single: single?.actualMs,
    overlapping: overlapping.map(({ actualMs }) => actualMs),
    kept: state.buffer.map(({ actualMs }) => actualMs),
    skipped: state.overlapSkipped,
    end,
  }).toEqual({
    single: row.single,
    overlapping: row.overlapping,
    kept: row.kept,
    skipped: row.skipped,
    end: row.end,
  });
});

test("a start without a policy is under the schedule's", () => {
  const state = stateWith(startsAt(0, 1, 2), true);
  takeFromBuffer(state);
  expect(state.overlapSkipped).toBe(2);
});
