/** Every object that a value leads to: by its properties, what their accessors give, and its prototypes. */
export function reach(root: object): Map<object, string> {
  const found = new Map<object, string>();
  const pending: [value: unknown, path: string][] = [[root, ""]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [value, path] = next;
    if ((typeof value !== "object" && typeof value !== "function") || value === null || found.has(value)) continue;
    if (isOfLanguage(value)) continue;
    found.set(value, path);
    pending.push([Object.getPrototypeOf(value), `${path}.__proto__`]);
    for (const key of Reflect.ownKeys(value)) pending.push([read(value, key), `${path}.${String(key)}`]);
    if (value instanceof Map || value instanceof Set) pending.push([[...value], `${path}.entries`]);
  }
  return found;
}

/** One line for each object, in a fixed order: what it is and what its properties are. */
export function describe(root: object): string[] {
  const lines = [...reach(root)].map(([object, path]) => {
    const size = object instanceof Map || object instanceof Set ? ` of ${object.size}` : "";
    const source = object instanceof RegExp ? ` ${object.source}` : "";
    // A stack tells how far code has been compiled by now.
    const keys = Reflect.ownKeys(object).filter((key) => key !== "stack");
    const properties = keys.map((key) => `${String(key)}=${text(read(object, key))}`);
    return `${path} ${Object.prototype.toString.call(object)}${size}${source}: ${properties.join(" ")}`;
  });
  return lines.toSorted();
}

/** Changes whatever lets itself be changed; tells how much it tried. */
export function vandalize(root: object): { readonly objects: number; readonly attempts: number } {
  let attempts = 0;
  const attempt = (act: () => unknown): void => {
    attempts += 1;
    try {
      act();
    } catch {
      // Refused, as it should be.
    }
  };
  const objects = [...reach(root).keys()];
  for (const object of objects) {
    const any = object as Record<PropertyKey, (...args: unknown[]) => unknown>;
    attempt(() => Object.assign(object, { leak: 1 }));
    attempt(() => Object.defineProperty(object, "leak", { value: 1 }));
    attempt(() => Object.setPrototypeOf(object, { leak: 1 }));
    attempt(() => any["add"]?.({ _zod: {} }, { id: "leak" }));
    attempt(() => any["add"]?.("leak"));
    attempt(() => any["set"]?.("leak", 1));
    attempt(() => any["clear"]?.());
    attempt(() => any["push"]?.("leak"));
    attempt(() => any["compile"]?.("leak"));
    for (const key of Reflect.ownKeys(object)) {
      // The place of a pattern counts only with flags that no pattern here has.
      if (key === "lastIndex") continue;
      attempt(() => (any[key] = () => "leak"));
      attempt(() => Object.defineProperty(object, key, { value: "leak" }));
      attempt(() => Reflect.deleteProperty(object, key));
    }
  }
  return { objects: objects.length, attempts };
}

function isOfLanguage(value: object): boolean {
  return ofLanguage.has(value);
}

const names = Object.getOwnPropertyNames(Object.getPrototypeOf(globalThis)).concat(
  Object.getOwnPropertyNames(globalThis),
);
const ofLanguage = new Set<unknown>([globalThis]);
for (const name of [...names, "Object", "Function", "Array", "Map", "Set", "WeakMap", "RegExp", "Error", "Promise"]) {
  const value = read(globalThis, name);
  ofLanguage.add(value);
  if (typeof value === "function") ofLanguage.add(value.prototype);
}

function read(object: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(object, key) as unknown;
  } catch {
    return "an accessor that wants another object";
  }
}

function text(value: unknown): string {
  if (typeof value === "function") return `function ${value.name}/${value.length}`;
  return typeof value === "object" && value !== null ? Object.prototype.toString.call(value) : String(value);
}
