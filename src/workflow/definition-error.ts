import { TemporalError } from "../core/errors.ts";

/** A class cannot be a workflow as it is. */
export class WorkflowDefinitionError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKFLOW_DEFINITION";
  override readonly name = "WorkflowDefinitionError";
}
