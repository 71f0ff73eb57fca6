import type { WorkflowInterceptors } from "perdure/workflow";

/** Holds a change back from workflows whose id says so. */
export function interceptors(): WorkflowInterceptors {
  return {
    patchActivation: ({ patchId, workflowInfo }) =>
      patchId !== "the-change" || !workflowInfo.workflowId.includes("held"),
  };
}
