import * as workflow from "perdure/workflow";

@workflow.defn({ name: "Twin" })
export class FirstTwin {
  @workflow.run
  async run(): Promise<string> {
    return "first";
  }
}

@workflow.defn({ name: "Twin" })
export class SecondTwin {
  @workflow.run
  async run(): Promise<string> {
    return "second";
  }
}
