import * as workflow from "../../src/workflow.ts";
import { SearchAttributeKey } from "../../src/common.ts";

/** True if two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only for `true`. */
export type Holds<T extends true> = T;

export async function compose(greeting: string, name: string): Promise<string> {
  return `${greeting}, ${name}!`;
}

@workflow.defn()
export class SayHello {
  #greeting = "Hello";

  @workflow.run
  async run(name: string): Promise<string> {
    return workflow.executeActivity(compose, { args: [this.#greeting, name], startToCloseTimeout: "5s" });
  }

  @workflow.signal
  setGreeting(greeting: string): void {
    this.#greeting = greeting;
  }

  @workflow.query({ name: "current-greeting" })
  greeting(): string {
    return this.#greeting;
  }

  @workflow.update
  async approve(count: number): Promise<boolean> {
    return count > 1;
  }

  @workflow.validator<SayHello, "approve">("approve")
  checkApprove(count: number): void {
    if (count < 0) throw new Error("count is negative");
  }
}

export class Plain {
  ready = false;
  async run(): Promise<number> {
    const { compose: remote } = workflow.activities<{ compose: typeof compose }>({ startToCloseTimeout: "1m" });
    return (await remote("Hello", "World")).length;
  }
  open(): void {
    this.ready = true;
  }
}
workflow.declare(Plain, { name: "Plain", signals: ["open"] });
// @ts-expect-error no such method
workflow.declare(Plain, { signals: ["close"] });

export type Names = [
  Holds<Same<workflow.SignalName<SayHello>, "setGreeting" | "checkApprove">>,
  Holds<Same<workflow.QueryName<SayHello>, "setGreeting" | "greeting" | "checkApprove">>,
  Holds<Same<workflow.UpdateName<SayHello>, "setGreeting" | "greeting" | "approve" | "checkApprove">>,
  Holds<Same<workflow.WorkflowArgs<SayHello>, [name: string]>>,
  Holds<Same<workflow.WorkflowResult<SayHello>, string>>,
];

export async function calls(): Promise<void> {
  const text: string = await workflow.executeActivity(compose, { args: ["a", "b"], startToCloseTimeout: 1000 });
  const byName: number = await workflow.executeActivity<number>("elsewhere", { args: [1], startToCloseTimeout: 1000 });
  const handle: workflow.ActivityHandle<string> = workflow.startActivity(compose, {
    args: ["a", "b"],
    startToCloseTimeout: 1000,
  });
  handle.cancel();
  const local: string = await workflow.executeLocalActivity(compose, { args: ["a", "b"], startToCloseTimeout: 1000 });
  // @ts-expect-error an argument is missing
  await workflow.executeActivity(compose, { args: ["a"], startToCloseTimeout: 1000 });
  // @ts-expect-error the arguments are missing
  await workflow.executeActivity(compose, { startToCloseTimeout: 1000 });
  // @ts-expect-error a local activity has no task queue
  await workflow.executeLocalActivity(compose, { args: ["a", "b"], taskQueue: "other" });

  const child = await workflow.startChildWorkflow(SayHello, { args: ["World"], id: "child" });
  const result: string = await child.result();
  await child.signal("setGreeting", "Hi");
  // @ts-expect-error the signal takes a string
  await child.signal("setGreeting", 3);
  // @ts-expect-error a method with a result is no signal
  await child.signal("greeting");
  // @ts-expect-error the workflow takes a string
  await workflow.executeChildWorkflow(SayHello, { args: [1] });
  // @ts-expect-error the workflow takes an argument
  await workflow.executeChildWorkflow(SayHello);
  await workflow.executeChildWorkflow("Other");
  const typed = await workflow.startChildWorkflow<SayHello>("SayHello", { args: ["World"] });
  await typed.signal("setGreeting", "Hi");
  const untyped = await workflow.startChildWorkflow<number>("Other", { args: [1, 2] });
  const count: number = await untyped.result();
  await untyped.signal("anything", 1, "two");

  const external = workflow.getExternalWorkflowHandleFor(SayHello, "other");
  await external.signal("setGreeting", "Hi");
  // @ts-expect-error no such signal
  await external.signal("nope");
  await workflow.getExternalWorkflowHandle("other").signal("anything", 1);

  workflow.upsertSearchAttributes([SearchAttributeKey.forInt("size").valueSet(3)]);
  // @ts-expect-error the attribute is a number
  SearchAttributeKey.forInt("size").valueSet("3");
  // @ts-expect-error the workflow takes a string
  workflow.continueAsNew<SayHello>({ args: [1] });
  void [text, byName, local, result, count];
}

export class Wrong {
  // @ts-expect-error run has to be asynchronous
  @workflow.run
  run(): number {
    return 1;
  }
  // @ts-expect-error a signal has no result
  @workflow.signal
  answer(): number {
    return 1;
  }
  // @ts-expect-error a query does not wait
  @workflow.query
  async wait(): Promise<number> {
    return 1;
  }
  // @ts-expect-error only run may be run
  @workflow.run
  async other(): Promise<void> {
    // Only its type matters here.
  }
}
// @ts-expect-error a workflow has a run method
@workflow.defn()
export class NoRun {
  walk(): void {
    // Only its type matters here.
  }
}
