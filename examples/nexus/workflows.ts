import * as workflow from "perdure/workflow";
import { shop } from "./service.ts";

/** Of the shop. */
@workflow.defn()
export class Deliver {
  @workflow.run
  async run(item: string): Promise<string> {
    await workflow.sleep(100);
    return `${item} is at the door`;
  }
}

/** Of its customer, who knows the endpoint's name and the contract. */
@workflow.defn()
export class Order {
  @workflow.run
  async run(endpoint: string, item: string): Promise<string> {
    const client = workflow.createNexusClient({ endpoint, service: shop });
    const price = await client.executeOperation(shop.operations.price, item, { scheduleToCloseTimeout: "10s" });
    const delivery = await client.executeOperation(shop.operations.deliver, item, { scheduleToCloseTimeout: "1 day" });
    return `${delivery}, for ${price}`;
  }
}
