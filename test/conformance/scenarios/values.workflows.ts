import { z } from "zod";
import { defineActivity } from "perdure/common";
import { ActivityError, ApplicationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { OwnError, UNSENDABLE } from "./values-converters.ts";

const quick = { startToCloseTimeout: "30s" } as const;

/** A value with a method, which JSON alone cannot bring. */
export class Thing {
  readonly field: string;

  constructor(field: string) {
    this.field = field;
  }

  /** @throws {ApplicationError} If it is not as it was sent. */
  check(): void {
    if (this.field !== "some value") throw new ApplicationError(`found "${this.field}"`);
  }
}

const SomeThing = z.union([
  z.instanceof(Thing),
  z.object({ field: z.string() }).transform(({ field }) => new Thing(field)),
]);

/** Known to both sides. */
export const keepThing = defineActivity({ name: "keepThing", args: [SomeThing], result: SomeThing });

/** Takes a thing through activities, a child and handlers, and looks at it wherever it arrives. */
@workflow.defn()
export class CarriesThings {
  #isComplete = false;

  @workflow.run({ args: [SomeThing], result: SomeThing })
  async run(thing: Thing): Promise<Thing> {
    thing.check();
    let last = thing;
    if (workflow.info().parent === undefined) {
      last = await workflow.executeActivity(keepThing, { ...quick, args: [last] });
      last.check();
      last = await workflow.executeLocalActivity(keepThing, { ...quick, args: [last] });
      last.check();
      const child = await workflow.startChildWorkflow(CarriesThings, { args: [last] });
      await child.signal("take", last);
      await child.signal("takeLater", last);
      await child.signal("complete");
      last = await child.result();
      last.check();
    }
    await workflow.waitCondition(() => this.#isComplete);
    return last;
  }

  @workflow.signal({ args: [SomeThing] })
  take(thing: Thing): void {
    thing.check();
  }

  @workflow.signal({ args: [SomeThing] })
  async takeLater(thing: Thing): Promise<void> {
    await workflow.sleep(1);
    thing.check();
  }

  @workflow.query({ args: [SomeThing], result: SomeThing })
  tell(thing: Thing): Thing {
    thing.check();
    return thing;
  }

  @workflow.signal
  complete(): void {
    this.#isComplete = true;
  }
}

/** What is known of {@link CarriesThings} where its code is not: in place of a class. */
export interface ThingCarrier {
  run(thing: Thing): Promise<{ readonly field: string }>;
  take(thing: Thing): void;
  tell(thing: Thing): { readonly field: string };
  complete(): void;
}

/** Asks for things by name, with and without saying what they are. */
@workflow.defn()
export class AsksByName {
  @workflow.run({ result: SomeThing, args: [] })
  async run(): Promise<Thing> {
    if (workflow.info().parent !== undefined) return new Thing("from a child");
    const args = [new Thing("some value")];
    const plain = await workflow.executeActivity("keepThing", { ...quick, args });
    const read = await workflow.executeActivity<Thing>("keepThing", { ...quick, args, resultSchema: SomeThing });
    const plainChild = await workflow.executeChildWorkflow("AsksByName");
    const readChild = await workflow.executeChildWorkflow(AsksByName);
    const areThings = [plain, read, plainChild, readChild].map((one) => one instanceof Thing);
    if (areThings.join() !== "false,true,false,true") throw new ApplicationError(`found things: ${areThings.join()}`);
    return new Thing("from a workflow");
  }

  @workflow.query({ result: SomeThing })
  some(): Thing {
    return new Thing("from a query");
  }
}

/** Takes a text and nothing else. */
@workflow.defn()
export class TakesText {
  @workflow.run({ args: [z.string()], result: z.string() })
  async run(text: string): Promise<string> {
    return text;
  }
}

/** Has an argument of its own if it gets none. */
@workflow.defn()
export class HasDefault {
  @workflow.run
  async run(thing: { readonly field: string } | null = { field: "default" }): Promise<unknown> {
    return thing;
  }
}

/** Answers with a value of its memo, by way of an activity. */
@workflow.defn()
export class RecallsMemo {
  @workflow.run
  async run(key: string): Promise<unknown> {
    return workflow.executeActivity("echo", { ...quick, args: [workflow.memoValue(key)] });
  }
}

/** Answers with what it gets, unless it is to send what cannot be sent. */
@workflow.defn()
export class Converts {
  @workflow.run
  async run(text: string, how: "argument" | "activity" | "local activity" | "child"): Promise<string> {
    const call = { ...quick, args: [UNSENDABLE] };
    if (how === "activity") await workflow.executeActivity("echo", call);
    if (how === "local activity") await workflow.executeLocalActivity("echo", call);
    if (how === "child") await workflow.executeChildWorkflow("TakesText", { args: [UNSENDABLE] });
    return text;
  }
}

/** Fails with an error of its own over that of its activity. */
@workflow.defn()
export class FailsAsItself {
  @workflow.run
  async run(): Promise<void> {
    try {
      await workflow.executeActivity("failAsItself", quick);
    } catch (error) {
      const isOwn = error instanceof ActivityError && error.cause instanceof OwnError;
      throw isOwn ? new OwnError("the workflow fails", error) : error;
    }
  }
}
