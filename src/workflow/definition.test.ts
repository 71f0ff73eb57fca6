import { expect, test } from "vitest";
import { fileURLToPath } from "node:url";
import * as workflow from "../workflow.ts";
import { sourceOf } from "./definition-source.ts";
import { definitionOf, wireNameOf } from "./definition.ts";

@workflow.defn({ name: "Order", sandboxed: false, failureExceptionTypes: [RangeError], versioningBehavior: "pinned" })
class OrderWorkflow {
  @workflow.init
  prepare(_id: string): void {
    // Only its mark matters here.
  }

  @workflow.run
  async run(id: string): Promise<string> {
    return id;
  }

  @workflow.signal
  approve(_by: string): void {
    // Only its mark matters here.
  }

  @workflow.signal({ dynamic: true })
  anySignal(_name: string, _args: unknown[]): void {
    // Only its mark matters here.
  }

  @workflow.query({ name: "status", description: "How it stands" })
  currentStatus(): string {
    return "new";
  }

  @workflow.update({ unfinishedPolicy: "abandon" })
  async setQuantity(quantity: number): Promise<number> {
    return quantity;
  }

  @workflow.validator<OrderWorkflow, "setQuantity">("setQuantity")
  checkQuantity(_quantity: number): void {
    // Only its mark matters here.
  }
}

test("a definition holds what decorators and options say", () => {
  const definition = definitionOf(OrderWorkflow);
  expect(definition).toMatchObject({
    name: "Order",
    initMethod: "prepare",
    sandboxed: false,
    failureExceptionTypes: [RangeError],
    versioningBehavior: "pinned",
    warnings: [],
  });
  expect([...definition.signals.named.keys()]).toEqual(["approve"]);
  expect(definition.signals.dynamic).toMatchObject({ name: undefined, methodName: "anySignal" });
  expect(definition.queries.named.get("status")).toMatchObject({
    methodName: "currentStatus",
    description: "How it stands",
  });
  expect(definition.updates.named.get("setQuantity")).toMatchObject({
    validatorName: "checkQuantity",
    unfinishedPolicy: "abandon",
  });
});

