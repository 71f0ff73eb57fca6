import { ApplicationError } from "../../payload/failure-error.ts";

/** Values looked at; beyond that, the rest is taken on trust. */
const VALUES_MAX = 100_000;

/** Classes that the structured clone keeps. */
const kept: readonly unknown[] = [Object, Array, Date, RegExp, Map, Set, ArrayBuffer, Boolean, Number, String];

/**
 * Checks that a value is the same on the other side of a thread's or process' border.
 *
 * @throws {ApplicationError} If it is not, one that says where and why; trying again cannot mend it.
 */
export function assertCrossable(value: unknown, what: string): void {
  const seen = new Set<unknown>();
  const look = (part: unknown, path: string): void => {
    if (typeof part === "function" || typeof part === "symbol") throw cannotCross(what, path, `a ${typeof part}`);
    if (typeof part !== "object" || part === null || seen.has(part) || seen.size >= VALUES_MAX) return;
    seen.add(part);
    if (ArrayBuffer.isView(part) || part instanceof Error) return;
    const prototype: unknown = Object.getPrototypeOf(part);
    const { constructor } = (prototype ?? {}) as { readonly constructor?: unknown };
    if (prototype !== null && !kept.includes(constructor)) {
      const name = typeof constructor === "function" ? constructor.name : "unknown";
      throw cannotCross(what, path, `an object of class "${name}"`);
    }
    if (part instanceof Map || part instanceof Set) {
      for (const item of part) look(item, `${path}[…]`);
      return;
    }
    for (const [key, item] of Object.entries(part))
      look(item, Array.isArray(part) ? `${path}[${key}]` : `${path}.${key}`);
  };
  look(value, "");
}

function cannotCross(what: string, path: string, found: string): ApplicationError {
  const place = path === "" ? what : `${what} at "${path.replace(/^\./, "")}"`;
  return new ApplicationError(
    `Cannot pass ${place} to or from the activity's own thread or process: it is ${found}, expected plain data`,
    { type: "NotCrossable", nonRetryable: true },
  );
}
