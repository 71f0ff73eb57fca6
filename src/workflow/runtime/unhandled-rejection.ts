import { runOfContext } from "./current.ts";
import { settleError } from "./top-level.ts";
import { logAbout } from "./run-log.ts";

/**
 * Says that a promise was rejected for which nobody waited.
 *
 * @param context What the host's context storage held where it happened.
 * @returns False if it did not happen in a workflow.
 */
export function reportUnhandledRejection(context: unknown, error: unknown): boolean {
  const run = runOfContext(context);
  if (run === undefined) return false;
  // When the run's activation is over already, its next one fails.
  if (run.isActivated) settleError(run, error);
  else {
    logAbout(run, "error", "A promise was rejected for which nobody waits, the workflow's next task fails", {
      reason: error instanceof Error ? error.message : String(error),
    });
    run.failTask(error);
  }
  return true;
}
