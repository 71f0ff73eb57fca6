import { expect, test } from "vitest";
import { Payload } from "../../proto/gen/common.ts";
import { IndexedValueType } from "../../proto/gen/enums.ts";
import { newNamespace } from "./namespace.ts";
import { searchAttributesFault } from "./search-attribute-fault.ts";
import { decodeAttribute, isRemoval } from "./search-attribute.ts";

function payload(value: unknown, type?: string): Payload {
  const encoder = new TextEncoder();
  return Payload.create({
    metadata: {
      encoding: encoder.encode("json/plain"),
      ...(type === undefined ? {} : { type: encoder.encode(type) }),
    },
    data: encoder.encode(JSON.stringify(value)),
  });
}

test.each([
  ["a keyword", "x", IndexedValueType.KEYWORD, "x"],
  ["a keyword in a list", ["x"], IndexedValueType.KEYWORD, "x"],
  ["a number", 3, IndexedValueType.INT, 3],
  ["a time", "2026-01-01T00:00:00Z", IndexedValueType.DATETIME, 1767225600000],
  ["a list of keywords", ["a", "b"], IndexedValueType.KEYWORD_LIST, ["a", "b"]],
  ["a single keyword as a list", "a", IndexedValueType.KEYWORD_LIST, ["a"]],
  ["a number where a keyword is wanted", 3, IndexedValueType.KEYWORD, undefined],
  ["a fraction where a whole number is wanted", 3.5, IndexedValueType.INT, undefined],
  ["several keywords where one is wanted", ["a", "b"], IndexedValueType.KEYWORD, undefined],
])("%s is read by its type", (_what, value, type, expected) => {
  expect(decodeAttribute(payload(value), type)).toEqual(expected);
});

test("without a declared type the payload's own counts", () => {
  expect(decodeAttribute(payload("7", "Keyword"), IndexedValueType.UNSPECIFIED)).toBe("7");
});

test("null and an empty list take an attribute away", () => {
  expect(isRemoval(payload(null))).toBe(true);
  expect(isRemoval(payload([]))).toBe(true);
  expect(isRemoval(payload(0))).toBe(false);
});

test("faults are told in the service's words", () => {
  const namespace = { ...newNamespace("id", "default"), searchAttributes: { Number: IndexedValueType.INT } };
  expect(searchAttributesFault(namespace, { Number: payload(3) })).toBeUndefined();
  expect(searchAttributesFault(namespace, { StartTime: payload(3) })).toBe(
    "StartTime attribute can't be set in SearchAttributes",
  );
  expect(searchAttributesFault(namespace, { Unknown: payload(3) })).toBe(
    "Namespace default has no mapping defined for search attribute Unknown",
  );
  expect(searchAttributesFault(namespace, { Number: payload("x") })).toMatch(
    /^invalid value for search attribute Number of type Int: /,
  );
});
