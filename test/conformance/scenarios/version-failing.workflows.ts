import * as workflow from "perdure/workflow";
import { greet } from "../activities.ts";

const quick = { startToCloseTimeout: "10s" } as const;

@workflow.defn({ name: "Diverging", failureExceptionTypes: [workflow.NondeterminismError] })
export class DivergingForGood {
  @workflow.run
  async run(): Promise<void> {
    await workflow.executeActivity(greet, { ...quick, args: ["not", "a timer"] });
  }
}
