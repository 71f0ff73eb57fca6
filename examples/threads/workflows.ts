import * as workflow from "perdure/workflow";
import { countPrimes } from "./primes.ts";

@workflow.defn()
export class Primes {
  @workflow.run
  async run(limits: readonly number[]): Promise<number[]> {
    return Promise.all(
      limits.map((limit) => workflow.executeActivity(countPrimes, { args: [limit], startToCloseTimeout: "1m" })),
    );
  }
}
