import type { Payload } from "../proto/gen/common.ts";
import { toCanonicalJson } from "./canonical-json.ts";
import type { JsonType } from "./json-type.ts";
import type { EncodingPayloadConverter } from "./payload-converter.ts";
import { PayloadConversionError } from "./payload-error.ts";
import { JsonPayloadConverter } from "./plain-converters.ts";
import { findBuiltIn, builtInTypes } from "./rich-json-types.ts";
import { encodeUtf8 } from "./utf8.ts";

/** Deeper values are taken for endless ones. */
const DEPTH_MAX = 1000;
/** Name of the type that plain objects get whose own keys look like a type's. */
const ESCAPED = "Object";

/** How objects of a class are written. */
export interface JsonClassOptions<T> {
  /** Stands under `$type`. @default the class's name, which minifiers change */
  readonly name?: string;
  /** @default its own enumerable properties */
  toJson?(value: T): unknown;
  /** @default an object of the class with these properties, whose constructor is not called */
  fromJson?(json: never): T;
}

/** A {@link JsonType} for the objects of a class. Subclasses need one of their own, given before it. */
export function jsonClass<T extends object>(
  cls: abstract new (...args: never[]) => T,
  options: JsonClassOptions<T> = {},
): JsonType<T> {
  const { name = cls.name } = options;
  return {
    name,
    is: (value): value is T => value instanceof cls,
    toJson: (value) => (options.toJson === undefined ? { ...value } : options.toJson(value)),
    fromJson: (json) =>
      options.fromJson === undefined
        ? Object.defineProperties(
            Object.create(cls.prototype as object) as T,
            Object.getOwnPropertyDescriptors(json as object),
          )
        : options.fromJson(json as never),
  };
}

/**
 * JSON that keeps what JSON loses: `Date`, `Map`, `Set`, `bigint`, `URL`, `RegExp`, errors, typed arrays, `Temporal`,
 * numbers without a JSON form, `undefined` in lists, and classes that it is told of.
 *
 * Payloads stay `json/plain`: such a value is `{ "$type": "Date", "$value": "2026-01-01T00:00:00.000Z" }` for other SDKs,
 * and any JSON of theirs is read as it is.
 */
export class RichJsonPayloadConverter implements EncodingPayloadConverter {
  readonly encoding = "json/plain";
  readonly #types: readonly JsonType[];
  readonly #byName: ReadonlyMap<string, Pick<JsonType, "fromJson">>;
  readonly #plain = new JsonPayloadConverter();

  /** @throws {PayloadConversionError} If two types have the same name. */
  constructor(options: { readonly types?: readonly JsonType[] } = {}) {
    const { types = [] } = options;
    const all: readonly Pick<JsonType, "name" | "fromJson">[] = [
      ...types,
      ...builtInTypes,
      { name: ESCAPED, fromJson: (json) => json },
    ];
    this.#types = types;
    this.#byName = new Map(all.map((type) => [type.name, type]));
    const twice = all.find(({ name }, index) => all.findIndex((other) => other.name === name) < index);
    if (twice !== undefined)
      throw new PayloadConversionError(
        `Cannot make a converter: found two types named "${twice.name}", expected a different name for each`,
      );
  }

  toPayload(value: unknown): Payload | undefined {
    const json = toCanonicalJson(this.#write(value, 0));
    return json === undefined
      ? undefined
      : { metadata: { encoding: encodeUtf8(this.encoding) }, data: encodeUtf8(json), externalPayloads: [] };
  }

  fromPayload(payload: Payload): unknown {
    return this.#read(this.#plain.fromPayload(payload), 0);
  }

  #write(value: unknown, depth: number): unknown {
    if (depth > DEPTH_MAX)
      throw new PayloadConversionError(
        `Cannot convert value to JSON: it contains itself, or is nested deeper than ${DEPTH_MAX} levels`,
      );
    const write = (inner: unknown): unknown => this.#write(inner, depth + 1);
    const type = this.#types.find((candidate) => candidate.is(value)) ?? findBuiltIn(value);
    if (type !== undefined) return { $type: type.name, $value: write(type.toJson(value)) ?? null };
    if (typeof value !== "object" || value === null) return value;
    const { toJSON } = value as { readonly toJSON?: unknown };
    if (typeof toJSON === "function") return write(toJSON.call(value, ""));
    // A list keeps its places: what has none in JSON is null there.
    if (Array.isArray(value)) return Array.from(value, (item) => (item === undefined ? missing : write(item)));
    const plain = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, write(item)]));
    return Object.hasOwn(value, "$type") ? { $type: ESCAPED, $value: plain } : plain;
  }

  #read(json: unknown, depth: number): unknown {
    if (depth > DEPTH_MAX)
      throw new PayloadConversionError(`Cannot read a payload: it is nested deeper than ${DEPTH_MAX} levels`);
    if (typeof json !== "object" || json === null) return json;
    if (Array.isArray(json)) return json.map((item: unknown) => this.#read(item, depth + 1));
    const { $type: name, $value: inner } = json as { readonly $type?: unknown; readonly $value?: unknown };
    const entries = Object.entries(json);
    if (typeof name !== "string" || entries.length !== 2 || !Object.hasOwn(json, "$value"))
      return this.#readEntries(entries, depth);
    const type = this.#byName.get(name);
    if (type === undefined)
      throw new PayloadConversionError(
        `Cannot read a payload: found a value of type "${name}", which this converter does not know, expected one of ${[...this.#byName.keys()].join(", ")}`,
      );
    // What was escaped is no type, whatever it looks like.
    if (name === ESCAPED && typeof inner === "object" && inner !== null)
      return this.#readEntries(Object.entries(inner), depth + 1);
    const value = this.#read(inner, depth + 1);
    try {
      return type.fromJson(value);
    } catch {
      throw new PayloadConversionError(`Cannot read a payload: found a value that is no "${name}"`);
    }
  }

  #readEntries(entries: readonly [string, unknown][], depth: number): object {
    return Object.fromEntries(entries.map(([key, item]) => [key, this.#read(item, depth + 1)]));
  }
}

const missing = { $type: "Undefined", $value: null };
