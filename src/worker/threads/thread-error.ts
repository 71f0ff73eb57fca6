import { TemporalError } from "../../core/errors.ts";

/** Workflow code held its thread for too long, most likely in a loop without an end; the thread was ended. */
export class WorkflowDeadlockError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKFLOW_DEADLOCK";
  override readonly name = "WorkflowDeadlockError";
}

/** A thread that runs workflow code ran out of memory while it ran this workflow. */
export class WorkflowOutOfMemoryError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKFLOW_OUT_OF_MEMORY";
  override readonly name = "WorkflowOutOfMemoryError";
}

/** The thread that held a workflow run ended for a reason that is not the run's; replaying the run mends it. */
export class WorkflowThreadLostError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKFLOW_THREAD_LOST";
  override readonly name = "WorkflowThreadLostError";
}

/** The pool of workflow threads was stopped. */
export class WorkflowThreadsStoppedError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKFLOW_THREADS_STOPPED";
  override readonly name = "WorkflowThreadsStoppedError";
}
