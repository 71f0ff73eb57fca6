import { TimeoutType, type WorkflowTaskFailedCause } from "../../../proto/gen/enums.ts";
import type { ExecutionState } from "../state.ts";
import { setSystemAttribute } from "../system-attribute.ts";
import { causeName } from "./cause-name.ts";

/** After so many workflow tasks that failed one after the other, a search attribute tells of it. */
const REPORTED_FAILURES_MIN = 5;

/** What the search attribute says of a failed workflow task. */
export function taskFailedProblem(cause: WorkflowTaskFailedCause): readonly string[] {
  return ["category=WorkflowTaskFailed", `cause=WorkflowTaskFailedCause${causeName(cause)}`];
}

/** What the search attribute says of a workflow task that timed out. */
export function taskTimedOutProblem(type: TimeoutType): readonly string[] {
  const name = type === TimeoutType.START_TO_CLOSE ? "StartToClose" : "ScheduleToStart";
  return ["category=WorkflowTaskTimedOut", `cause=WorkflowTaskTimedOutCause${name}`];
}

/** Has lists show that workflow tasks of this run fail again and again. */
export function foldProblem(state: ExecutionState, problem: readonly string[]): void {
  if (state.workflowTaskFailures >= REPORTED_FAILURES_MIN)
    setSystemAttribute(state, "TemporalReportedProblems", problem);
}

/** A workflow task was completed. */
export function foldNoProblem(state: ExecutionState): void {
  state.workflowTaskFailures = 0;
  setSystemAttribute(state, "TemporalReportedProblems", []);
}
