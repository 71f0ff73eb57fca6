import { expect, test } from "vitest";
import { fingerprint32 } from "./fingerprint.ts";

// Vectors that implementations of the hash share.
test.each([
  ["", 0xdc56d17a],
  ["a", 0x3c973d4d],
  ["abc", 0x2f635ec7],
  ["abcd", 0x98b51e95],
  ["abcde", 0xa3f366ac],
  ["abcdefghij", 0xf2669361],
  ["Discard medicine more than two years old.", 0xe273108f],
  ["He who has a shady past knows that nice guys finish last.", 0xf585dfc4],
])("the fingerprint of %j is the one that others compute", (text, fingerprint) => {
  expect(fingerprint32(text)).toBe(fingerprint);
});
