import type { WorkflowGlobals } from "../../../workflow/runtime/globals.ts";
import type { RandomStream } from "../../../workflow/runtime/random-stream.ts";

/** What module-level code sees while a run's modules are evaluated, before there is a workflow. */
export interface LoadPhase {
  readonly nowMs: number;
  readonly random: RandomStream;
}

/** The one mutable cell of a realm: what is going on in it now. */
export interface RealmState {
  /** Set while modules are evaluated. */
  loading: LoadPhase | undefined;
  /** How many calls that lift the restrictions are running. */
  unrestrictedDepth: number;
  /** The last global without a value that workflow code read in this activation. */
  missingGlobal: string | undefined;
  /** The globals of the workflow that is running; undefined until the SDK's modules are there. */
  running: WorkflowGlobals | undefined;
  /** What shared packages keep for the run that is at work. */
  libraryState: Record<string, object> | undefined;
}

/** The realm's state. */
export const realmState: RealmState = {
  loading: undefined,
  unrestrictedDepth: 0,
  missingGlobal: undefined,
  running: undefined,
  libraryState: undefined,
};

/** The globals of the workflow that is running. */
export function runningGlobals(): WorkflowGlobals {
  if (realmState.running === undefined) throw new Error("Cannot run workflow code: its realm is not open");
  return realmState.running;
}

/** Runs `code` with the globals of the host that the sandbox leaves out. */
export function unrestricted<T>(code: () => T): T {
  realmState.unrestrictedDepth += 1;
  try {
    return code();
  } finally {
    realmState.unrestrictedDepth -= 1;
  }
}
