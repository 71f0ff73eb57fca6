import * as workflow from "../../workflow.ts";

/** What the orders ask of the world, by their keys. */
export interface World {
  charge(key: string): Promise<void>;
  ship(key: string): Promise<void>;
  refund(key: string): Promise<void>;
}

/** What is planted into an order; a sound one has none of it. */
export type Bug = "none" | "forgetsEarlyNews" | "refundsWhatIsShipped";

const world = workflow.activities<World>({
  startToCloseTimeout: "1 minute",
  retryPolicy: { initialInterval: "1s" },
});

/** Charges an order, ships it when it is packed, and refunds it if it is cancelled before that or never packed. */
@workflow.defn()
export class PlantedSaga {
  #isPacked = false;
  #isCancelled = false;

  @workflow.run
  async run(key: string, bug: Bug): Promise<string> {
    // Handlers of what arrives with the start run first: a reset here forgets it.
    if (bug === "forgetsEarlyNews") this.#isPacked = false;
    await world.charge(key);
    await workflow.waitCondition(() => this.#isPacked || this.#isCancelled, { timeout: "30 days" }).catch(() => false);
    const ships = this.#isPacked && !this.#isCancelled;
    if (ships) await world.ship(key);
    // A cancellation that comes while the order is being shipped is too late.
    if (bug === "refundsWhatIsShipped" ? !this.#isCancelled && ships : ships) return "shipped";
    await world.refund(key);
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
