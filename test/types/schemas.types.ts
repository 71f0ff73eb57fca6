import * as v from "valibot";
import { z } from "zod";
import { implement } from "../../src/activity.ts";
import { type Client } from "../../src/client.ts";
import { defineActivity, type SchemaOutput } from "../../src/common.ts";
import * as workflow from "../../src/workflow.ts";
import type { Holds } from "./workflow.types.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const Order = z.object({ id: z.string(), at: z.coerce.date() });
const Total = v.pipe(v.number(), v.integer());
const charge = defineActivity({ name: "charge", args: [Order], result: Total });

export type OrderIsInferred = Holds<Same<SchemaOutput<typeof Order>, { id: string; at: Date }>>;
export type ContractIsInferred = Holds<Same<typeof charge, (order: { id: string; at: Date }) => Promise<number>>>;

export const implementation = implement(charge, (order) => order.at.getTime());
// @ts-expect-error the result must suit the contract
export const wrongImplementation = implement(charge, () => "text");

@workflow.defn()
export class Buy {
  @workflow.run({ args: [Order], result: Total })
  async run(order: SchemaOutput<typeof Order>): Promise<number> {
    const total: number = await workflow.executeActivity(charge, { startToCloseTimeout: "1m", args: [order] });
    // @ts-expect-error the argument must suit the contract
    await workflow.executeActivity(charge, { startToCloseTimeout: "1m", args: ["order"] });
    const name = await workflow.executeActivity("name", { startToCloseTimeout: "1m", resultSchema: z.string() });
    type NameIsInferred = Holds<Same<typeof name, string>>;
    return total satisfies NameIsInferred extends true ? number : never;
  }

  @workflow.signal({ args: [z.number()] })
  take(_count: number): void {}

  @workflow.update({ args: [z.string()], result: z.boolean() })
  async ask(_text: string): Promise<boolean> {
    return true;
  }
}

@workflow.defn()
export class Wrong {
  // @ts-expect-error the argument must be what the schema reads
  @workflow.run({ args: [Order], result: Total })
  async run(order: { readonly name: string }): Promise<number> {
    return order.name.length;
  }

  // @ts-expect-error the result must be what the schema reads
  @workflow.query({ args: [z.number()], result: z.string() })
  count(given: number): number {
    return given;
  }
}

export async function use(client: Client): Promise<void> {
  const options = { id: "b", taskQueue: "q" };
  const total = await client.executeWorkflow(Buy, { ...options, args: [{ id: "1", at: new Date(0) }] });
  // @ts-expect-error the argument's type comes from the schema
  await client.executeWorkflow(Buy, { ...options, args: [{ id: 1 }] });
  await client.getWorkflowHandleFor(Buy, "b").signal("take", total);
}
