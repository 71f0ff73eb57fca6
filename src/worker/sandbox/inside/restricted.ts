import { SandboxAccessError } from "../sandbox-error.ts";
import type { GlobalRestrictions } from "../restriction.ts";
import type { RealmHost } from "./realm-host.ts";
import { realmState } from "./realm-state.ts";
import { createStub } from "./stand-ins.ts";

/** A module some of whose members throw when they are used. */
export function restrictMembers(
  module: object,
  name: string,
  members: Readonly<Record<string, string>>,
  chain: string,
): object {
  const refused = new Map(
    Object.entries(members).map(([member, remedy]) => [
      member,
      createStub(name, "restricted", undefined, { chain, remedy, member }),
    ]),
  );
  const read = (key: string | symbol): unknown => {
    const stub = typeof key === "string" && realmState.unrestrictedDepth === 0 ? refused.get(key) : undefined;
    return stub ?? (Reflect.get(module, key) as unknown);
  };
  return new Proxy(typeof module === "function" ? module : {}, {
    get: (_target, key) => read(key),
    has: (_target, key) => Reflect.has(module, key),
    ownKeys: () => Reflect.ownKeys(module),
    getPrototypeOf: () => Reflect.getPrototypeOf(module),
    getOwnPropertyDescriptor(_target, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(module, key);
      if (descriptor === undefined || typeof module === "function") return descriptor;
      return { configurable: true, enumerable: descriptor.enumerable ?? true, get: () => read(key) };
    },
  });
}

/** Makes exceptions for globals before the realm is frozen; gives the values that only unrestricted code gets to see. */
export function restrictGlobals(host: RealmHost, { allowed, refused }: GlobalRestrictions): object[] {
  for (const name of allowed)
    Object.defineProperty(globalThis, name, { configurable: true, get: () => host.hostGlobal(name) });
  return Object.entries(refused).flatMap(([path, remedy]) => refuseGlobal(path, remedy));
}

function refuseGlobal(path: string, remedy: string): object[] {
  const names = path.split(".");
  const last = names.pop() ?? "";
  let holder: unknown = globalThis;
  for (const name of names) holder = isObject(holder) ? Reflect.get(holder, name) : undefined;
  if (!isObject(holder) || !(last in holder)) return [];
  const value: unknown = Reflect.get(holder, last);
  Object.defineProperty(holder, last, {
    configurable: true,
    enumerable: false,
    get() {
      if (realmState.loading !== undefined || realmState.unrestrictedDepth > 0) return value;
      throw new SandboxAccessError(`Cannot use "${path}" in workflow code: ${remedy}`);
    },
  });
  return isObject(value) ? [value] : [];
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
