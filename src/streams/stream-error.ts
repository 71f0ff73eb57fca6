import { TemporalError } from "../core/errors.ts";

/** Items could not be published to a workflow's stream, or read from it. */
export class WorkflowStreamError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKFLOW_STREAM";
  override readonly name = "WorkflowStreamError";
}
