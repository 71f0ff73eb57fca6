import * as workflow from "../workflow.ts";

/** Tells a sink of each run that begins, in replay too. */
export function interceptors(): workflow.WorkflowInterceptors {
  return {
    inbound: [
      {
        executeWorkflow(input, next) {
          workflow.callSink("runs", workflow.info().workflowType, { callsDuringReplay: true });
          return next(input);
        },
      },
    ],
  };
}
