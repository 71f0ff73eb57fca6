import { TimeoutError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";

/** Waits for a person, but not for ever. */
@workflow.defn()
export class Expense {
  #approvedBy: string | undefined;

  @workflow.run
  async run(patience: workflow.Duration): Promise<string> {
    try {
      await workflow.waitCondition(() => this.#approvedBy !== undefined, { timeout: patience });
      return `approved by ${this.#approvedBy}`;
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      return "rejected: nobody answered";
    }
  }

  @workflow.signal
  approve(name: string): void {
    this.#approvedBy = name;
  }
}
