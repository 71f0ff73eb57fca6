import * as workflow from "perdure/workflow";
import { greet } from "../activities.ts";

const quick = { startToCloseTimeout: "10s" } as const;

@workflow.defn({ name: "Patching" })
export class PatchingAfter {
  #goesOn = false;

  @workflow.run
  async run(): Promise<string> {
    workflow.deprecatePatch("the-change");
    await workflow.waitCondition(() => this.#goesOn);
    await workflow.sleep(2);
    return "new";
  }

  @workflow.signal
  goOn(): void {
    this.#goesOn = true;
  }
}

@workflow.defn({ name: "Diverging" })
export class DivergingAfter {
  @workflow.run
  async run(): Promise<void> {
    await workflow.executeActivity(greet, { ...quick, args: ["not", "a timer"] });
  }
}
