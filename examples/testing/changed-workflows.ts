import * as workflow from "perdure/workflow";

/** The subscription after a careless change: it sleeps before it charges. */
@workflow.defn({ name: "Subscription" })
export class CarelessSubscription {
  @workflow.run
  async run(_customer: string, months: number): Promise<void> {
    await workflow.sleep(`${30 * months} days`);
  }
}
