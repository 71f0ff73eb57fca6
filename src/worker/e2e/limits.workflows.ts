import * as workflow from "perdure/workflow";

/** Goes wrong in the way that it is told. */
@workflow.defn()
export class Runaway {
  #isReleased = false;

  @workflow.signal
  release(): void {
    this.#isReleased = true;
  }

  @workflow.run
  async run(way: "loop" | "microtasks" | "memory" | "activities" | "wait" | "none"): Promise<string> {
    const kept: unknown[] = [];
    switch (way) {
      case "loop":
        for (;;) kept.length = 0;
      case "microtasks":
        for (;;) await Promise.resolve();
      case "memory":
        for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => `item ${index} of ${kept.length}`));
      case "activities":
        await Promise.all(
          Array.from({ length: 10_000 }, () => workflow.executeActivity("nothing", { startToCloseTimeout: "1m" })),
        );
        return "done";
      case "wait":
        await workflow.waitCondition(() => this.#isReleased);
        return "done";
      case "none":
        return "done";
    }
  }
}

/** Takes the newer path of a change where it may. */
@workflow.defn()
export class Patching {
  @workflow.run
  async run(): Promise<string> {
    return workflow.patched("newer") ? "new" : "old";
  }
}
