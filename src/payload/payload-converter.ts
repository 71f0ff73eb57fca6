import type { Payload } from "../proto/gen/common.ts";
import { PayloadConversionError } from "./payload-error.ts";
import { inContext, type SerializationContext, type WithSerializationContext } from "./serialization-context.ts";
import { decodeUtf8 } from "./utf8.ts";

const RAW_VALUE = Symbol.for("perdure.rawValue");

/** A payload as it is: as an argument or result it is sent, and for dynamic handlers received, unconverted. Codecs still apply. */
export class RawValue {
  readonly payload: Payload;

  constructor(payload: Payload) {
    this.payload = payload;
    // A registered symbol, so that another copy of this package, or another realm, knows it too.
    Object.defineProperty(this, RAW_VALUE, { value: true });
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && RAW_VALUE in value;
  }
}

/** Makes values into payloads and back. It must be deterministic and free of side effects: it runs in workflows too. */
export abstract class PayloadConverter implements WithSerializationContext {
  /**
   * The payload of one value. A {@link RawValue} gives its payload.
   *
   * @throws {PayloadConversionError} If there is none.
   */
  abstract toPayload(value: unknown): Payload;

  /** @throws {PayloadConversionError} If the payload cannot be read. */
  abstract fromPayload(payload: Payload): unknown;

  /** The payloads of arguments or details, one for each. */
  toPayloads(values: readonly unknown[]): Payload[] {
    return Array.from(values, (value) => this.toPayload(value));
  }

  /** The values of arguments or details, one for each. */
  fromPayloads(payloads: readonly Payload[]): unknown[] {
    // Not by the list's own method: a list of another realm would give one of that realm to the caller.
    return Array.from(payloads, (payload) => this.fromPayload(payload));
  }

  /** A copy for this context; this one has no use for it. */
  withContext(_context: SerializationContext): this {
    return this;
  }
}

/** Makes values of one sort into payloads that carry `encoding` in their metadata, and back. Part of a {@link CompositePayloadConverter}. */
export interface EncodingPayloadConverter extends WithSerializationContext {
  /** Such as `json/plain`. */
  readonly encoding: string;
  /** Undefined for a value that another converter should take. */
  toPayload(value: unknown): Payload | undefined;
  /** @throws {PayloadConversionError} If the payload cannot be read. */
  fromPayload(payload: Payload): unknown;
}

/** Asks its parts in their order for a payload; reads a payload by the part of its encoding. */
export class CompositePayloadConverter extends PayloadConverter {
  readonly converters: readonly EncodingPayloadConverter[];
  readonly #byEncoding: ReadonlyMap<string, EncodingPayloadConverter>;

  constructor(...converters: readonly EncodingPayloadConverter[]) {
    super();
    this.converters = converters;
    this.#byEncoding = new Map(converters.map((converter) => [converter.encoding, converter]));
  }

  override toPayload(value: unknown): Payload {
    if (value instanceof RawValue) return value.payload;
    for (const converter of this.converters) {
      const payload = converter.toPayload(value);
      if (payload !== undefined) return payload;
    }
    throw new PayloadConversionError(
      `Cannot convert value of type "${describe(value)}" to a payload: found no converter for it among ${this.#names()}`,
    );
  }

  override fromPayload(payload: Payload): unknown {
    const encoding = encodingOf(payload);
    const converter = this.#byEncoding.get(encoding);
    if (converter === undefined) {
      throw new PayloadConversionError(
        `Cannot convert a payload to a value: found encoding "${encoding}", expected one of ${this.#names()}`,
      );
    }
    return converter.fromPayload(payload);
  }

  /** A copy of the same class, which is made without its constructor. For a subclass with private state, override this. */
  override withContext(context: SerializationContext): this {
    if (!this.converters.some((converter) => converter.withContext !== undefined)) return this;
    const converters = this.converters.map((converter) => inContext(converter, context));
    const copy = Reflect.construct(CompositePayloadConverter, converters, this.constructor) as this;
    return Object.assign(copy, this, { converters });
  }

  #names(): string {
    return this.converters.map((converter) => converter.encoding).join(", ");
  }
}

/** The encoding that a payload's metadata names; empty if it names none. */
export function encodingOf(payload: Payload): string {
  const encoding = payload.metadata["encoding"];
  return encoding === undefined ? "" : decodeUtf8(encoding);
}

function describe(value: unknown): string {
  return typeof value === "object" && value !== null ? (value.constructor?.name ?? "object") : typeof value;
}
