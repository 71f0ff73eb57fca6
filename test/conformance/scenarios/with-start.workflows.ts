import { ApplicationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { greet } from "../activities.ts";

/** Takes updates until it is told to finish. */
@workflow.defn()
export class TakesUpdatesFirst {
  #isDone = false;

  @workflow.run
  async run(number: number): Promise<string> {
    await workflow.waitCondition(() => this.#isDone);
    return `workflow ${number}`;
  }

  @workflow.update
  atOnce(what: string): string {
    if (what === "fail") throw new ApplicationError("fails after it was accepted");
    return `update ${what}`;
  }

  @workflow.update
  async afterActivity(what: string): Promise<string> {
    await workflow.executeActivity(greet, { startToCloseTimeout: "10s", args: ["Hello", what] });
    return `update ${what}`;
  }

  @workflow.signal
  finish(): void {
    this.#isDone = true;
  }
}

/** Answers with what it and its update were given, any number of arguments each. */
@workflow.defn()
export class GivesBack {
  #isUpdated = false;

  @workflow.run
  async run(...args: string[]): Promise<{ readonly result: string }> {
    await workflow.waitCondition(() => this.#isUpdated);
    return { result: `workflow-${args.join("-")}` };
  }

  @workflow.update({ name: "give-back" })
  async update(...args: string[]): Promise<{ readonly result: string }> {
    this.#isUpdated = true;
    return { result: `update-${args.join("-")}` };
  }
}

/** Ends at once or waits, as does its update. */
@workflow.defn()
export class AnswersOnce {
  #mayEnd = false;
  #mayAnswer = false;

  @workflow.run
  async run(waits: boolean): Promise<string> {
    await workflow.waitCondition(() => !waits || this.#mayEnd);
    return workflow.uuid4();
  }

  @workflow.update({ unfinishedPolicy: "abandon" })
  async answer(waits: boolean): Promise<string> {
    if (waits) await workflow.waitCondition(() => this.#mayAnswer);
    return workflow.uuid4();
  }

  @workflow.signal
  letEnd(): void {
    this.#mayEnd = true;
  }

  @workflow.signal
  letAnswer(): void {
    this.#mayAnswer = true;
  }
}
