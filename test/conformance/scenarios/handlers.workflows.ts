import type { RawValue } from "perdure/common";
import * as workflow from "perdure/workflow";

function valuesOf(args: readonly RawValue[]): unknown[] {
  const converter = workflow.payloadConverter();
  return args.map((raw) => converter.fromPayload(raw.payload));
}

/** Handlers of every kind, named and dynamic. */
@workflow.defn({ name: "LedgerOfAll" })
export class Ledger {
  readonly #entries: unknown[] = [];
  #isClosed = false;

  @workflow.init
  open(owner: string): void {
    this.#entries.push(`opened by ${owner}`);
  }

  @workflow.run
  async run(owner: string): Promise<unknown[]> {
    this.#entries.push(`run by ${owner}`);
    workflow.setCurrentDetails(`ledger of ${owner}`);
    await workflow.waitCondition(() => this.#isClosed);
    return this.#entries;
  }

  @workflow.signal({ name: "add-entry", description: "Adds an entry" })
  add(entry: string): void {
    this.#entries.push(entry);
  }

  @workflow.signal
  close(): void {
    this.#isClosed = true;
  }

  @workflow.signal({ dynamic: true, description: "Takes what is left" })
  otherSignal(name: string, args: readonly RawValue[]): void {
    this.#entries.push([name, ...valuesOf(args)]);
  }

  @workflow.query({ description: "All entries" })
  entries(): readonly unknown[] {
    return this.#entries;
  }

  @workflow.query({ dynamic: true })
  otherQuery(name: string, args: readonly RawValue[]): unknown {
    return [name, ...valuesOf(args)];
  }

  @workflow.update
  replace(entry: string): number {
    this.#entries.splice(0, this.#entries.length, entry);
    return this.#entries.length;
  }

  @workflow.update({ dynamic: true })
  otherUpdate(name: string, args: readonly RawValue[]): unknown {
    return [name, ...valuesOf(args)];
  }

  @workflow.query
  isOwnObject(): boolean {
    return workflow.instance() === this;
  }
}

/** Whatever nobody else is. */
@workflow.defn({ dynamic: true })
export class Anything {
  @workflow.run
  async run(args: readonly RawValue[]): Promise<unknown> {
    return [workflow.info().workflowType, ...valuesOf(args)];
  }
}

/** Sets, asks for and takes away handlers as it goes. */
@workflow.defn()
export class Changing {
  @workflow.run
  async run(): Promise<unknown> {
    const seen: unknown[] = [];
    await workflow.sleep(20);
    let isLast = false;
    workflow.setSignalHandler("late", (value: number) => void seen.push(value));
    workflow.setSignalHandler("last", () => void (isLast = true));
    workflow.setQueryHandler("seen", () => seen, { description: "What has come" });
    workflow.setUpdateHandler("double", (value: number) => value * 2, {
      validator: (value: number) => {
        if (value < 0) throw new Error("not below zero");
      },
    });
    workflow.setDynamicSignalHandler(
      (name: string, args: readonly RawValue[]) => void seen.push([name, ...valuesOf(args)]),
    );
    workflow.setDynamicQueryHandler((name: string) => `asked for ${name}`);
    workflow.setDynamicUpdateHandler((name: string) => `updated ${name}`);
    const isKnown = workflow.getSignalHandler("late") !== undefined && workflow.getSignalHandler("never") === undefined;
    const areKnown = [
      workflow.getQueryHandler("seen"),
      workflow.getUpdateHandler("double"),
      workflow.getDynamicSignalHandler(),
      workflow.getDynamicQueryHandler(),
      workflow.getDynamicUpdateHandler(),
    ].every((one) => one !== undefined);
    await workflow.waitCondition(() => isLast);
    workflow.setDynamicSignalHandler(undefined);
    return { seen, isKnown, areKnown, isGone: workflow.getDynamicSignalHandler() === undefined };
  }
}

/** Handlers that a subclass inherits or overrides. */
class Shape {
  protected name = "shape";
  protected done = false;

  @workflow.query
  what(): string {
    return this.name;
  }

  @workflow.signal
  finish(): void {
    this.done = true;
  }
}

@workflow.defn()
export class Circle extends Shape {
  @workflow.run
  async run(): Promise<string> {
    await workflow.waitCondition(() => this.done);
    return this.what();
  }

  @workflow.query
  override what(): string {
    return `round ${super.what()}`;
  }
}

/** A workflow without decorators. */
export class Plain {
  #isOpen = true;

  async run(name: string): Promise<string> {
    await workflow.waitCondition(() => !this.#isOpen);
    return `plain ${name}`;
  }

  shut(): void {
    this.#isOpen = false;
  }
}
workflow.declare(Plain, { signals: ["shut"] });

/** A handler that is asynchronous, and a main method that waits for it. */
@workflow.defn()
export class WaitsForHandlers {
  readonly #log: string[] = [];

  @workflow.run
  async run(): Promise<string[]> {
    await workflow.waitCondition(() => this.#log.length > 0);
    const wereFinished = workflow.allHandlersFinished();
    await workflow.waitCondition(workflow.allHandlersFinished);
    return [...this.#log, `finished before: ${wereFinished}`];
  }

  @workflow.signal({ unfinishedPolicy: "abandon" })
  async slow(name: string): Promise<void> {
    this.#log.push(`${name} began`);
    await workflow.sleep(20);
    this.#log.push(`${name} ended`);
  }
}

/** Answers more than a payload may hold. */
@workflow.defn()
export class Talkative {
  @workflow.run
  async run(): Promise<void> {
    await workflow.waitCondition(() => false);
  }

  @workflow.query
  everything(): string {
    return "x".repeat(2 * 1024 * 1024 + 1);
  }
}

/** Runs outside of the sandbox. */
@workflow.defn({ sandboxed: false })
export class Unsandboxed {
  @workflow.run
  async run(): Promise<boolean> {
    await workflow.sleep(1);
    return workflow.unsafe.inSandbox();
  }
}
