import { SandboxDomException } from "./event-target.ts";

const ERROR_TYPES = new Map<string, ErrorConstructor>(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((type) => [type.name, type]),
);

/** `structuredClone` of workflow code: the host's would make objects of the host's realm. */
export function structuredClone<T>(value: T): T {
  return clone(value, new Map()) as T;
}

function clone(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value === "function" || typeof value === "symbol") throw cannotClone(String(value));
  if (typeof value !== "object" || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  const copy = emptyCopy(value, seen);
  seen.set(value, copy);
  fill(copy, value, seen);
  return copy;
}

function emptyCopy(value: object, seen: Map<object, unknown>): object {
  if (Array.isArray(value)) return Array.from({ length: value.length });
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof RegExp) return new RegExp(value.source, value.flags);
  if (value instanceof Map) return new Map();
  if (value instanceof Set) return new Set();
  if (value instanceof ArrayBuffer) return value.slice(0);
  if (ArrayBuffer.isView(value)) return cloneView(value, seen);
  if (value instanceof Error) return cloneError(value, seen);
  if (value instanceof Number || value instanceof String || value instanceof Boolean)
    return Object(value.valueOf()) as object;
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet)
    throw cannotClone(Object.prototype.toString.call(value));
  return {};
}

function fill(copy: object, value: object, seen: Map<object, unknown>): void {
  if (value instanceof Map) {
    for (const [key, item] of value) (copy as Map<unknown, unknown>).set(clone(key, seen), clone(item, seen));
  } else if (value instanceof Set) {
    for (const item of value) (copy as Set<unknown>).add(clone(item, seen));
  } else if (Array.isArray(value) || isPlain(value)) {
    for (const [key, item] of Object.entries(value)) {
      Object.defineProperty(copy, key, {
        value: clone(item, seen),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
  }
}

function isPlain(value: object): boolean {
  const known = [Date, RegExp, ArrayBuffer, Error, Number, String, Boolean];
  return !ArrayBuffer.isView(value) && !known.some((type) => value instanceof type);
}

function cloneView(view: ArrayBufferView, seen: Map<object, unknown>): object {
  const buffer = clone(view.buffer, seen) as ArrayBuffer;
  if (view instanceof DataView) return new DataView(buffer, view.byteOffset, view.byteLength);
  const View = view.constructor as Uint8ArrayConstructor;
  return new View(buffer, view.byteOffset, (view as Uint8Array).length);
}

function cloneError(error: Error, seen: Map<object, unknown>): Error {
  const copy = new (ERROR_TYPES.get(error.name) ?? Error)(error.message);
  const hidden = { writable: true, enumerable: false, configurable: true };
  Object.defineProperty(copy, "stack", { value: error.stack, ...hidden });
  if ("cause" in error) Object.defineProperty(copy, "cause", { value: clone(error.cause, seen), ...hidden });
  return copy;
}

function cannotClone(what: string): Error {
  return new SandboxDomException(`${what.slice(0, 80)} could not be cloned.`, "DataCloneError");
}
