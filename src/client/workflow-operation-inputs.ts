import type { CallOptions } from "./call-options.ts";
import type { WorkflowTarget } from "./call-parts.ts";
import type { WorkflowOptionsChange } from "./workflow-options-change.ts";
import type { ResetOptions } from "./workflow-reset.ts";

/** The reset of a workflow as interceptors see it. */
export interface ResetWorkflowInput extends WorkflowTarget {
  readonly options: Omit<ResetOptions, keyof CallOptions>;
  readonly call: CallOptions;
}

/** The deletion of a workflow as interceptors see it. */
export interface DeleteWorkflowInput extends WorkflowTarget {
  readonly call: CallOptions;
}

/** The pause of a workflow, or its end, as interceptors see it. */
export interface PauseWorkflowInput extends WorkflowTarget {
  readonly reason: string;
  readonly call: CallOptions;
}

/** A change of a workflow's options as interceptors see it. */
export interface UpdateWorkflowOptionsInput extends WorkflowTarget {
  readonly changes: WorkflowOptionsChange;
  readonly call: CallOptions;
}
