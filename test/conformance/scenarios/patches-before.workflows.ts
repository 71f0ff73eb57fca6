import * as workflow from "perdure/workflow";

/** As before there was a patch. */
@workflow.defn({ name: "Remembering" })
export class KnowsNoPatch {
  #isReleased = false;

  @workflow.run
  async run(): Promise<string[]> {
    await workflow.waitCondition(() => this.#isReleased);
    return ["released"];
  }

  @workflow.signal
  release(): void {
    this.#isReleased = true;
  }
}
