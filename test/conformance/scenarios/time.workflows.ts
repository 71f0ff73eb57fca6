import * as workflow from "perdure/workflow";
import { failUntil } from "../activities.ts";

const HOUR_MS = 3_600_000;

/** Sleeps, waits for a retry and for a child, whose time is its own, and goes on as a new run that sleeps; answers how long all took. */
@workflow.defn()
export class Dozing {
  @workflow.run
  async run(beganMs = Date.now(), isNext = false): Promise<number> {
    await workflow.sleep(HOUR_MS);
    if (isNext) return Date.now() - beganMs;
    await workflow.executeActivity(failUntil, {
      args: [2],
      startToCloseTimeout: "10s",
      retryPolicy: { initialInterval: HOUR_MS },
    });
    const childTook = await workflow.executeChildWorkflow(Dozing, { args: [Date.now(), true] });
    if (childTook < HOUR_MS) throw new Error(`The child took ${childTook} ms`);
    return workflow.continueAsNew({ args: [beganMs, true] });
  }
}
