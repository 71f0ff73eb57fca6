import { ApplicationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { greet } from "../activities.ts";

const quick = { startToCloseTimeout: "10s" } as const;

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
export class DivergingBefore {
  @workflow.run
  async run(): Promise<void> {
    await workflow.sleep(300);
    await workflow.sleep(1);
  }
}

@workflow.defn({ name: "Diverging" })
export class DivergingAfter {
  @workflow.run
  async run(): Promise<void> {
    await workflow.executeActivity(greet, { ...quick, args: ["not", "a timer"] });
  }
}

@workflow.defn({ name: "Diverging", failureExceptionTypes: [workflow.NondeterminismError] })
export class DivergingForGood {
  @workflow.run
  async run(): Promise<void> {
    await workflow.executeActivity(greet, { ...quick, args: ["not", "a timer"] });
  }
}
