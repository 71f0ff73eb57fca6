import { expect, test } from "vitest";
import { defn } from "../../activity/index.ts";
import { OptionsError } from "../worker-error.ts";
import { createActivityRegistry } from "./activity-registry.ts";

async function compose(greeting: string, name: string): Promise<string> {
  return `${greeting}, ${name}!`;
}

class Mailer {
  readonly #from = "me";
  send(to: string): string {
    return `${this.#from} to ${to}`;
  }
  @defn({ name: "send-later" })
  later(to: string): string {
    return this.send(to);
  }
}

class Store {
  readonly #items = [1, 2];
  count(): number {
    return this.#items.length;
  }
}

test("functions go by their own names, members of an object by their keys", () => {
  const registry = createActivityRegistry([compose, { shout: (text: string) => text.toUpperCase() }]);
  expect(registry.names).toEqual(["compose", "shout"]);
  expect(registry.find("shout")?.run("hi")).toBe("HI");
});

test("methods of an instance keep their this; marked ones hide the others", () => {
  const registry = createActivityRegistry([new Mailer(), new Store()]);
  expect(registry.names).toEqual(["count", "send-later"]);
  expect(registry.find("send-later")?.run("you")).toBe("me to you");
  expect(registry.find("count")?.run()).toBe(2);
});

test("a dynamic activity takes every other type", () => {
  const any = defn({ dynamic: true })((...args: unknown[]) => args.length);
  const registry = createActivityRegistry([compose, any]);
  expect(registry.find("compose")?.isDynamic).toBe(false);
  expect(registry.find("whatever")?.isDynamic).toBe(true);
  expect(registry.names).toEqual(["compose"]);
});

test("all faults are listed in one error", () => {
  const sources = [compose, { compose, x: 3 }, Mailer, () => undefined];
  expect(() => createActivityRegistry(sources as object[])).toThrow(OptionsError);
  expect(() => createActivityRegistry(sources as object[])).toThrow(
    /second activity named "compose".*"x" is a value of type number.*activities\[2\] is class "Mailer".*activities\[3\] has no name/,
  );
});
