import { SearchAttributeKey } from "perdure/common";
import * as workflow from "perdure/workflow";

/** Set by one of the edits. */
export const late = SearchAttributeKey.forBool("Late");

const options = { startToCloseTimeout: "10s" } as const;

/** A workflow with one of everything, which the catalogue of edits changes line by line. */
@workflow.defn()
export class Order {
  #isApproved = false;
  #changes = 0;
  #isPriced = false;

  @workflow.run
  async run(id: string): Promise<string> {
    const stock = await workflow.executeActivity<string>("reserve", { ...options, args: [id] });
    await workflow.sleep("1s");
    const price = await workflow.executeLocalActivity<string>("price", { ...options, args: [id] });
    this.#isPriced = true;
    await workflow.waitCondition(() => this.#isApproved);
    if (workflow.patched("discount")) {
      workflow.upsertMemo({ discount: true });
    }
    const child = await workflow.startChildWorkflow<string>("Ship", { id: `ship-${id}`, args: [id] });
    await child.signal("hurry");
    const shipped = await child.result();
    const bill = await workflow.executeActivity<string>("bill", { ...options, args: [price] });
    return `${stock} ${price} ${shipped} ${bill} ${this.#changes}`;
  }

  @workflow.signal
  approve(): void {
    this.#isApproved = true;
  }

  @workflow.update
  async change(): Promise<number> {
    await workflow.executeActivity("record", options);
    this.#changes += 1;
    return this.#changes;
  }

  @workflow.update
  async priced(): Promise<void> {
    await workflow.waitCondition(() => this.#isPriced);
  }

  @workflow.query
  changes(): number {
    return this.#changes;
  }
}

@workflow.defn()
export class Ship {
  #isHurried = false;

  @workflow.run
  async run(id: string): Promise<string> {
    await workflow.waitCondition(() => this.#isHurried);
    return `shipped ${id}`;
  }

  @workflow.signal
  hurry(): void {
    this.#isHurried = true;
  }
}
