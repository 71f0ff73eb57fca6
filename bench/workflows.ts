import * as workflow from "perdure/workflow";
import { noop } from "./activities.js";

const options = { startToCloseTimeout: "1 minute" } as const;

@workflow.defn()
export class Hello {
  @workflow.run
  async run(name: string): Promise<string> {
    return workflow.executeActivity(noop, { ...options, args: [name] });
  }
}

@workflow.defn()
export class Activities {
  @workflow.run
  async run(count: number): Promise<number> {
    for (let index = 0; index < count; index++) await workflow.executeActivity(noop, { ...options, args: ["x"] });
    return count;
  }
}

@workflow.defn()
export class Interactive {
  #count = 0;
  #done = false;

  @workflow.run
  async run(): Promise<number> {
    await workflow.waitCondition(() => this.#done);
    return this.#count;
  }

  @workflow.signal
  add(): void {
    this.#count++;
  }

  @workflow.signal
  finish(): void {
    this.#done = true;
  }

  @workflow.update
  addAndTell(): number {
    this.#count++;
    return this.#count;
  }

  @workflow.query
  count(): number {
    return this.#count;
  }
}

@workflow.defn()
export class Signals {
  #count = 0;

  @workflow.run
  async run(wanted: number): Promise<number> {
    await workflow.waitCondition(() => this.#count >= wanted);
    return this.#count;
  }

  @workflow.signal
  add(): void {
    this.#count++;
  }
}
