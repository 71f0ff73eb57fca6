import { ApplicationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";

/** What the official SDK's program defines too. */
@workflow.defn()
export class Double {
  @workflow.run
  async run(text: string, fails: boolean): Promise<string> {
    const doubled = await workflow.executeActivity<string>("twice", { startToCloseTimeout: "10s", args: [text] });
    if (fails) throw new ApplicationError("as asked", { type: "Asked", details: [doubled] });
    return doubled;
  }
}
