import { TemporalError } from "../../core/errors.ts";

/** Workflow code cannot be bundled: a forbidden import, a syntax error, a missing module, or no bundler. */
export class WorkflowBundleError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKFLOW_BUNDLE";
  override readonly name = "WorkflowBundleError";
}

/** A bundled workflow module threw while it was evaluated, or did not define the workflow wanted of it. */
export class WorkflowLoadError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKFLOW_LOAD";
  override readonly name = "WorkflowLoadError";
}

/** Workflow code used something that exists only outside of the sandbox. */
export class SandboxAccessError extends TemporalError {
  static override readonly code: string = "TEMPORAL_SANDBOX_ACCESS";
  override readonly name = "SandboxAccessError";
}
