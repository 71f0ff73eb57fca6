import * as workflow from "perdure/workflow";
import { sayHello } from "./activities.ts";

@workflow.defn()
export class SayHello {
  @workflow.run
  async run(name: string): Promise<string> {
    return workflow.executeActivity(sayHello, { args: [name], scheduleToCloseTimeout: "5s" });
  }
}
