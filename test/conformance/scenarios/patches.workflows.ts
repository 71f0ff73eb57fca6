import * as workflow from "perdure/workflow";

/** Asks for a patch twice, with a task between if told so. */
@workflow.defn()
export class MeetsPatch {
  @workflow.run
  async run(patchId: string, sleeps: boolean): Promise<boolean[]> {
    const first = workflow.patched(patchId);
    if (sleeps) await workflow.sleep(1);
    return [first, workflow.patched(patchId)];
  }
}

/** Has a patch everywhere. */
@workflow.defn()
export class DeprecatesPatch {
  @workflow.run
  async run(patchId: string): Promise<boolean> {
    workflow.deprecatePatch(patchId);
    return workflow.patched(patchId);
  }
}

/** Notes whether it has met a patch before and after a signal; its older self knows none. */
@workflow.defn({ name: "Remembering" })
export class RemembersPatch {
  #isReleased = false;

  @workflow.run
  async run(): Promise<string[]> {
    const notes: string[] = [];
    if (workflow.patched("remembered")) notes.push("patched before");
    await workflow.waitCondition(() => this.#isReleased);
    notes.push("released");
    if (workflow.patched("remembered")) notes.push("patched after");
    return notes;
  }

  @workflow.signal
  release(): void {
    this.#isReleased = true;
  }
}
