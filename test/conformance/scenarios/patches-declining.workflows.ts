import type { WorkflowInterceptors } from "perdure/workflow";
import * as workflow from "perdure/workflow";

/** Holds every patch back, and tells the worker that it was asked. */
export function interceptors(): WorkflowInterceptors {
  return {
    patchActivation({ patchId, workflowInfo: { workflowId } }) {
      workflow.callSink("asked", `${patchId} by ${workflowId}`);
      return false;
    },
  };
}
