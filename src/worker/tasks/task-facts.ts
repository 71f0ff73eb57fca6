import { toMs } from "../../core/replay/proto-time.ts";
import { CommandType, WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import type { PollWorkflowTaskQueueResponse } from "../../proto/gen/workflowservice.ts";
import type { RunEnd, WorkflowTaskFacts } from "../metrics/workflow-metrics.ts";
import type { FinalOutcome, HeldRun } from "./held-run.ts";

/** When a task was worked on, and whether its run was in memory before. */
export interface TaskTimes {
  readonly wasHeld: boolean;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

const ends: Readonly<Record<number, RunEnd>> = {
  [CommandType.COMPLETE_WORKFLOW_EXECUTION]: "completed",
  [CommandType.CANCEL_WORKFLOW_EXECUTION]: "canceled",
  [CommandType.FAIL_WORKFLOW_EXECUTION]: "failed",
  [CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION]: "continuedAsNew",
};

/** What metrics are told of a task that was processed. */
export function toTaskFacts(
  task: PollWorkflowTaskQueueResponse,
  run: HeldRun,
  outcome: FinalOutcome,
  { wasHeld, startMs, nowMs }: TaskTimes,
): WorkflowTaskFacts {
  const { scheduledTime, startedTime } = task;
  const end = outcome.kind === "completed" ? endOf(outcome) : undefined;
  // A task that tells history from its beginning would have been the same without the cache.
  const isIncremental = (task.history?.events[0]?.eventId ?? 0) > 1;
  const { startTimeMs } = run;
  return {
    workflowType: task.workflowType?.name ?? "",
    scheduleToStartMs:
      scheduledTime === undefined || startedTime === undefined ? undefined : toMs(startedTime) - toMs(scheduledTime),
    replayMs: run.replayMs,
    executionMs: nowMs - startMs,
    cacheHit: isIncremental ? wasHeld : undefined,
    failureReason: failureReasonOf(outcome),
    end,
    endToEndMs: end === undefined || startTimeMs === undefined ? undefined : nowMs - startTimeMs,
  };
}

function endOf({ commands }: Extract<FinalOutcome, { kind: "completed" }>): RunEnd | undefined {
  const last = commands.at(-1)?.commandType;
  return last === undefined ? undefined : ends[last];
}

function failureReasonOf(outcome: FinalOutcome): WorkflowTaskFacts["failureReason"] {
  if (outcome.kind !== "failed" || outcome.isLegacyQuery) return undefined;
  const isNondeterminism = outcome.cause === WorkflowTaskFailedCause.NON_DETERMINISTIC_ERROR;
  return isNondeterminism ? "NonDeterminismError" : "WorkflowError";
}
