import { ApplicationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { greet } from "../activities.ts";

/** Greets, and then does what it is told to. */
@workflow.defn()
export class GreetsAndMore {
  #isWaiting = false;

  @workflow.run
  async run(more: "nothing" | "wait" | "fail" | "diverge"): Promise<string> {
    const greeting = await workflow.executeActivity(greet, { startToCloseTimeout: "10s", args: ["Hello", "you"] });
    if (more === "wait") {
      this.#isWaiting = true;
      await workflow.waitCondition(() => false);
    }
    if (more === "fail") throw new ApplicationError("failed on purpose");
    if (more === "diverge" && workflow.unsafe.isReplaying()) await workflow.sleep(100);
    return greeting;
  }

  @workflow.query
  isWaiting(): boolean {
    return this.#isWaiting;
  }
}

/** Not the one that is replayed. */
@workflow.defn()
export class SomeOther {
  @workflow.run
  async run(): Promise<void> {}
}
