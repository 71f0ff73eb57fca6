const LOCALE = "en-US";
const TIME_ZONE = "UTC";

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Makes the realm format and compare in English and in UTC where code does not say otherwise, instead of as the host does. */
export function installIntl(now: () => number): void {
  for (const name of Object.getOwnPropertyNames(Intl)) {
    const Native: unknown = Reflect.get(Intl, name);
    if (typeof Native === "function" && typeof Native.prototype === "object" && name !== "Locale")
      wrapConstructor(name, Native as Constructor);
  }
  defaultToNow(Intl.DateTimeFormat.prototype, now);
  for (const method of ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"]) {
    withDefaults(Date.prototype, method, 0, withTimeZone);
  }
  withDefaults(Number.prototype, "toLocaleString", 0);
  withDefaults(BigInt.prototype, "toLocaleString", 0);
  withDefaults(String.prototype, "localeCompare", 1);
  withDefaults(String.prototype, "toLocaleLowerCase", 0);
  withDefaults(String.prototype, "toLocaleUpperCase", 0);
}

type Constructor = new (...args: unknown[]) => object;

function wrapConstructor(name: string, Native: Constructor): void {
  const isDateTime = name === "DateTimeFormat";
  // The wrapper must be callable without `new`, as some of Intl's constructors are.
  function Wrapper(this: unknown, ...args: unknown[]): unknown {
    const defaulted = [args[0] ?? LOCALE, isDateTime ? withTimeZone(args[1]) : args[1]];
    if (new.target !== undefined) return Reflect.construct(Native, defaulted, new.target);
    return Reflect.apply(Native as unknown as Method, undefined, defaulted);
  }
  for (const key of Reflect.ownKeys(Native)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(Native, key);
    if (descriptor !== undefined) Object.defineProperty(Wrapper, key, descriptor);
  }
  define(Native.prototype as object, "constructor", Wrapper);
  define(Intl, name, Wrapper);
}

function defaultToNow(prototype: Intl.DateTimeFormat, now: () => number): void {
  const format = Reflect.getOwnPropertyDescriptor(prototype, "format");
  const getFormat = format?.get as Method | undefined;
  if (getFormat !== undefined) {
    Object.defineProperty(prototype, "format", {
      ...format,
      get(this: unknown) {
        const formatDate = Reflect.apply(getFormat, this, []) as (date: unknown) => string;
        return (date?: unknown) => formatDate(date ?? now());
      },
    });
  }
  const toParts = Reflect.get(prototype, "formatToParts") as Method;
  define(prototype, "formatToParts", function formatToParts(this: unknown, date?: unknown): unknown {
    return Reflect.apply(toParts, this, [date ?? now()]);
  });
}

function withDefaults(
  prototype: object,
  name: string,
  localeIndex: number,
  options?: (value: unknown) => unknown,
): void {
  const native = Reflect.get(prototype, name) as Method;
  const method = {
    [name](this: unknown, ...args: unknown[]): unknown {
      const defaulted = [...args];
      defaulted[localeIndex] ??= LOCALE;
      if (options !== undefined) defaulted[localeIndex + 1] = options(defaulted[localeIndex + 1]);
      return Reflect.apply(native, this, defaulted);
    },
  }[name];
  define(prototype, name, method);
}

function withTimeZone(options: unknown): unknown {
  if (options === undefined) return { timeZone: TIME_ZONE };
  const given = options as { readonly timeZone?: unknown };
  return given.timeZone === undefined ? { ...given, timeZone: TIME_ZONE } : given;
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
}
