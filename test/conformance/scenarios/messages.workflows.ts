import { SearchAttributeKey, type RawValue } from "perdure/common";
import { ApplicationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { greet } from "../activities.ts";
import { failuresOf } from "../failure-counts.ts";

const quick = { startToCloseTimeout: "10s", args: ["Hi", "you"] as [string, string] } as const;

function textOf(args: readonly RawValue[]): string {
  const [first] = args;
  return first === undefined ? "nothing" : String(workflow.payloadConverter().fromPayload(first.payload));
}

/** Remembers the last signal, however it came in. */
@workflow.defn()
export class Listens {
  #last = "nothing";

  @workflow.run
  async run(): Promise<void> {
    await workflow.waitCondition(() => false);
  }

  @workflow.signal
  hear(text: string): void {
    this.#last = `hear: ${text}`;
  }

  @workflow.signal({ name: "Custom Name" })
  hearCustom(text: string): void {
    this.#last = `hearCustom: ${text}`;
  }

  @workflow.signal({ dynamic: true })
  hearAny(name: string, args: readonly RawValue[]): void {
    this.#last = `any ${name}: ${textOf(args)}`;
  }

  @workflow.query
  last(): string {
    return this.#last;
  }

  @workflow.query({ name: "Custom Name" })
  tellCustom(text: string): string {
    return `tellCustom: ${text}`;
  }

  @workflow.query({ dynamic: true })
  tellAny(name: string, args: readonly RawValue[]): string {
    return `any ${name}: ${textOf(args)}`;
  }
}

/** Gets its handlers by signals. */
@workflow.defn()
export class Learns {
  #last = "nothing";

  @workflow.run
  async run(): Promise<void> {
    await workflow.waitCondition(() => false);
  }

  @workflow.query
  last(): string {
    return this.#last;
  }

  @workflow.signal
  learnSignal(name: string): void {
    workflow.setSignalHandler(name, (text: string) => void (this.#last = `signal ${name}: ${text}`));
  }

  @workflow.signal
  learnQuery(name: string): void {
    workflow.setQueryHandler(name, (text: string) => `query ${name}: ${text}`);
  }

  @workflow.signal
  learnAnySignal(): void {
    workflow.setDynamicSignalHandler(
      (name: string, args: readonly RawValue[]) => void (this.#last = `any signal ${name}: ${textOf(args)}`),
    );
  }

  @workflow.signal
  learnAnyQuery(): void {
    workflow.setDynamicQueryHandler((name: string, args: readonly RawValue[]) => `any query ${name}: ${textOf(args)}`);
  }
}

/** What a query may not do. */
const trespasses = {
  "wait for a condition": () => void workflow.waitCondition(() => true),
  "continue as new": () => workflow.continueAsNew(),
  "change search attributes": () =>
    workflow.upsertSearchAttributes([SearchAttributeKey.forKeyword("any").valueSet("x")]),
  "start an activity": () => void workflow.startActivity(greet, quick),
  "start a local activity": () => void workflow.startLocalActivity(greet, quick),
  "start a child workflow": () => void workflow.startChildWorkflow("Listens"),
  "draw random numbers": () => workflow.random().random(),
  "set a query handler": () => workflow.setQueryHandler("some", () => "thing"),
  patch: () => workflow.patched("some-patch"),
  "listen to new random seeds": () => workflow.registerRandomSeedCallback(() => {}),
  "signal another workflow": () => void workflow.getExternalWorkflowHandle("some-id").signal("some-signal"),
} as const satisfies Readonly<Record<string, () => unknown>>;

export type Trespass = keyof typeof trespasses;

@workflow.defn()
export class AsksTooMuch {
  @workflow.run
  async run(): Promise<void> {
    await workflow.waitCondition(() => false);
  }

  @workflow.query
  ways(): readonly string[] {
    return Object.keys(trespasses);
  }

  @workflow.query
  trespass(way: Trespass): string {
    trespasses[way]();
    return "was let through";
  }
}

/** Waits for what no query may be the cause of being asked for. */
@workflow.defn()
export class MindsQueries {
  #isQueried = false;
  #asked = 0;

  @workflow.run
  async run(): Promise<void> {
    await workflow.waitCondition(() => {
      this.#asked++;
      if (this.#isQueried) throw new ApplicationError("asked for because of a query");
      return false;
    });
  }

  /** Changes the workflow, which no query should. */
  @workflow.query
  asked(): number {
    this.#isQueried = true;
    return this.#asked;
  }
}

/** Takes updates of all kinds. */
@workflow.defn()
export class TakesUpdates {
  #last = "nothing";

  @workflow.run
  async run(): Promise<void> {
    workflow.setUpdateHandler("setByRun", () => "worked");
    await workflow.waitCondition(() => false);
  }

  @workflow.update
  note(text: string): string {
    const before = this.#last;
    this.#last = text;
    return before;
  }

  @workflow.update
  async noteLater(text: string): Promise<string> {
    await workflow.sleep(10);
    return this.note(text);
  }

  @workflow.update({ name: "renamed" })
  async named(): Promise<string> {
    return "named";
  }

  @workflow.update
  async learnAny(): Promise<void> {
    workflow.setDynamicUpdateHandler((name: string) => `any ${name}`);
  }
}

/** Has handlers that break until somebody mends them: outside of the sandbox, so that they can tell. */
@workflow.defn({ sandboxed: false })
export class BreaksForAWhile {
  @workflow.run
  async run(): Promise<void> {
    await workflow.waitCondition(() => false);
  }

  @workflow.update
  checked(): string {
    return "done";
  }

  @workflow.validator<BreaksForAWhile, "checked">("checked")
  checkWithCommand(): void {
    const failures = failuresOf(workflow.info().runId);
    if (failures.validator === 2) return;
    failures.validator++;
    void workflow.startActivity(greet, quick);
  }

  @workflow.update
  mistaken(): string {
    const failures = failuresOf(workflow.info().runId);
    if (failures.handler === 1) return "done";
    failures.handler++;
    throw new RangeError("a mistake");
  }
}

/** Ends with its first update. */
@workflow.defn()
export class EndsByFirst {
  #isUpdated = false;

  @workflow.run
  async run(): Promise<void> {
    await workflow.waitCondition(() => this.#isUpdated);
  }

  @workflow.update
  end(): void {
    this.#isUpdated = true;
  }
}
