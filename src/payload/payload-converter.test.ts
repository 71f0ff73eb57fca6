import fc from "fast-check";
import { expect, test } from "vitest";
import type { Payload } from "../proto/gen/common.ts";
import { WorkflowMetadata } from "../proto/gen/sdk.ts";
import { createPayloadConverter, defaultPayloadConverter } from "./default-converter.ts";
import { CompositePayloadConverter, encodingOf, RawValue } from "./payload-converter.ts";
import { JsonPayloadConverter } from "./plain-converters.ts";
import { toJsonProtobufPayload } from "./protobuf-converters.ts";
import { protobufEsTypes, protobufTypeOf } from "./protobuf-type.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

const text = (payload: Payload): string => decodeUtf8(payload.data);
const hex = (payload: Payload): string => Buffer.from(payload.data).toString("hex");
const roundTrip = (value: unknown): unknown =>
  defaultPayloadConverter.fromPayload(defaultPayloadConverter.toPayload(value));

test("writes the bytes that the Python SDK writes for the same values", () => {
  const written: [unknown, string, string][] = [
    [undefined, "binary/null", ""],
    [
      'hé世😀\u007f\n"\\/',
      "json/plain",
      "22685c75303065395c75346531365c75643833645c75646530305c75303037665c6e5c225c5c2f22",
    ],
    [42, "json/plain", "3432"],
    [1.5, "json/plain", "312e35"],
    [1e21, "json/plain", "31652b3231"],
    [true, "json/plain", "74727565"],
    [[1, "a", null, []], "json/plain", "5b312c2261222c6e756c6c2c5b5d5d"],
    [
      { b: 1, a: { d: [true, false], c: null }, "10": 1, "9": 2, é: 0 },
      "json/plain",
      "7b223130223a312c2239223a322c2261223a7b2263223a6e756c6c2c2264223a5b747275652c66616c73655d7d2c2262223a312c225c7530306539223a307d",
    ],
    [new Uint8Array([0, 255, 16]), "binary/plain", "00ff10"],
  ];
  for (const [value, encoding, bytes] of written) {
    const payload = defaultPayloadConverter.toPayload(value);
    expect([encodingOf(payload), hex(payload)]).toEqual([encoding, bytes]);
  }
});

test("tells null from undefined", () => {
  expect(roundTrip(null)).toBeNull();
  expect(roundTrip(undefined)).toBeUndefined();
});

