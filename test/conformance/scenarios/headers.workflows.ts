import * as workflow from "perdure/workflow";

/** Sends a header with activities, and tells a sink what it sees in headers. */
export function interceptors(): workflow.WorkflowInterceptors {
  const see = (where: string, headers: workflow.ExecuteWorkflowInput["headers"]): void => {
    const { foo } = headers;
    workflow.callSink("headers", `${where}: ${foo === undefined ? "none" : new TextDecoder().decode(foo.data)}`);
  };
  workflow.setSignalHandler("set by an interceptor", () => {});
  return {
    inbound: [
      {
        executeWorkflow(input, next) {
          see("workflow", input.headers);
          return next(input);
        },
        handleSignal(input, next) {
          see("signal", input.headers);
          return next(input);
        },
      },
    ],
    outbound: [
      {
        startActivity: (input, next) =>
          next({
            ...input,
            headers: { foo: { metadata: {}, data: new TextEncoder().encode("bar"), externalPayloads: [] } },
          }),
      },
    ],
  };
}

/** Calls an activity once it is told to. */
@workflow.defn()
export class CarriesHeaders {
  #isTold = false;

  @workflow.run
  async run(): Promise<string> {
    await workflow.waitCondition(() => this.#isTold);
    return workflow.executeActivity<string>("hello", { startToCloseTimeout: "10s", args: ["you"] });
  }

  @workflow.signal
  tell(): void {
    this.#isTold = true;
  }
}
