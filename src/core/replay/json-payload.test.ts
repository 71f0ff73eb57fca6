import { expect, test } from "vitest";
import { assert, property, string } from "fast-check";
import { fromJsonPayload, fromUtf8, toJsonPayload, toUtf8 } from "./json-payload.ts";
import { toRandomSeed } from "./random-seed.ts";

test("text goes to UTF-8 and back as the host does it", () => {
  assert(
    property(string({ unit: "grapheme" }), (text) => {
      expect(toUtf8(text)).toEqual(new TextEncoder().encode(text));
      expect(fromUtf8(toUtf8(text))).toBe(text);
    }),
  );
});

test("JSON payloads say so, and data that is no JSON reads as nothing", () => {
  const payload = toJsonPayload({ id: "50% ü" });
  expect(payload.metadata).toEqual({ encoding: toUtf8("json/plain") });
  expect(fromJsonPayload(payload)).toEqual({ id: "50% ü" });
  expect(fromJsonPayload({ ...payload, data: Uint8Array.of(255) })).toBeUndefined();
});

test("random seeds are those that the shared core gives the same runs", () => {
  expect(toRandomSeed("abc")).toBe("17224545590736200989");
});
