import type { RawValue } from "perdure/common";
import * as workflow from "perdure/workflow";

/** Runs whatever has no class of its own: its type and its arguments are known at run time only. */
@workflow.defn({ dynamic: true })
export class Anything {
  @workflow.run
  async run(args: readonly RawValue[]): Promise<string> {
    const values = args.map(({ payload }) => workflow.payloadConverter().fromPayload(payload));
    return workflow.executeActivity<string>(`${workflow.info().workflowType}Step`, {
      args: values,
      startToCloseTimeout: "1m",
    });
  }
}
