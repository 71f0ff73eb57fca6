import { ApplicationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { greet } from "../activities.ts";

/** A number that is changed by updates. */
@workflow.defn()
export class Counter {
  #value: number;
  #isOpen = false;
  #isDone = false;

  constructor() {
    this.#value = 0;
  }

  @workflow.init
  from(start: number): void {
    this.#value = start;
  }

  @workflow.run
  async run(_start: number): Promise<number> {
    await workflow.waitCondition(() => this.#isDone);
    await workflow.waitCondition(workflow.allHandlersFinished);
    return this.#value;
  }

  @workflow.update
  add(by: number): number {
    this.#value += by;
    return this.#value;
  }

  @workflow.validator<Counter, "add">("add")
  checkAdd(by: number): void {
    if (by < 0) throw new ApplicationError("only upwards", { type: "Downwards", details: [by] });
  }

  @workflow.update
  async addWhenOpen(by: number): Promise<number> {
    await workflow.waitCondition(() => this.#isOpen);
    this.#value += by;
    return this.#value;
  }

  @workflow.update
  async greetFirst(name: string): Promise<string> {
    await workflow.sleep(5);
    return workflow.executeActivity(greet, { startToCloseTimeout: "10s", args: ["Hello", name] });
  }

  @workflow.update
  refuse(): void {
    throw new ApplicationError("handler says no", { type: "No" });
  }

  @workflow.update
  async whoAsks(): Promise<unknown> {
    const before = workflow.currentUpdateInfo();
    await workflow.sleep(1);
    return [before, workflow.currentUpdateInfo()];
  }

  @workflow.query
  outsideOfUpdates(): boolean {
    return workflow.currentUpdateInfo() === undefined;
  }

  @workflow.query
  value(): number {
    return this.#value;
  }

  @workflow.signal
  open(): void {
    this.#isOpen = true;
  }

  @workflow.signal
  finish(): void {
    this.#isDone = true;
  }
}

/** Ends while an update is being handled. */
@workflow.defn()
export class Leaves {
  #isAsked = false;

  @workflow.run
  async run(): Promise<void> {
    await workflow.waitCondition(() => this.#isAsked);
  }

  @workflow.update({ unfinishedPolicy: "abandon" })
  async ask(): Promise<void> {
    this.#isAsked = true;
    await workflow.sleep("1h");
  }
}

/** Ends by the update itself, in the same task. */
@workflow.defn()
export class EndsByUpdate {
  #answer: string | undefined;

  @workflow.run
  async run(): Promise<string> {
    await workflow.waitCondition(() => this.#answer !== undefined);
    return `ended with ${this.#answer}`;
  }

  @workflow.update
  end(answer: string): string {
    this.#answer = answer;
    return "taken";
  }
}

/** Goes on as new when told; every run counts its updates. */
@workflow.defn()
export class Renewing {
  #goesOn = false;
  #isDone = false;

  @workflow.run
  async run(generation: number): Promise<number> {
    await workflow.waitCondition(() => this.#goesOn || this.#isDone);
    if (this.#isDone) return generation;
    return workflow.continueAsNew<Renewing>({ args: [generation + 1] });
  }

  @workflow.update
  runId(): string {
    return workflow.info().runId;
  }

  @workflow.signal
  renew(): void {
    this.#goesOn = true;
  }

  @workflow.signal
  finish(): void {
    this.#isDone = true;
  }
}
