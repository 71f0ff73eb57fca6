import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compareText } from "../text-order.ts";
import { joinEvents, splitEvents } from "./event-bytes.ts";
import { fromAttributeKey, fromSqlText, toAttributeKey, toSqlText } from "./sql-text.ts";

const text = fc.string({
  unit: fc.constantFrom("a", "b", "\0", "\u0001", "\u0002", '"', "\\", "%", "3", "4", "é", "\u{1F600}", "\uFFFD"),
});

test("any text comes back from storage, holds no NUL there, and keeps its order and prefixes", () => {
  fc.assert(
    fc.property(text, text, (left, right) => {
      expect(fromSqlText(toSqlText(left))).toBe(left);
      expect(toSqlText(left)).not.toContain("\0");
      expect(Math.sign(compareText(toSqlText(left), toSqlText(right)))).toBe(Math.sign(compareText(left, right)));
      expect(toSqlText(left + right).startsWith(toSqlText(left))).toBe(true);
      expect(fromAttributeKey(toAttributeKey(left))).toBe(left);
      expect(toAttributeKey(left)).not.toMatch(/["\\\0]/);
    }),
  );
});

test("joined events come apart as they were", () => {
  const event = fc.oneof(fc.uint8Array({ maxLength: 5 }), fc.uint8Array({ minLength: 120, maxLength: 140 }));
  fc.assert(
    fc.property(fc.array(event), (events) => {
      expect(splitEvents(joinEvents(events)).map((each) => [...each])).toEqual(events.map((each) => [...each]));
    }),
  );
});
