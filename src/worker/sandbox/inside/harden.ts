// Assigning to these on an object that inherits them must make an own property, although the inherited one is frozen.
const OVERRIDABLE: readonly [prototype: object, keys: readonly string[]][] = [
  [
    Object.prototype,
    ["constructor", "toString", "toLocaleString", "valueOf", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"],
  ],
  [Function.prototype, ["constructor", "toString", "name", "bind", "call", "apply"]],
  [Array.prototype, ["constructor", "toString", "push", "concat"]],
  [Map.prototype, ["constructor", "toString"]],
  [Set.prototype, ["constructor", "toString"]],
  [Date.prototype, ["constructor", "toString"]],
  [RegExp.prototype, ["constructor", "toString"]],
];

const PROTOTYPE_KEYS = ["constructor", "name", "message", "toString"];

const ERRORS = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError];

/**
 * Freezes everything that runs of a realm share, so that no run can leave anything behind for another.
 *
 * @param shared Objects beside the language's own, such as the SDK's modules; what they lead to is frozen too.
 * @param except What to leave alone of that.
 */
export function harden(shared: readonly object[], except: ReadonlySet<object>): void {
  removeRegExpStatics();
  const seen = new Set<object>(except);
  collectReachable([globalThis, ...hiddenIntrinsics()], seen);
  const intrinsicCount = seen.size;
  collectReachable(shared, seen);
  for (const [prototype, keys] of OVERRIDABLE) allowOverride(prototype, keys);
  for (const type of ERRORS) allowOverride(type.prototype, PROTOTYPE_KEYS);
  for (const object of [...seen].slice(intrinsicCount)) {
    if (Object.hasOwn(object, "constructor")) allowOverride(object, PROTOTYPE_KEYS);
  }
  for (const object of seen) if (!except.has(object)) freeze(object);
}

function freeze(object: object): void {
  // Libraries reset the place of a pattern before they use it, which means nothing without the flags "g" and "y".
  if (object instanceof RegExp && object !== RegExp.prototype) Object.preventExtensions(object);
  // The elements of a typed array cannot be frozen.
  else if (!ArrayBuffer.isView(object)) Object.freeze(object);
}

/** `RegExp.$1` and its kin remember the last match of whichever run made one; `compile` changes a pattern although it is frozen. */
function removeRegExpStatics(): void {
  Reflect.deleteProperty(RegExp.prototype, "compile");
  for (const key of Reflect.ownKeys(RegExp)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(RegExp, key);
    const isSpecies = key === Symbol.species;
    if (descriptor?.get !== undefined && !isSpecies) Reflect.deleteProperty(RegExp, key);
  }
}

/** Objects of the language that no global leads to. */
function hiddenIntrinsics(): object[] {
  const samples: object[] = [
    async () => undefined,
    function* generate() {},
    async function* generateAsync() {},
    [][Symbol.iterator](),
    new Map()[Symbol.iterator](),
    new Set()[Symbol.iterator](),
    ""[Symbol.iterator](),
    "a".matchAll(/a/g),
  ];
  const lazy = Reflect.get(globalThis, "Iterator") as { from?: (iterator: object) => object } | undefined;
  if (lazy?.from !== undefined) {
    samples.push(lazy.from({ next: () => ({ done: true, value: undefined }) }));
    const helpers = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as {
      map?: (fn: unknown) => object;
    };
    if (helpers.map !== undefined) samples.push(Reflect.apply(helpers.map, [][Symbol.iterator](), [(x: unknown) => x]));
  }
  return samples.map((sample) => Object.getPrototypeOf(sample) as object);
}

/** Adds to `seen` the roots and all that their properties and prototypes lead to. */
export function collectReachable(roots: readonly object[], seen: Set<object>): void {
  const pending: object[] = [...roots];
  const add = (value: unknown): void => {
    if ((typeof value === "object" && value !== null) || typeof value === "function") pending.push(value);
  };
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    add(Reflect.getPrototypeOf(value));
    for (const key of Reflect.ownKeys(value)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
      if (descriptor === undefined) continue;
      if ("value" in descriptor) add(descriptor.value);
      else {
        add(descriptor.get);
        add(descriptor.set);
      }
    }
  }
}

function allowOverride(prototype: object, keys: readonly string[]): void {
  for (const key of keys) {
    const descriptor = Reflect.getOwnPropertyDescriptor(prototype, key);
    if (descriptor === undefined || !("value" in descriptor) || descriptor.configurable !== true) continue;
    const value: unknown = descriptor.value;
    const get = Object.freeze(() => value);
    const set = Object.freeze(function set(this: object, own: unknown) {
      if (this === prototype) throw new TypeError(`Cannot change "${key}": all workflows share it`);
      Object.defineProperty(this, key, { value: own, writable: true, enumerable: true, configurable: true });
    });
    Object.defineProperty(prototype, key, { configurable: true, enumerable: descriptor.enumerable ?? false, get, set });
  }
}
