import * as workflow from "../../workflow.ts";
import { greet } from "./activities.test-support.ts";

@workflow.defn()
export class Hello {
  @workflow.run
  async run(name: string): Promise<string> {
    return workflow.executeActivity(greet, { args: [name], startToCloseTimeout: "5s" });
  }
}
