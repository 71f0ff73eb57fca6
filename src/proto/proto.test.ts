import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary, fromJsonString, toBinary, toJsonString } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as common from "./gen/common.ts";
import * as history from "./gen/history.ts";
import * as workflowservice from "./gen/workflowservice.ts";
import { historyFromJson, historyToJson } from "./history-json.ts";
import { fromJson, toJson } from "./json.ts";
import type { FieldInfo, MessageType } from "./message.ts";

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync("proto/temporal-api.binpb")));

const messages: readonly MessageType<object>[] = [
  ...Object.values(workflowservice),
  ...Object.values(history),
  ...Object.values(common),
].filter((value): value is MessageType<never> => typeof value === "object" && "encode" in value);

/** Any value of a field; nesting stops after a few levels. */
function arbitraryField(field: FieldInfo, depth: number): fc.Arbitrary<unknown> {
  const one = arbitraryValue(field, depth);
  if (field.mapKey !== undefined)
    return fc.dictionary(field.mapKey === 9 ? fc.string({ maxLength: 8 }) : fc.nat().map(String), one, {
      maxKeys: 3,
      noNullPrototype: true,
    });
  return field.repeated ? fc.array(one, { maxLength: 3 }) : one;
}

function arbitraryValue(field: FieldInfo, depth: number): fc.Arbitrary<unknown> {
  const { value } = field;
  if (value.kind === "enum") return fc.constantFrom(...Object.keys(value.names).map(Number));
  if (value.kind === "message") return arbitraryMessage(value.type(), depth - 1);
  switch (value.scalar) {
    case 9:
      return fc.string({ unit: "grapheme", maxLength: 200 });
    case 12:
      return fc.uint8Array({ maxLength: 40 });
    case 8:
      return fc.boolean();
    case 1:
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 2:
      return fc.float({ noNaN: true, noDefaultInfinity: true });
    case 5:
      return fc.integer();
    case 13:
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case 3:
      return fc.maxSafeInteger();
    case 4:
      return fc.maxSafeNat();
  }
}

function arbitraryMessage(type: MessageType<object>, depth: number): fc.Arbitrary<object> {
  if (type.typeName === "google.protobuf.Timestamp")
    return fc.record({
      seconds: fc.integer({ min: 0, max: 4_000_000_000 }),
      nanos: fc.integer({ min: 0, max: 999_999_999 }),
    });
  if (type.typeName === "google.protobuf.Duration")
    return fc.record({
      seconds: fc.integer({ min: 0, max: 4_000_000_000 }),
      nanos: fc.integer({ min: 0, max: 999_999_999 }),
    });
  const fields = type
    .fields()
    .filter((field) => !type.typeName.startsWith("google.protobuf.") && (depth > 0 || field.value.kind !== "message"));
  return fc
    .tuple(...fields.map((field) => fc.option(arbitraryField(field, depth), { nil: undefined, freq: 2 })))
    .map((values) => {
      const init: { [key: string]: unknown } = {};
      fields.forEach((field, index) => {
        const value = values[index];
        if (value === undefined) return;
        if (field.oneof === undefined) init[field.name] = value;
        else init[field.oneof] = { case: field.name, value };
      });
      return type.create(init);
    });
}

describe("generated codecs", () => {
  test("read what an independent implementation wrote, and write what it reads", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...messages).chain((type) => arbitraryMessage(type, 3).map((message) => ({ type, message }))),
        ({ type, message }) => {
          const schema = registry.getMessage(type.typeName);
          if (schema === undefined) throw new Error(`no schema of ${type.typeName}`);
          const bytes = type.encode(message);
          expect(type.decode(bytes)).toEqual(message);
          expect(type.decode(toBinary(schema, fromBinary(schema, bytes)))).toEqual(message);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("write the JSON that an independent implementation writes, and read it", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...messages).chain((type) => arbitraryMessage(type, 2).map((message) => ({ type, message }))),
        ({ type, message }) => {
          const schema = registry.getMessage(type.typeName);
          if (schema === undefined) throw new Error(`no schema of ${type.typeName}`);
          const json = toJson(type, message);
          expect(type.encode(fromJson(type, json))).toEqual(type.encode(message));
          if (JSON.stringify(json).includes('"@type"')) return;
          expect(toBinary(schema, fromJsonString(schema, JSON.stringify(json)))).toEqual(
            toBinary(schema, fromBinary(schema, type.encode(message))),
          );
          expect(json).toEqual(JSON.parse(toJsonString(schema, fromBinary(schema, type.encode(message)))));
        },
      ),
      { numRuns: 200 },
    );
  });

  test("keep fields that this API does not know", () => {
    const bytes = new Uint8Array([...common.WorkflowType.encode({ name: "A" }), 0xfa, 0x3e, 1, 7, 0xf8, 0x3e, 9]);
    const decoded = common.WorkflowType.decode(bytes);
    expect(decoded.name).toBe("A");
    expect(common.WorkflowType.encode(decoded)).toEqual(bytes);
  });

  test("refuse bytes that are cut short or malformed, and never hang", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          workflowservice.StartWorkflowExecutionRequest.decode(bytes);
        } catch (error) {
          expect((error as Error).name).toBe("WireFormatError");
        }
      }),
    );
    expect(() => common.WorkflowType.decode(new Uint8Array([10, 5, 65]))).toThrow(
      "Cannot read 5 bytes: only 1 are left",
    );
  });

  test("refuse a 64-bit number that JavaScript cannot hold", () => {
    expect(() => history.HistoryEvent.decode(new Uint8Array([8, 255, 255, 255, 255, 255, 255, 255, 127]))).toThrow(
      "beyond 2^53",
    );
    expect(() => history.HistoryEvent.encode({ eventId: 2 ** 60 })).toThrow("no safe integer");
  });

  test("treat a key named __proto__ as data", () => {
    const map = JSON.parse('{"__proto__": {"data": ""}}') as { [key: string]: object };
    const decoded = common.Memo.decode(common.Memo.encode({ fields: map }));
    expect(Object.keys(decoded.fields)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(decoded.fields)).toBe(Object.prototype);
  });
});

describe("history JSON", () => {
  test("reads the older dialect with PascalCase enum values", () => {
    const read = historyFromJson(
      JSON.stringify({
        events: [
          {
            eventId: "1",
            eventType: "WorkflowExecutionStarted",
            workflowExecutionStartedEventAttributes: { taskQueue: { name: "q", kind: "Normal" } },
          },
        ],
      }),
    );
    expect(read.events[0]).toMatchObject({
      eventId: 1,
      eventType: 1,
      attributes: { case: "workflowExecutionStartedEventAttributes", value: { taskQueue: { name: "q", kind: 1 } } },
    });
    expect(historyFromJson(historyToJson(read))).toEqual(read);
  });

  test("says where a value is wrong, what was found and what was wanted", () => {
    expect(() => historyFromJson('{"events":[{"eventId":"x"}]}')).toThrow(
      'Cannot read JSON at "temporal.api.history.v1.History.events[0].eventId": found string "x", expected a number',
    );
    expect(() => historyFromJson("{")).toThrow("Cannot read history: text is no JSON");
  });
});
