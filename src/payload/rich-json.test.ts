import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createPayloadConverter, defaultPayloadConverter } from "./default-converter.ts";
import { encodingOf } from "./payload-converter.ts";
import type { JsonType } from "./json-type.ts";
import { jsonClass, RichJsonPayloadConverter } from "./rich-json.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

const converter = createPayloadConverter({ json: new RichJsonPayloadConverter() });
const roundTrip = (value: unknown): unknown => converter.fromPayload(converter.toPayload(value));
const jsonOf = (value: unknown): unknown => JSON.parse(decodeUtf8(converter.toPayload(value).data)) as unknown;
const read = (json: unknown): unknown =>
  converter.fromPayload({
    metadata: { encoding: encodeUtf8("json/plain") },
    data: encodeUtf8(JSON.stringify(json)),
    externalPayloads: [],
  });

test("values that JSON loses come back as they were, in payloads that stay json/plain", () => {
  const value = {
    date: new Date(0),
    never: new Date(Number.NaN),
    map: new Map<unknown, unknown>([[{ key: 1 }, new Set(["a", 1n])]]),
    big: 12345678901234567890n,
    url: new URL("https://example.com/?q=1"),
    pattern: /a+/giu,
    numbers: [Number.NaN, Infinity, -Infinity, -0, 1.5],
    bytes: new Uint8Array([1, 2]),
    floats: new Float64Array([0.5, -1]),
    view: new DataView(new Uint8Array([7, 8]).buffer),
    buffer: new Uint8Array([9]).buffer,
    gap: [undefined, null],
  };
  expect(encodingOf(converter.toPayload(value))).toBe("json/plain");
  expect(roundTrip(value)).toStrictEqual(value);
});

test("the shape on the wire is that of the documentation", () => {
  expect(jsonOf({ at: new Date(0), ids: new Set([1]), big: 1n, nan: Number.NaN })).toEqual({
    at: { $type: "Date", $value: "1970-01-01T00:00:00.000Z" },
    ids: { $type: "Set", $value: [1] },
    big: { $type: "BigInt", $value: "1" },
    nan: { $type: "Number", $value: "NaN" },
  });
  expect(jsonOf({ $type: "Date", $value: "mine" })).toEqual({
    $type: "Object",
    $value: { $type: "Date", $value: "mine" },
  });
  expect(jsonOf({ plain: [1, "a", null, true], of: { any: {} } })).toEqual({
    plain: [1, "a", null, true],
    of: { any: {} },
  });
});

test("errors keep name, message, cause and what they carry, not their stack", () => {
  const error = Object.assign(new TypeError("outer", { cause: new Error("inner") }), { code: "E" });
  const back = roundTrip(error) as TypeError & { readonly code: string };
  expect(back).toBeInstanceOf(TypeError);
  expect([back.message, back.code, (back.cause as Error).message]).toEqual(["outer", "E", "inner"]);
  expect(JSON.stringify(jsonOf(error))).not.toContain("rich-json.test");
  class OwnError extends Error {
    override readonly name = "OwnError";
  }
  expect(roundTrip(new OwnError("own"))).toMatchObject({ name: "OwnError", message: "own" });
});

test("classes and kinds of the user's own come back as such", () => {
  class Money {
    readonly cents: number;
    constructor(cents: number) {
      this.cents = cents;
    }
    get euros(): number {
      return this.cents / 100;
    }
  }
  class Secret {
    readonly #text: string;
    constructor(text: string) {
      this.#text = text;
    }
    reveal(): string {
      return this.#text;
    }
  }
  const types: readonly JsonType[] = [
    jsonClass(Money),
    jsonClass(Secret, { toJson: (secret) => [secret.reveal()], fromJson: ([text]: [string]) => new Secret(text) }),
  ];
  const own = createPayloadConverter({ json: new RichJsonPayloadConverter({ types }) });
  const payload = own.toPayload([new Money(150), new Secret("s")]);
  const [money, secret] = own.fromPayload(payload) as [Money, Secret];
  expect(money).toBeInstanceOf(Money);
  expect([money.euros, secret.reveal()]).toEqual([1.5, "s"]);
  expect(() => converter.fromPayload(payload)).toThrow(`found a value of type "Money"`);
  const twice = [jsonClass(Money), jsonClass(Money)];
  expect(() => new RichJsonPayloadConverter({ types: twice })).toThrow(`two types named "Money"`);
});

test("values of another realm are known too", () => {
  const value: unknown = runInNewContext("({ map: new Map([[1, new Date(0)]]), error: new RangeError('far') })");
  expect(roundTrip(value)).toMatchObject({ map: new Map([[1, new Date(0)]]), error: { message: "far" } });
});

test("JSON that looks like a type only at first sight is data, and a broken one an error", () => {
  for (const json of [{ $type: 1, $value: 1 }, { $type: "Date" }, { $type: "Date", $value: 1, more: 1 }, { $value: 2 }])
    expect(read(json)).toEqual(json);
  expect(() => read({ $type: "BigInt", $value: "secret" })).toThrow(`found a value that is no "BigInt"`);
  expect(() => read({ $type: "Temporal.Instant", $value: "x" })).toThrow("Temporal.Instant");
  const endless: unknown[] = [];
  endless.push(endless);
  expect(() => converter.toPayload(endless)).toThrow("it contains itself");
  const polluted = read(JSON.parse(`{"__proto__":{"a":1}}`)) as { readonly a?: unknown };
  expect(polluted.a).toBeUndefined();
});

test("whatever is made of such values comes back", { timeout: 60_000 }, () => {
  const leaf = fc.oneof(
    fc.jsonValue(),
    fc.date({ noInvalidDate: true }),
    fc.bigInt(),
    fc.double(),
    fc.uint8Array(),
    fc.float64Array(),
    fc.constant(undefined),
    fc.webUrl().map((url) => new URL(url)),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie("value"), { maxLength: 4 }),
      fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 3 }).map((pairs) => new Map(pairs)),
      fc.array(tie("value"), { maxLength: 3 }).map((items) => new Set(items)),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("$type", "$value", "__proto__")), tie("value"), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
      fc.record({ $type: fc.constantFrom("Date", "Object", "Map"), $value: tie("value") }),
    ),
  }));
  fc.assert(
    fc.property(value, (given) => {
      const payload = converter.toPayload(given);
      expect(converter.fromPayload(payload)).toEqual(given);
      // Every reader of plain JSON can read it.
      if (encodingOf(payload) === "json/plain") defaultPayloadConverter.fromPayload(payload);
    }),
  );
});
