import { withSpan } from "perdure/opentelemetry";
import * as workflow from "perdure/workflow";
import { bake } from "./activities.ts";

@workflow.defn()
export class BakeCake {
  @workflow.run
  async run(cake: string): Promise<string> {
    return workflow.executeActivity(bake, { args: [cake], startToCloseTimeout: "10s" });
  }
}

@workflow.defn()
export class Party {
  @workflow.run
  async run(): Promise<string> {
    // A span of one's own; what is started within appears below it.
    return withSpan("cakes", () => workflow.executeChildWorkflow(BakeCake, { args: ["lemon"] }));
  }
}
