import * as workflow from "perdure/workflow";

/** Tells a sink what the header of an update holds. */
export function interceptors(): workflow.WorkflowInterceptors {
  return {
    inbound: [
      {
        handleUpdate(input, next) {
          const { shared } = input.headers;
          workflow.callSink("header", shared === undefined ? "none" : new TextDecoder().decode(shared.data));
          return next(input);
        },
      },
    ],
  };
}
