import { FailureError } from "./failure-error.ts";

/** A workflow with that id runs already, or ran and its id may not be used again. */
export class WorkflowAlreadyStartedError extends FailureError {
  static override readonly code: string = "TEMPORAL_FAILURE_ALREADY_STARTED_WORKFLOW";
  override readonly name: string = "WorkflowAlreadyStartedError";
  readonly workflowId: string;
  readonly workflowType: string;
  /** Of the workflow that is there; workflow code does not learn it. */
  readonly runId: string | undefined;

  constructor(workflowId: string, workflowType: string, options: { readonly runId?: string | undefined } = {}) {
    super("Workflow execution already started");
    this.workflowId = workflowId;
    this.workflowType = workflowType;
    this.runId = options.runId;
  }
}

/** An activity with that id runs already, or ran and its id may not be used again. */
export class ActivityAlreadyStartedError extends FailureError {
  static override readonly code: string = "TEMPORAL_FAILURE_ALREADY_STARTED_ACTIVITY";
  override readonly name: string = "ActivityAlreadyStartedError";
  readonly activityId: string;
  readonly activityType: string;
  readonly runId: string | undefined;

  constructor(activityId: string, activityType: string, options: { readonly runId?: string | undefined } = {}) {
    super("Activity execution already started");
    this.activityId = activityId;
    this.activityType = activityType;
    this.runId = options.runId;
  }
}

/** A Nexus operation with that id runs already, or ran and its id may not be used again. */
export class NexusOperationAlreadyStartedError extends FailureError {
  static override readonly code: string = "TEMPORAL_FAILURE_ALREADY_STARTED_NEXUS_OPERATION";
  override readonly name: string = "NexusOperationAlreadyStartedError";
  readonly operationId: string;
  readonly runId: string | undefined;

  constructor(operationId: string, options: { readonly runId?: string | undefined } = {}) {
    super("Nexus operation execution already started");
    this.operationId = operationId;
    this.runId = options.runId;
  }
}

/** A child workflow was not started because its versioning override cannot be: no worker of the version serves its queue. */
export class InvalidVersioningOverrideError extends FailureError {
  static override readonly code: string = "TEMPORAL_FAILURE_INVALID_VERSIONING_OVERRIDE";
  override readonly name: string = "InvalidVersioningOverrideError";

  constructor() {
    super("Invalid versioning override");
  }
}
