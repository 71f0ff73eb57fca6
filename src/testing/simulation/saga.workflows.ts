import * as workflow from "../../workflow.ts";

/** What the saga asks of the world, about an order by its key. */
export interface OrderActivities {
  charge(key: string): Promise<void>;
  ship(key: string): Promise<void>;
  refund(key: string): Promise<void>;
}

const retryPolicy = { initialInterval: "1s" } as const;
const patient = workflow.activities<OrderActivities>({ startToCloseTimeout: "1 minute", retryPolicy });
const hasty = workflow.activities<OrderActivities>({
  startToCloseTimeout: "1 minute",
  retryPolicy: { maximumAttempts: 1 },
});

/** Takes an order: charges it and ships it when it is packed, or refunds it if it cannot be shipped. */
@workflow.defn()
export class PaymentSaga {
  #isPacked = false;
  #isCancelled = false;

  @workflow.run
  async run(key: string, shipping: "patient" | "hasty" = "patient"): Promise<string> {
    await patient.charge(key);
    try {
      await workflow.waitCondition(() => this.#isPacked || this.#isCancelled, { timeout: "30 days" });
      if (!this.#isCancelled) {
        await (shipping === "hasty" ? hasty : patient).ship(key);
        return "shipped";
      }
    } catch {
      // What was never packed or failed to be shipped is refunded as what was cancelled.
    }
    await patient.refund(key);
    return "refunded";
  }

  @workflow.signal
  packed(): void {
    this.#isPacked = true;
  }

  @workflow.signal
  cancel(): void {
    this.#isCancelled = true;
  }
}
