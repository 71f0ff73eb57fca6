import { ApplicationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";

@workflow.defn({ name: "Patching" })
export class PatchingBetween {
  #goesOn = false;

  @workflow.run
  async run(): Promise<string> {
    const isNew = workflow.patched("the-change");
    await workflow.waitCondition(() => this.#goesOn);
    if (isNew && !workflow.patched("the-change")) throw new ApplicationError("the answer changed");
    await workflow.sleep(isNew ? 2 : 1);
    return isNew ? "new" : "old";
  }

  @workflow.signal
  goOn(): void {
    this.#goesOn = true;
  }
}
