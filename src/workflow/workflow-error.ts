import { TemporalError } from "../core/errors.ts";

/** Code that needs a workflow ran outside of one. */
export class NotInWorkflowError extends TemporalError {
  static override readonly code: string = "TEMPORAL_NOT_IN_WORKFLOW";
  override readonly name = "NotInWorkflowError";

  constructor(action: string) {
    super(`Cannot ${action}: this code does not run in a workflow, or its workflow task has ended`);
  }
}

/** A query, an update's validator or a patch's activation tried to change something. */
export class ReadOnlyContextError extends TemporalError {
  static override readonly code: string = "TEMPORAL_READ_ONLY_CONTEXT";
  override readonly name = "ReadOnlyContextError";

  constructor(action: string) {
    super(
      `Cannot ${action}: this code runs in a query, an update's validator or a patch's activation, which may change nothing`,
    );
  }
}

/** Workflow code called its API in a way that cannot work. */
export class WorkflowUsageError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKFLOW_USAGE";
  override readonly name = "WorkflowUsageError";
}
