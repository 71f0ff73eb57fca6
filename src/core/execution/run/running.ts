import { notFound } from "../execution-error.ts";
import type { ExecutionState } from "../state.ts";

/** @throws {ExecutionError} If the run has closed, or has not begun. */
export function requireRunning(state: ExecutionState): void {
  if (state.phase !== "running") throw notFound("workflow execution already completed");
}
