import * as workflow from "perdure/workflow";
import { work } from "./activities.ts";

/** Takes numbered signals, does an activity for each, and ends when told how many there were. */
@workflow.defn()
export class Ledger {
  readonly #received: number[] = [];
  #expected: number | undefined;

  @workflow.run
  async run(): Promise<readonly number[]> {
    let done = 0;
    while (this.#expected === undefined || done < this.#expected) {
      await workflow.waitCondition(
        () => this.#received.length > done || (this.#expected !== undefined && done >= this.#expected),
      );
      for (; done < this.#received.length; done++)
        await workflow.executeActivity(work, {
          args: [this.#received[done] ?? -1],
          startToCloseTimeout: "2s",
          retryPolicy: { initialInterval: 100, maximumInterval: 200 },
        });
    }
    return this.#received;
  }

  @workflow.signal
  add(entry: number): void {
    this.#received.push(entry);
  }

  @workflow.signal
  close(count: number): void {
    this.#expected = count;
  }
}
