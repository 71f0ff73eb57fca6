import { completedSpan, withSpan } from "../opentelemetry.ts";
import * as workflow from "../workflow.ts";

const minute = { startToCloseTimeout: "1m" } as const;

@workflow.defn()
export class Child {
  @workflow.run
  async run(name: string): Promise<string> {
    await workflow.sleep("1s");
    return workflow.executeActivity<string>("greet", { ...minute, args: [name] });
  }
}

@workflow.defn()
export class Parent {
  #isReleased = false;

  @workflow.run
  async run(name: string): Promise<string> {
    await workflow.waitCondition(() => this.#isReleased);
    completedSpan("released", { attributes: { step: 1 } });
    return withSpan("with child", async () => {
      const greeting = await workflow.executeChildWorkflow(Child, { args: [name] });
      completedSpan("greeted");
      return greeting;
    });
  }

  @workflow.signal
  release(): void {
    this.#isReleased = true;
  }

  @workflow.query
  isReleased(): boolean {
    return this.#isReleased;
  }

  @workflow.update
  async rename(name: string): Promise<string> {
    return workflow.executeLocalActivity<string>("greet", { ...minute, args: [name] });
  }

  @workflow.validator<Parent, "rename">("rename")
  checkName(name: string): void {
    if (name === "") throw new Error("empty");
  }
}

@workflow.defn({ sandboxed: false })
export class OpenParent {
  @workflow.run
  async run(name: string): Promise<string> {
    return workflow.executeActivity<string>("greet", { ...minute, args: [name] });
  }
}
