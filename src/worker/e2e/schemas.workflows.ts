import { z } from "zod";
import { defineActivity } from "../../common.ts";
import * as workflow from "../../workflow.ts";

/** A date as text or as an object. */
const when = z.union([z.date(), z.iso.datetime().transform((text) => new Date(text))]);

export const Order = z.object({ id: z.string().min(1), at: when, items: z.array(z.object({ price: z.number() })) });
export const Receipt = z.object({ total: z.number(), paidAt: when });

/** What both sides know of the activity. */
export const charge = defineActivity({ name: "charge", args: [Order, z.string().default("EUR")], result: Receipt });

type Order = z.output<typeof Order>;
type Receipt = z.output<typeof Receipt>;

@workflow.defn()
export class Purchase {
  #order: Order | undefined;
  #notes: string[] = [];

  @workflow.run({ args: [Order], result: Receipt })
  async run(order: Order): Promise<Receipt> {
    this.#order = order;
    const receipt = await workflow.executeActivity(charge, { startToCloseTimeout: "1m", args: [order, "EUR"] });
    if (order.id === "parent") {
      const child = await workflow.executeChildWorkflow(Purchase, { args: [{ ...order, id: "child" }] });
      if (!(child.paidAt instanceof Date)) throw new Error("the child's result was not read");
    }
    if (order.id === "patient") await workflow.waitCondition(() => this.#notes.length >= 2);
    if (!(receipt.paidAt instanceof Date)) throw new Error("the activity's result was not read");
    return { total: receipt.total, paidAt: new Date(order.at.getTime() + 1) };
  }

  @workflow.signal({ args: [z.string().min(3)] })
  note(text: string): void {
    this.#notes.push(text);
  }

  @workflow.query({ args: [z.boolean()], result: z.object({ at: when.optional(), notes: z.array(z.string()) }) })
  state(withNotes: boolean): { at?: Date | undefined; notes: string[] } {
    return { at: this.#order?.at, notes: withNotes ? this.#notes : [] };
  }

  @workflow.update({ args: [z.coerce.date()], result: z.coerce.date() })
  async postpone(at: Date): Promise<Date> {
    return new Date(at.getTime() + 1000);
  }
}

const slow = z.string().refine(async () => true);

/** Cannot work: its schema answers with a promise. */
@workflow.defn()
export class Impatient {
  @workflow.run({ args: [slow] })
  async run(text: string): Promise<string> {
    return text;
  }
}
