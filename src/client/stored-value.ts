import type { DataConverter } from "../payload/data-converter.ts";
import type { Payload } from "../proto/gen/common.ts";

/** A value as the service keeps it. It can be read, and goes back as it is, through neither converter nor codec. */
export class StoredValue {
  /** What the service keeps. */
  readonly payload: Payload;
  readonly #converter: DataConverter;

  constructor(payload: Payload, converter: DataConverter) {
    this.payload = payload;
    this.#converter = converter;
  }

  /** The value, decoded. */
  async value(): Promise<unknown> {
    return (await this.#converter.decode([this.payload]))[0];
  }
}

/** A value's payload: made now, or the one that the service has already. */
export async function encodeOrKeep(converter: DataConverter, value: unknown): Promise<Payload> {
  if (value instanceof StoredValue) return value.payload;
  const [payload] = await converter.encode([value]);
  return payload as Payload;
}

/** As {@link encodeOrKeep}, for several values. */
export function encodeOrKeepAll(converter: DataConverter, values: readonly unknown[]): Promise<Payload[]> {
  return Promise.all(values.map((value) => encodeOrKeep(converter, value)));
}

/** As {@link encodeOrKeep}, for named values. */
export async function encodeOrKeepFields(
  converter: DataConverter,
  fields: Readonly<Record<string, unknown>>,
): Promise<Record<string, Payload>> {
  const payloads = await encodeOrKeepAll(converter, Object.values(fields));
  return Object.fromEntries(Object.keys(fields).map((key, index) => [key, payloads[index] as Payload]));
}
