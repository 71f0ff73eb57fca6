import * as workflow from "perdure/workflow";

/** Hands the header that a workflow came with on to whatever it starts, and tells a sink what it sees. */
export function interceptors(): workflow.WorkflowInterceptors {
  let headers: workflow.ExecuteWorkflowInput["headers"] = {};
  const see = (what: string): void => workflow.callSink("seen", what);
  return {
    inbound: [
      {
        executeWorkflow(input, next) {
          headers = input.headers;
          see(`run ${workflow.info().workflowType}`);
          return next(input);
        },
        handleSignal(input, next) {
          see(`signal ${input.signal}`);
          return next(input);
        },
      },
    ],
    outbound: [
      {
        startActivity: (input, next) => next({ ...input, headers: { ...input.headers, ...headers } }),
        startChildWorkflow: (input, next) => next({ ...input, headers: { ...input.headers, ...headers } }),
      },
    ],
  };
}
