/* Local time is UTC in the sandbox: the time zone of a host must not show in workflow code. */

const LOCAL_METHODS = ["Date", "Day", "FullYear", "Hours", "Milliseconds", "Minutes", "Month", "Seconds"];

const HAS_ZONE = /(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}|[ECMP][SD]T)\s*(?:\([^)]*\))?\s*$/i;
const IS_DATE_ONLY = /^\s*[+-]?\d{4,6}(?:-\d{2}(?:-\d{2})?)?\s*$/;
const IS_ISO_TIME = /^\s*[+-]?\d{4,6}(?:-\d{2}){0,2}T[\d:.,]+\s*$/;

/** Makes `Date` of the realm tell `now` instead of the host's time, in UTC instead of the host's zone. */
export function installDate(now: () => number): void {
  const Native = Date;
  installUtcMethods(Native.prototype);

  function DeterministicDate(this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined) return new Native(now()).toString();
    return Reflect.construct(Native, dateArguments(args, now), new.target);
  }
  const replacement = DeterministicDate as unknown as DateConstructor;
  const parse = (text: string): number => parseUtc(Native, text);
  define(replacement, "now", () => now());
  define(replacement, "parse", parse);
  define(replacement, "UTC", Native.UTC);
  Object.defineProperty(replacement, "name", { value: "Date" });
  Object.defineProperty(replacement, "length", { value: 7 });
  Object.defineProperty(replacement, "prototype", { value: Native.prototype, writable: false });
  define(Native.prototype, "constructor", replacement);
  define(globalThis, "Date", replacement);

  function dateArguments(args: readonly unknown[], clock: () => number): unknown[] {
    const [first] = args;
    if (args.length === 0) return [clock()];
    if (args.length > 1) return [Native.UTC(...(args as [number, number]))];
    return typeof first === "string" ? [parse(first)] : [first];
  }
}

/** Adds "as UTC" to texts that name no zone, which would otherwise be read in the zone of the host. */
function parseUtc(Native: DateConstructor, value: unknown): number {
  const text = String(value);
  if (IS_DATE_ONLY.test(text) || HAS_ZONE.test(text)) return Native.parse(text);
  return Native.parse(IS_ISO_TIME.test(text) ? `${text.trim()}Z` : `${text} UTC`);
}

function installUtcMethods(prototype: Date): void {
  const methods = prototype as unknown as Record<string, (this: Date, ...args: unknown[]) => unknown>;
  for (const part of LOCAL_METHODS) {
    for (const verb of ["get", "set"]) {
      const utc = methods[`${verb}UTC${part}`];
      if (utc === undefined) continue;
      const name = `${verb}${part}`;
      const { length } = utc;
      const method = {
        [name](this: Date, ...args: unknown[]): unknown {
          return Reflect.apply(utc, this, args);
        },
      }[name];
      if (method === undefined) continue;
      Object.defineProperty(method, "length", { value: length });
      define(prototype, name, method);
    }
  }
  define(prototype, "getTimezoneOffset", function getTimezoneOffset(this: Date): number {
    return this.getTime() * 0;
  });
  define(prototype, "getYear", function getYear(this: Date): number {
    return this.getUTCFullYear() - 1900;
  });
  define(prototype, "toDateString", function toDateString(this: Date): string {
    return isInvalid(this) ? "Invalid Date" : dateText(this);
  });
  define(prototype, "toTimeString", function toTimeString(this: Date): string {
    return isInvalid(this) ? "Invalid Date" : timeText(this);
  });
  define(prototype, "toString", function toString(this: Date): string {
    return isInvalid(this) ? "Invalid Date" : `${dateText(this)} ${timeText(this)}`;
  });
}

function isInvalid(date: Date): boolean {
  return Number.isNaN(date.getTime());
}

function dateText(date: Date): string {
  const [weekday = "", day, month, year] = date.toUTCString().split(" ");
  return `${weekday.slice(0, 3)} ${month} ${day} ${year}`;
}

function timeText(date: Date): string {
  return `${date.toUTCString().split(" ")[4]} GMT+0000 (Coordinated Universal Time)`;
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
}
