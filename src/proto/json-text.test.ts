import fc from "fast-check";
import { expect, test } from "vitest";
import { JSON_DEPTH_MAX, parseJsonText } from "./json-text.ts";

test("what JSON.parse reads is read the same, however it is spaced", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      // Half of a surrogate pair is no text that UTF-8 could have brought.
      fc.pre(!/\\ud[89ab]/i.test(text));
      const found = parseJsonText(` \r\n${text}\t`);
      // Numbers that doubles round are read with all their digits.
      const rounded = JSON.stringify(found, (_key, one: unknown) => (typeof one === "bigint" ? Number(one) : one));
      expect(JSON.parse(rounded)).toEqual(JSON.parse(text));
    }),
  );
});

test("64-bit numbers keep their digits, and larger ones become as exact as a double is", () => {
  expect(
    parseJsonText("[9007199254740993,-9223372036854775808,9223372036854775807,9223372036854775808,1e3,-0.5]"),
  ).toEqual([9007199254740993n, -9223372036854775808n, 9223372036854775807n, 9223372036854775808, 1000, -0.5]);
});

test("names of objects' own machinery are names like all others", () => {
  const value = parseJsonText('{"__proto__":{"a":1},"constructor":2}');
  expect(Object.entries(value as object)).toEqual([
    ["__proto__", { a: 1 }],
    ["constructor", 2],
  ]);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test.each([
  ["", "line 1, column 1: unexpected end, expected a value"],
  ["{", "line 1, column 2: unexpected end, expected a name"],
  ['{"a"}', 'line 1, column 5: unexpected "}", expected ":"'],
  ['{"a":1,}', 'line 1, column 8: unexpected "}", expected a name'],
  ['{"a":1 "b"', 'line 1, column 8: unexpected "\\"", expected "," or "}"'],
  ["[1,]", 'line 1, column 4: unexpected "]", expected a value'],
  ["[1 2]", 'line 1, column 4: unexpected "2", expected "," or "]"'],
  ["\n {\n  nul", 'line 3, column 3: unexpected "nul", expected a name'],
  ["01", 'line 1, column 1: unexpected "01", expected a value'],
  ["1.", 'line 1, column 1: unexpected "1.", expected a value'],
  ["+1", 'line 1, column 1: unexpected "+1", expected a value'],
  ["NaN", 'line 1, column 1: unexpected "NaN", expected a value'],
  ["1 2", 'line 1, column 3: unexpected "2", expected the end'],
  ['"a', "line 1, column 1: text that does not end"],
  ['"a\nb"', "line 1, column 1: text that does not end"],
  [String.raw`"\x41"`, "line 1, column 1: text that does not end"],
  [String.raw`"\ud800"`, "half of a surrogate pair"],
  ['{"a":1,"a":2}', 'line 1, column 8: duplicate field "a"'],
  ["[".repeat(JSON_DEPTH_MAX + 1), `more than ${JSON_DEPTH_MAX} objects and arrays within each other`],
])("%j is refused with its place", (text, message) => {
  expect(() => parseJsonText(text)).toThrow(message);
});
