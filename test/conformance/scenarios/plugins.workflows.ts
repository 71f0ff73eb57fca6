import * as workflow from "perdure/workflow";
import { completedSpan } from "perdure/opentelemetry";

const minute = { startToCloseTimeout: "1m" } as const;

@workflow.defn()
export class Intercepted {
  #isReleased = false;

  @workflow.run
  async run(name: string): Promise<string> {
    await workflow.waitCondition(() => this.#isReleased);
    completedSpan("released");
    return workflow.executeActivity<string>("greetIntercepted", { ...minute, args: [name] });
  }

  @workflow.signal
  release(): void {
    this.#isReleased = true;
  }
}

@workflow.defn()
export class StartsIntercepted {
  @workflow.run
  async run(name: string): Promise<string> {
    const child = await workflow.startChildWorkflow(Intercepted, { args: [name] });
    await child.signal("release");
    return child.result();
  }
}
