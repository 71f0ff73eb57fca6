import { collectReachable } from "./harden.ts";
import { realmState } from "./realm-state.ts";
import { useZod, warmZod } from "./zod-warm-up.ts";

/** How a shared package is kept free of what runs do: frozen alone, or with its settings made each run's own as well. */
export type GuardKind = "frozen" | "zod";

/** Names under which zod looks for its settings and its registry before it makes them. */
const CONFIG = "__zod_globalConfig";
const REGISTRY = "__zod_globalRegistry";

/** What of the guarded packages is to be frozen, and what must not be. */
export interface GuardedParts {
  readonly roots: readonly object[];
  readonly except: ReadonlySet<object>;
  /** Has the packages find out what they remember of their surroundings; to be called when all is frozen. */
  settle(): void;
}

/** How a run's own copy of a state is made, when the run first asks for it. */
const makers = new Map<string, () => object>();

/**
 * Evaluates packages that find their state in `global`, where each run has its own: what the packages began with, until
 * the run changes it.
 *
 * @param load Evaluates them, and gives the modules by their keys.
 */
export function loadGuarded(
  global: object,
  guards: Readonly<Record<string, GuardKind>>,
  load: () => Readonly<Record<string, object>>,
): GuardedParts {
  const state: Record<string, object> = {};
  const except = new Set([CONFIG, REGISTRY].map((name) => stateOfRun(name, global)));
  realmState.libraryState = state;
  const modules = load();
  const roots: object[] = [];
  const uses: (() => void)[] = [];
  for (const [key, kind] of Object.entries(guards)) {
    const module = modules[key];
    if (module === undefined) continue;
    const parts = openNamespaces(module, except);
    roots.push(...parts);
    if (kind !== "zod") continue;
    const initial = state[CONFIG] ?? {};
    makers.set(CONFIG, () => ({ ...initial }));
    const newRegistry = exportOf(parts, "registry");
    if (typeof newRegistry === "function") makers.set(REGISTRY, newRegistry as () => object);
    const schemas = warmZod(parts);
    roots.push(...Object.values(initial).filter(isObject), ...schemas);
    uses.push(() => useZod(exportOf(parts, "safeParse"), schemas));
  }
  for (const use of uses) use();
  refuseEntries(roots, except);
  realmState.libraryState = undefined;
  return { roots, except, settle: () => inNoRun(uses) };
}

function inNoRun(uses: readonly (() => void)[]): void {
  realmState.libraryState = {};
  for (const use of uses) use();
  realmState.libraryState = undefined;
}

/** An object that is another one in each run. */
function stateOfRun(name: string, global: object): object {
  const own = (): object => {
    const states = (realmState.libraryState ??= {});
    return (states[name] ??= makers.get(name)?.() ?? {});
  };
  const state = new Proxy(
    {},
    {
      get: (_target, key) => Reflect.get(own(), key) as unknown,
      set: (_target, key, value) => Reflect.set(own(), key, value),
      has: (_target, key) => Reflect.has(own(), key),
      ownKeys: () => Reflect.ownKeys(own()),
      getOwnPropertyDescriptor: (_target, key) => Reflect.getOwnPropertyDescriptor(own(), key),
      defineProperty: (_target, key, descriptor) => Reflect.defineProperty(own(), key, descriptor),
      deleteProperty: (_target, key) => Reflect.deleteProperty(own(), key),
      getPrototypeOf: () => Reflect.getPrototypeOf(own()),
      setPrototypeOf: () => false,
      preventExtensions: () => false,
    },
  );
  Object.defineProperty(global, name, { value: state });
  return state;
}

/** The namespace of a module and all that it exports, with the namespaces among those opened too. */
function openNamespaces(module: object, except: ReadonlySet<object>): object[] {
  const found = new Set<object>();
  const pending = [module];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (found.has(value) || except.has(value)) continue;
    found.add(value);
    if (isNamespace(value)) pending.push(...Object.values(value).filter(isObject));
  }
  return [...found];
}

/** Bundled modules keep their exports behind accessors, which nothing that only looks at values would follow. */
function isNamespace(value: object): boolean {
  const descriptors = Object.values(Object.getOwnPropertyDescriptors(value));
  return descriptors.length > 0 && descriptors.every(isExport);
}

function isExport(descriptor: PropertyDescriptor): boolean {
  const isMark = descriptor.value === true;
  return isMark || ("get" in descriptor && descriptor.set === undefined);
}

function exportOf(parts: readonly object[], name: string): unknown {
  for (const part of parts) {
    const found: unknown = isNamespace(part) ? Reflect.get(part, name) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The entries of a set or a map are not frozen with it: its own methods refuse to change them. */
function refuseEntries(roots: readonly object[], except: ReadonlySet<object>): void {
  const seen = new Set<object>(except);
  collectReachable(roots, seen);
  for (const object of seen) {
    if (!(object instanceof Set || object instanceof Map) || object === Set.prototype || object === Map.prototype)
      continue;
    for (const name of ["add", "set", "delete", "clear"]) Object.defineProperty(object, name, { value: refuse });
  }
}

function refuse(): never {
  throw new TypeError("Cannot change this collection: it belongs to a package that all workflows share");
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