test("a definition tells the module that defines the class", () => {
  expect(
    definitionOf(OrderWorkflow)
      .source()
      ?.replace(/^file:\/\//, ""),
  ).toBe(fileURLToPath(import.meta.url));
});

test("reads the file of a stack's first frame in the notations of engines", () => {
  expect(sourceOf("Error\n    at new Thing (file:///a/b.ts:1:2)\n    at c.ts:3:4")).toBe("file:///a/b.ts");
  expect(sourceOf("Error\n    at async /a/b.ts:1:2")).toBe("/a/b.ts");
  expect(sourceOf("declare@file:///a/b.js:1:2\n@file:///c.js:3:4")).toBe("file:///a/b.js");
  expect(sourceOf(undefined)).toBeUndefined();
});

test("names on the wire are found from methods, and missing ones are told with those there are", () => {
  const definition = definitionOf(OrderWorkflow);
  expect(wireNameOf(definition, "query", "currentStatus")).toBe("status");
  expect(() => wireNameOf(definition, "signal", "setQuantity")).toThrow("its signal methods are [approve]");
  expect(() => wireNameOf(definition, "signal", "anySignal")).toThrow("it is dynamic");
});

test("a decorator that is not called says so", () => {
  class Forgetful {
    async run(): Promise<void> {
      // Not called.
    }
  }
  expect(() => workflow.defn(Forgetful as never)).toThrow(
    'Cannot define workflow "Forgetful": @workflow.defn stands there without being called, write @workflow.defn()',
  );
});

test("a class without a definition of its own is no workflow", () => {
  class Plain {
    async run(): Promise<void> {
      // Not called.
    }
  }
  class Derived extends OrderWorkflow {}
  expect(() => definitionOf(Plain)).toThrow('Cannot use "Plain" as a workflow');
  expect(() => definitionOf(Derived)).toThrow('Cannot use "Derived" as a workflow');
});

test("a class without a run method of its own is refused", () => {
  expect(() => {
    @workflow.defn()
    class NoRun {
      async run(): Promise<void> {
        // Not marked.
      }
    }
    return NoRun;
  }).toThrow('Cannot define workflow "NoRun": it has no method marked as run');
  expect(() => {
    @workflow.defn()
    class Inherits extends OrderWorkflow {}
    return Inherits;
  }).toThrow("its run method is inherited");
});

test("all that is wrong with a class is told at once", () => {
  expect(() => {
    @workflow.defn({ name: "__temporal_x" })
    class Wrong {
      @workflow.run
      async run(): Promise<void> {
        // Not called.
      }
      @workflow.signal({ name: "same" })
      one(): void {
        // Not called.
      }
      @workflow.signal({ name: "same" })
      two(): void {
        // Not called.
      }
      @workflow.query({ name: "__stack_trace" })
      trace(): string {
        return "";
      }
    }
    return Wrong;
  }).toThrow(
    'Cannot define workflow "Wrong": its name is reserved; methods "one" and "two" both handle signal "same"; the name of query "__stack_trace" is reserved',
  );
});

test("an override has to be marked as what it overrides", () => {
  class Base {
    @workflow.signal
    approve(): void {
      // Not called.
    }
  }
  expect(() => {
    @workflow.defn()
    class Unmarked extends Base {
      @workflow.run
      async run(): Promise<void> {
        // Not called.
      }
      override approve(): void {
        // Not called.
      }
    }
    return Unmarked;
  }).toThrow('method "approve" overrides a signal of a class it extends');
  @workflow.defn()
  class Marked extends Base {
    @workflow.run
    async run(): Promise<void> {
      // Not called.
    }
    @workflow.signal({ name: "other" })
    override approve(): void {
      // Not called.
    }
  }
  expect([...definitionOf(Marked).signals.named.keys()]).toEqual(["other"]);
});

test("decorators refuse what cannot work where they stand", () => {
  const context = { kind: "method", name: "run", static: false, private: false } as never;
  const mark = workflow.run as (method: () => unknown, context: unknown) => void;
  expect(() => mark(() => undefined, context)).toThrow('Cannot mark method "run" as run: it is not async');
  expect(() => {
    class Static {
      @workflow.signal
      static approve(): void {
        // Not called.
      }
      keep(): void {
        // A class of static methods only would be another fault.
      }
    }
    return Static;
  }).toThrow('Cannot mark static method "approve" as signal');
  expect(() => {
    class Twice {
      @workflow.query
      @workflow.signal
      approve(): undefined {
        return undefined;
      }
    }
    return Twice;
  }).toThrow('Cannot mark method "approve" as query: it is marked as signal already');
});

test("dynamic workflows have no name, and only they have a dynamic config", () => {
  @workflow.defn({ dynamic: true })
  class Dynamic {
    @workflow.run
    async run(): Promise<void> {
      // Not called.
    }
    @workflow.dynamicConfig
    settings(): workflow.DynamicWorkflowConfig {
      return { versioningBehavior: "pinned" };
    }
  }
  expect(definitionOf(Dynamic)).toMatchObject({ name: undefined, dynamicConfigMethod: "settings" });
  expect(() => {
    @workflow.defn({ dynamic: true, name: "Named" })
    class Named {
      @workflow.run
      async run(): Promise<void> {
        // Not called.
      }
    }
    return Named;
  }).toThrow('it is dynamic, so it must not have the name "Named"');
});

test("a short name that nobody chose gets a warning", () => {
  @workflow.defn()
  class ab {
    @workflow.run
    async run(): Promise<void> {
      // Not called.
    }
  }
  expect(definitionOf(ab).warnings).toHaveLength(1);
});

test("a class can be declared without decorators", () => {
  class Plain {
    ready = false;
    async run(): Promise<boolean> {
      return this.ready;
    }
    open(): void {
      this.ready = true;
    }
    isReady(): boolean {
      return this.ready;
    }
  }
  workflow.declare(Plain, { name: "PlainOne", signals: ["open"], queries: ["isReady"] });
  const definition = definitionOf(Plain);
  expect(definition.name).toBe("PlainOne");
  expect([...definition.signals.named.keys(), ...definition.queries.named.keys()]).toEqual(["open", "isReady"]);
  expect(definition.source()?.replace(/^file:\/\//, "")).toBe(fileURLToPath(import.meta.url));
  expect(() => workflow.declare(Plain)).toThrow("the class has a definition already");
  class Other {
    async run(): Promise<void> {
      // Not called.
    }
  }
  expect(() => workflow.declare(Other, { signals: ["missing" as never] })).toThrow('it has no method "missing"');
});
