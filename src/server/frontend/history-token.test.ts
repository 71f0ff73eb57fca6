import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodePosition, encodePosition } from "./history-token.ts";

test("a page token says where its reader was", () => {
  const position = fc.record({
    runId: fc.uuid(),
    fromEventId: fc.integer({ min: 1 }),
    toEventId: fc.integer({ min: 1 }),
    open: fc.boolean(),
    suffix: fc.array(fc.uint8Array(), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(position, (value) => {
      const { suffix, ...rest } = decodePosition(encodePosition(value)) ?? { suffix: [] };
      expect({ ...rest, suffix: suffix.map((event) => [...event]) }).toEqual({
        ...value,
        suffix: value.suffix.map((event) => [...event]),
      });
    }),
  );
});

test("bytes that are no page token are refused", () => {
  for (const text of ["", "x", "[]", '["h1","r",0,1,true]', '["h1","r",1,1,1]', '["h1","r",1,1,true,2]']) {
    expect(decodePosition(new TextEncoder().encode(text))).toBeUndefined();
  }
});
