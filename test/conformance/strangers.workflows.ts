import * as workflow from "perdure/workflow";
import { greet } from "./activities.ts";

/** What the official SDKs' programs define too, so that each side may work for the other. */
@workflow.defn()
export class Greeting {
  #greeting = "Hello";
  #released = false;

  @workflow.run
  async run(name: string, waits: boolean): Promise<string> {
    await workflow.sleep(5);
    if (waits) await workflow.waitCondition(() => this.#released);
    return workflow.executeActivity(greet, { startToCloseTimeout: "10s", args: [this.#greeting, name] });
  }

  @workflow.signal
  setGreeting(greeting: string): void {
    this.#greeting = greeting;
  }

  @workflow.signal({ name: "let-go" })
  release(): void {
    this.#released = true;
  }

  @workflow.query
  greeting(): string {
    return this.#greeting;
  }
}
