import * as workflow from "perdure/workflow";
import type * as activities from "./activities.ts";

const { charge } = workflow.activities<typeof activities>({ startToCloseTimeout: "1m" });

/** Takes money every thirty days. */
@workflow.defn()
export class Subscription {
  readonly #receipts: string[] = [];

  @workflow.run
  async run(customer: string, months: number): Promise<readonly string[]> {
    for (let month = 1; month <= months; month += 1) {
      this.#receipts.push(await charge(customer, month));
      await workflow.sleep("30 days");
    }
    return this.#receipts;
  }
}
