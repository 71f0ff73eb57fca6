import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonValue } from "../../proto/json-value.ts";
import { toCanonicalJson, writeJson } from "./canonical-json.ts";

test("answers are written as JSON.stringify writes them, on one line or several", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom("", "  "), (value, indent) => {
      expect(writeJson(value as JsonValue, indent)).toBe(JSON.stringify(value, undefined, indent));
    }),
  );
});

test("what is written in the service's own way reads back as what it was", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(toCanonicalJson(value as JsonValue))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("names are in order, what has a meaning in HTML is escaped, and numbers keep their digits", () => {
  const value = { b: "<&>\u2028", a: [9007199254740993n, {}, []] };
  expect(toCanonicalJson(value)).toBe(String.raw`{"a":[9007199254740993,{},[]],"b":"\u003c\u0026\u003e\u2028"}`);
  expect(writeJson(value, "")).toBe('{"b":"<&>\u2028","a":[9007199254740993,{},[]]}');
});
