import { fromBase64, toBase64 } from "../proto/base64.ts";
import type { JsonType } from "./json-type.ts";

/** What the host or the sandbox may give; the pure layers name no global of a host. */
interface Globals {
  readonly URL?: new (text: string) => { readonly href: string };
  readonly Temporal?: Readonly<Record<string, { from(text: string): unknown }>>;
}

const globals = globalThis as unknown as Globals;

type Built = Omit<JsonType, "is" | "toJson"> & { toJson(value: never): unknown };

const plain: readonly Built[] = [
  {
    name: "Date",
    toJson: (value: Date) => (Number.isNaN(value.getTime()) ? null : value.toISOString()),
    fromJson: (json) => new Date(json === null ? Number.NaN : textOf(json)),
  },
  {
    name: "Map",
    toJson: (value: ReadonlyMap<unknown, unknown>) => Array.from(value, ([key, item]) => [key, item]),
    fromJson: (json) => new Map(json as [unknown, unknown][]),
  },
  {
    name: "Set",
    toJson: (value: ReadonlySet<unknown>) => Array.from(value),
    fromJson: (json) => new Set(json as unknown[]),
  },
  { name: "BigInt", toJson: String, fromJson: (json) => BigInt(textOf(json)) },
  { name: "Number", toJson: (value: number) => (Object.is(value, -0) ? "-0" : String(value)), fromJson: Number },
  { name: "Undefined", toJson: () => null, fromJson: () => undefined },
  {
    name: "URL",
    toJson: (value: { readonly href: string }) => value.href,
    fromJson: (json) => (globals.URL === undefined ? textOf(json) : new globals.URL(textOf(json))),
  },
  {
    name: "RegExp",
    toJson: ({ source, flags }: RegExp) => ({ source, flags }),
    fromJson: (json) => {
      const { source, flags } = json as RegExp;
      return new RegExp(source, flags);
    },
  },
  { name: "Error", toJson: errorToJson, fromJson: errorFromJson },
];

const arrays = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

const buffers: readonly Built[] = [
  { name: "ArrayBuffer", toJson: (value: ArrayBuffer) => toBase64(new Uint8Array(value)), fromJson: bufferOf },
  {
    name: "DataView",
    toJson: bytesOfView,
    fromJson: (json) => new DataView(bufferOf(json)),
  },
  ...arrays.map((Typed) => ({
    name: Typed.name,
    toJson: bytesOfView,
    fromJson: (json: unknown) => new Typed(bufferOf(json)),
  })),
];

const temporal: readonly Built[] = [
  "Instant",
  "ZonedDateTime",
  "PlainDate",
  "PlainTime",
  "PlainDateTime",
  "PlainYearMonth",
  "PlainMonthDay",
  "Duration",
].map((name) => ({
  name: `Temporal.${name}`,
  toJson: (value: { toString(): string }) => value.toString(),
  fromJson(json: unknown) {
    const type = globals.Temporal?.[name];
    if (type === undefined) throw new TypeError(`This runtime has no Temporal.${name}`);
    return type.from(textOf(json));
  },
}));

/** The types that need no telling of. */
export const builtInTypes: readonly Built[] = [...plain, ...buffers, ...temporal];

const byName = new Map(builtInTypes.map((type) => [type.name, type as unknown as JsonType]));

/** The built-in type of a value that JSON has no form for. */
export function findBuiltIn(value: unknown): JsonType | undefined {
  switch (typeof value) {
    case "bigint":
      return byName.get("BigInt");
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0) ? undefined : byName.get("Number");
    case "object": {
      if (value === null || Array.isArray(value)) return undefined;
      // Asked by tag, for `instanceof` knows only the objects of its own realm.
      const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
      return tag === "Object" ? undefined : byName.get(tag);
    }
    case "string":
    case "boolean":
    case "undefined":
    case "symbol":
    case "function":
      return undefined;
  }
}

function errorToJson(error: Error): unknown {
  const { name, message, cause, errors } = error as Error & { readonly cause?: unknown; readonly errors?: unknown };
  return {
    ...(error as object),
    name,
    message,
    ...(cause !== undefined && { cause }),
    ...(Array.isArray(errors) && { errors: errors as unknown[] }),
  };
}

const errorClasses = new Map(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((cls) => [cls.name, cls]),
);

function errorFromJson(json: unknown): Error {
  const { name, message, ...rest } = json as { readonly name: string; readonly message: string };
  const cls = errorClasses.get(name) ?? Error;
  const error = new cls(message);
  for (const [key, value] of Object.entries({ ...(cls.name === name ? {} : { name }), ...rest }))
    Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: !hidden.has(key) });
  return error;
}

/** Properties that errors have without showing them. */
const hidden: ReadonlySet<string> = new Set(["name", "cause", "errors"]);

function bytesOfView(view: ArrayBufferView): string {
  return toBase64(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
}

function bufferOf(json: unknown): ArrayBuffer {
  const bytes = fromBase64(textOf(json));
  if (bytes === undefined) throw new TypeError("Found no base64");
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

function textOf(json: unknown): string {
  if (typeof json === "string") return json;
  throw new TypeError(`Found ${typeof json}, expected a text`);
}
