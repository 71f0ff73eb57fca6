import { expect, test } from "vitest";
import type { Payload } from "../proto/gen/common.ts";
import { decodeSearchAttributes, encodeSearchAttribute, encodeSearchAttributes } from "./search-attribute-codec.ts";
import { SearchAttributeKey, TypedSearchAttributes } from "./search-attributes.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

const keys = {
  text: SearchAttributeKey.forText("text"),
  keyword: SearchAttributeKey.forKeyword("keyword"),
  int: SearchAttributeKey.forInt("int"),
  float: SearchAttributeKey.forFloat("float"),
  bool: SearchAttributeKey.forBool("bool"),
  datetime: SearchAttributeKey.forDatetime("datetime"),
  list: SearchAttributeKey.forKeywordList("list"),
};

test("attributes of all types travel with their type", () => {
  const attributes = new TypedSearchAttributes([
    keys.text.withValue("some words"),
    keys.keyword.withValue("word"),
    keys.int.withValue(3),
    keys.float.withValue(1.5),
    keys.bool.withValue(true),
    keys.datetime.withValue(new Date("2026-01-02T03:04:05.678Z")),
    keys.list.withValue(["a", "b"]),
  ]);
  const message = encodeSearchAttributes(attributes);
  const types = Object.fromEntries(
    Object.entries(message.indexedFields).map(([name, { metadata }]) => [
      name,
      decodeUtf8(metadata["type"] ?? new Uint8Array()),
    ]),
  );
  expect(types).toEqual({
    text: "Text",
    keyword: "Keyword",
    int: "Int",
    float: "Double",
    bool: "Bool",
    datetime: "Datetime",
    list: "KeywordList",
  });
  expect([...decodeSearchAttributes(message)]).toEqual([...attributes]);
});

test("taking an attribute away is a null without a type", () => {
  const payload = encodeSearchAttribute(keys.int.valueUnset());
  expect([
    decodeUtf8(payload.metadata["encoding"] ?? new Uint8Array()),
    payload.metadata["type"],
    payload.data.length,
  ]).toEqual(["binary/null", undefined, 0]);
});

test("values of another type are refused", () => {
  expect(() => keys.int.valueSet(1.5)).toThrow(
    'Cannot set search attribute "int": found a value of type number, expected one that suits Int',
  );
  expect(() => keys.list.valueSet(["a", 1] as never)).toThrow("KeywordList");
  expect(() => keys.datetime.valueSet(new Date(Number.NaN))).toThrow("Datetime");
});

test("a collection has every name once, and changes by copying", () => {
  expect(() => new TypedSearchAttributes([keys.int.withValue(1), keys.int.withValue(2)])).toThrow('found "int" twice');
  const before = new TypedSearchAttributes([keys.int.withValue(1), keys.bool.withValue(false)]);
  const after = before.updated(keys.int.valueSet(2), keys.bool.valueUnset(), keys.keyword.valueSet("x"));
  expect([
    after.get(keys.int),
    after.has(keys.bool),
    after.get(keys.keyword),
    after.size,
    before.get(keys.int),
  ]).toEqual([2, false, "x", 2, 1]);
  expect(after.get(SearchAttributeKey.forFloat("int"))).toBeUndefined();
});

test("what other writers send is read, and what makes no sense is left out", () => {
  const payload = (type: string | undefined, json: string): Payload => ({
    metadata: { encoding: encodeUtf8("json/plain"), ...(type === undefined ? {} : { type: encodeUtf8(type) }) },
    data: encodeUtf8(json),
    externalPayloads: [],
  });
  const attributes = decodeSearchAttributes({
    indexedFields: {
      old: payload("INDEXED_VALUE_TYPE_KEYWORD_LIST", '["x"]'),
      single: payload("Int", "[7]"),
      several: payload("Int", "[7,8]"),
      untyped: payload(undefined, "1"),
      wrong: payload("Bool", '"yes"'),
    },
  });
  expect([...attributes].map(({ key, value }) => [key.name, key.type, value])).toEqual([
    ["old", "KeywordList", ["x"]],
    ["single", "Int", 7],
  ]);
});
