/** State, signals, queries and updates. `node --import tsx examples/cart/main.ts [address]` */
import { randomUUID } from "node:crypto";
import { Client, WorkflowUpdateFailedError } from "perdure/client";
import { Worker } from "perdure/worker";
import { Cart } from "./workflows.ts";

const taskQueue = "cart";
await using client = await Client.connect(process.argv[2] ?? "memory:");
const worker = await Worker.create(client, { taskQueue, workflows: [Cart] });

await worker.runUntil(async () => {
  const cart = await client.startWorkflow(Cart, { id: `cart-${randomUUID()}`, taskQueue });
  console.log("In the cart:", await cart.executeUpdate("add", { args: ["apple", 3] }));
  console.log("In the cart:", await cart.executeUpdate("add", { args: ["pear", 1] }));
  try {
    await cart.executeUpdate("add", { args: ["plum", 0] });
  } catch (error) {
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    console.log("Refused:", error.cause.message);
  }
  await cart.signal("remove", "pear");
  console.log("Asked:", await cart.query("count"));
  await cart.signal("checkOut");
  console.log("Bought:", await cart.result());
});
