import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeTaskToken, encodeTaskToken, type TaskClaim } from "./task-token.ts";

test("a token says what it was made from", () => {
  const claim = fc.record({
    kind: fc.constantFrom("workflow" as const, "activity" as const),
    namespaceId: fc.string(),
    runKey: fc.maxSafeNat(),
    workflowId: fc.string(),
    runId: fc.uuid(),
    scheduledEventId: fc.nat(),
    startedEventId: fc.integer(),
    attempt: fc.nat(),
  });
  fc.assert(
    fc.property(claim, (value) => {
      expect(decodeTaskToken(encodeTaskToken(value))).toEqual(value);
    }),
  );
  const query: TaskClaim = { kind: "query", namespaceId: "n", id: "q" };
  expect(decodeTaskToken(encodeTaskToken(query))).toEqual(query);
});

test("bytes that are no token are refused, whatever they are", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeTaskToken(bytes)).toBeUndefined();
    }),
  );
  for (const text of ["[]", "{}", "null", '["w1"]', '["w1","n",-1,"w","r",1,2,1]', '["z9","n","id"]', '["q1","n",7]']) {
    expect(decodeTaskToken(new TextEncoder().encode(text))).toBeUndefined();
  }
});
