import type { ExecutionState } from "../../core/execution/state.ts";
import { WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import type { RunAddress } from "../store/store.ts";
import type { EventTail } from "./event-tail.ts";

/** A run whose state is in memory. */
export interface Run extends RunAddress {
  readonly state: ExecutionState;
  readonly tail: EventTail;
  /** Records that a recovery would have to fold. */
  recordsSinceSnapshot: number;
}

/** Whether the run has not closed. */
export function isOpen({ state: { status } }: Run): boolean {
  return status === WorkflowExecutionStatus.RUNNING || status === WorkflowExecutionStatus.PAUSED;
}
