import * as workflow from "perdure/workflow";

@workflow.defn({ name: "Patching" })
export class PatchingBefore {
  #goesOn = false;

  @workflow.run
  async run(): Promise<string> {
    await workflow.waitCondition(() => this.#goesOn);
    await workflow.sleep(1);
    return "old";
  }

  @workflow.signal
  goOn(): void {
    this.#goesOn = true;
  }
}

@workflow.defn({ name: "Diverging" })
export class DivergingBefore {
  @workflow.run
  async run(): Promise<void> {
    await workflow.sleep(300);
    await workflow.sleep(1);
  }
}