test("gives back every value that JSON has a form for", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      expect(roundTrip(value)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("makes JSON of maps, sets, dates and nested bytes", () => {
  const payload = defaultPayloadConverter.toPayload({
    map: new Map([
      ["b", 1],
      ["a", 2],
    ]),
    set: new Set([1, "x"]),
    date: new Date(0),
    bytes: new Uint8Array([1, 2]),
    gone: undefined,
  });
  expect(text(payload)).toBe('{"bytes":[1,2],"date":"1970-01-01T00:00:00.000Z","map":{"a":2,"b":1},"set":[1,"x"]}');
});

test("refuses what JSON would lose or never end with", () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(() => defaultPayloadConverter.toPayload({ count: 1n })).toThrow('at key "count" to JSON: found a bigint');
  expect(() => defaultPayloadConverter.toPayload(circle)).toThrow("it contains itself");
  expect(() => defaultPayloadConverter.toPayload(() => 1)).toThrow(
    'Cannot convert value of type "function" to a payload',
  );
  expect(() => defaultPayloadConverter.toPayload(new Map([[{}, 1]]))).toThrow("found a key of type object");
});

test("tells what is wrong with a payload without showing what it holds", () => {
  const broken = {
    metadata: { encoding: encodeUtf8("json/plain") },
    data: encodeUtf8("{secret"),
    externalPayloads: [],
  };
  expect(() => defaultPayloadConverter.fromPayload(broken)).toThrow(
    expect.objectContaining({
      message: expect.not.stringContaining("secret") as string,
      cause: "SyntaxError",
    }) as Error,
  );
  const unknown = { metadata: { encoding: encodeUtf8("x/y") }, data: new Uint8Array(), externalPayloads: [] };
  expect(() => defaultPayloadConverter.fromPayload(unknown)).toThrow(
    'found encoding "x/y", expected one of binary/null, binary/plain, json/protobuf, binary/protobuf, json/plain',
  );
});

test("passes raw values as they are", () => {
  const payload = defaultPayloadConverter.toPayload("x");
  expect(defaultPayloadConverter.toPayload(new RawValue(payload))).toBe(payload);
  expect(new RawValue(payload)).toBeInstanceOf(RawValue);
  expect({ payload }).not.toBeInstanceOf(RawValue);
});

test("asks custom converters first", () => {
  const money = {
    encoding: "x/money",
    toPayload: (value: unknown) =>
      value === "€"
        ? { metadata: { encoding: encodeUtf8("x/money") }, data: new Uint8Array([1]), externalPayloads: [] }
        : undefined,
    fromPayload: () => "€",
  };
  const converter = createPayloadConverter({ custom: [money] });
  expect(encodingOf(converter.toPayload("€"))).toBe("x/money");
  expect(converter.fromPayload(converter.toPayload("€"))).toBe("€");
  expect(encodingOf(converter.toPayload("$"))).toBe("json/plain");
});

test("a composite converter of another class stays of that class in a context", () => {
  class Part extends JsonPayloadConverter {
    constructor() {
      super("json/part");
    }
    withContext(): this {
      return new Part() as this;
    }
  }
  class Own extends CompositePayloadConverter {
    name = "none";
    constructor(name: string) {
      super(new Part());
      this.name = name;
    }
    override toPayloads(): never {
      throw new Error(`asked ${this.name}`);
    }
  }
  const own = new Own("Ada").withContext({ kind: "workflow", namespace: "default", workflowId: "w" });
  expect(() => own.toPayloads()).toThrow("asked Ada");
  expect(own.fromPayload(own.toPayload(1))).toBe(1);
});

test("a converter for a context is asked for, and those that know none stay", () => {
  const plain = new JsonPayloadConverter();
  const aware = {
    encoding: "x/aware",
    toPayload: () => undefined,
    fromPayload: () => "anywhere",
    withContext: () => ({ encoding: "x/aware", toPayload: () => undefined, fromPayload: () => "in context" }),
  };
  const context = { kind: "workflow", namespace: "n", workflowId: "w" } as const;
  expect(defaultPayloadConverter.withContext(context)).toBe(defaultPayloadConverter);
  const converter = new CompositePayloadConverter(aware, plain).withContext(context);
  expect(
    converter.fromPayload({
      metadata: { encoding: encodeUtf8("x/aware") },
      data: new Uint8Array(),
      externalPayloads: [],
    }),
  ).toBe("in context");
});

test("reads the messages that workflows answer system queries with, in both protobuf encodings", () => {
  const type = protobufTypeOf(WorkflowMetadata);
  const message = WorkflowMetadata.create({ currentDetails: "fine" });
  expect(defaultPayloadConverter.fromPayload(toJsonProtobufPayload(type, message))).toMatchObject({
    currentDetails: "fine",
  });
  const metadata = { encoding: encodeUtf8("binary/protobuf"), messageType: encodeUtf8(type.typeName) };
  expect(
    defaultPayloadConverter.fromPayload({ metadata, data: type.toBinary(message), externalPayloads: [] }),
  ).toMatchObject({ currentDetails: "fine" });
});

test("sends and reads messages of protobuf-es", async () => {
  const library = await import("@bufbuild/protobuf");
  const wkt = await import("@bufbuild/protobuf/wkt");
  const converter = createPayloadConverter({ protobufTypes: protobufEsTypes(library, wkt.TypeSchema) });
  const message = library.create(wkt.TypeSchema, { name: "T", oneofs: ["b", "a"] });
  const payload = converter.toPayload(message);
  expect([encodingOf(payload), text(payload), decodeUtf8(payload.metadata["messageType"] ?? new Uint8Array())]).toEqual(
    ["json/protobuf", '{"name":"T","oneofs":["b","a"]}', "google.protobuf.Type"],
  );
  expect(converter.fromPayload(payload)).toEqual(message);
  expect(() => defaultPayloadConverter.fromPayload(payload)).toThrow('found message type "google.protobuf.Type"');
});

test("UTF-8 is written and read without the host's help as with it", () => {
  for (const sample of [
    "",
    "ascii only, longer than the short limit of this file",
    "é世😀 mixed with ascii and longer than the limit",
    "short é",
  ]) {
    expect(Buffer.from(encodeUtf8(sample)).toString("utf8")).toBe(sample);
    expect(decodeUtf8(encodeUtf8(sample))).toBe(sample);
  }
});

test("bytes are read as a plain Uint8Array, whatever kind of array brought them", () => {
  const payload = defaultPayloadConverter.toPayload(Buffer.from([1, 2, 3]));
  expect(payload.data.constructor).toBe(Uint8Array);
  const bytes = defaultPayloadConverter.fromPayload({ ...payload, data: Buffer.from([1, 2, 3]) }) as Uint8Array;
  expect([bytes.constructor, [...bytes]]).toEqual([Uint8Array, [1, 2, 3]]);
});
