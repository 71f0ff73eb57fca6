/**
 * Makes what runs see as `globalThis`: for each an object of its own, over the globals that all of them share.
 *
 * The globals are frozen, and assigning over a frozen inherited property would throw; accessors keep the assignment to the run.
 */
export function createGlobalViews(): () => object {
  const base = Object.create(Object.getPrototypeOf(globalThis) as object) as object;
  for (const key of Reflect.ownKeys(globalThis)) {
    if (key === "globalThis") continue;
    Object.defineProperty(base, key, {
      configurable: false,
      enumerable: false,
      get: () => Reflect.get(globalThis, key) as unknown,
      set: setOwn(key),
    });
  }
  for (const key of ["globalThis", "self", "global"]) {
    Object.defineProperty(base, key, { enumerable: false, get: returnThis, set: setOwn(key) });
  }
  Object.freeze(base);
  return () => Object.create(base) as object;
}

function setOwn(key: string | symbol): (this: object, value: unknown) => void {
  return function set(value) {
    Object.defineProperty(this, key, { value, writable: true, enumerable: true, configurable: true });
  };
}

function returnThis(this: unknown): unknown {
  return this;
}
