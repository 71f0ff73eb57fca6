import { z } from "zod";
import { defineActivity } from "perdure/common";
import { ActivityError, ApplicationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";

const instant = z.union([z.date(), z.iso.datetime().transform((text) => new Date(text))]);
const Parcel = z.object({ name: z.string().min(1), sentAt: instant });
type Parcel = z.output<typeof Parcel>;

/** Known to both sides. */
export const weigh = defineActivity({ name: "weigh", args: [Parcel], result: z.number().positive() });

/** Takes a text through an activity, a child, a memo and, if asked, a failure. */
@workflow.defn()
export class CarriesText {
  #text = "";

  @workflow.run
  async run(text: string, fails: boolean): Promise<string> {
    this.#text = text;
    const options = { startToCloseTimeout: "10s" };
    const once = await workflow.executeActivity<string>("echo", { ...options, args: [text] });
    const again = await workflow.executeLocalActivity<string>("echo", { ...options, args: [once] });
    if (fails) throw new ApplicationError("as asked", { type: "Asked", details: [again] });
    if (workflow.info().parent !== undefined) return again;
    return workflow.executeChildWorkflow(CarriesText, { args: [again, false], memo: { note: again } });
  }

  @workflow.query
  text(): string {
    return this.#text;
  }
}

/** Reads what an activity says of its failure. */
@workflow.defn()
export class ReadsFailure {
  @workflow.run
  async run(): Promise<unknown> {
    const options = { startToCloseTimeout: "10s", retryPolicy: { maximumAttempts: 1 } } as const;
    try {
      return await workflow.executeActivity<unknown>("failWithDetails", options);
    } catch (error) {
      if (!(error instanceof ActivityError && error.cause instanceof ApplicationError)) throw error;
      return [error.cause.message, ...error.cause.details];
    }
  }
}

/** Answers with a text of some length. */
@workflow.defn()
export class AnswersAtLength {
  @workflow.run
  async run(length: number): Promise<string> {
    return "x".repeat(length);
  }
}

/** Takes and answers what schemas read. */
@workflow.defn()
export class SendsParcel {
  @workflow.run({ args: [Parcel], result: z.object({ grams: z.number(), sentAt: instant }) })
  async run(parcel: Parcel): Promise<{ grams: number; sentAt: Date }> {
    const grams = await workflow.executeActivity(weigh, { startToCloseTimeout: "10s", args: [parcel] });
    return { grams, sentAt: new Date(parcel.sentAt.getTime()) };
  }
}
