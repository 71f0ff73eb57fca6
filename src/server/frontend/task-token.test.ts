import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeTaskToken, encodeTaskToken, type TaskClaim, type TokenUse } from "./task-token.ts";

const uses: readonly TokenUse[] = ["workflow", "activity", "query", "nexus"];

test("a token says what it was made from", () => {
  const claim = fc.record({
    kind: fc.constantFrom("workflow" as const, "activity" as const),
    namespaceId: fc.string(),
    runKey: fc.maxSafeNat(),
    workflowId: fc.string({ unit: "grapheme" }),
    runId: fc.uuid(),
    scheduledEventId: fc.nat(),
    startedEventId: fc.integer(),
    attempt: fc.nat(),
  });
  fc.assert(
    fc.property(claim, (value) => {
      expect(decodeTaskToken(value.kind, encodeTaskToken(value))).toEqual(value);
    }),
  );
  const query: TaskClaim = { kind: "query", namespaceId: "n", id: "q" };
  expect(decodeTaskToken("query", encodeTaskToken(query))).toEqual(query);
  const standalone: TaskClaim = {
    kind: "standaloneActivity",
    namespaceId: "n",
    runKey: 0,
    runId: "r",
    attempt: 2,
    stamp: 3,
  };
  expect(decodeTaskToken("activity", encodeTaskToken(standalone))).toEqual(standalone);
});

test("a token that the service gave out is read, and lacks only where the run is kept", () => {
  // Namespace "ns", workflow "wf", run "run", scheduled event 5, attempt 1, activity "1", its type "act", and a clock.
  const token = Buffer.from("0a026e73120277661a0372756e2005280132013142036163744a0408011002", "hex");
  expect(decodeTaskToken("activity", token)).toEqual({
    kind: "activity",
    namespaceId: "ns",
    workflowId: "wf",
    runId: "run",
    scheduledEventId: 5,
    startedEventId: 0,
    attempt: 1,
  });
});

test("bytes that are no token are refused, or name nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom(...uses), (bytes, use) => {
      const claim = decodeTaskToken(use, bytes);
      if (claim !== undefined) expect(typeof claim.namespaceId).toBe("string");
    }),
  );
  for (const text of ["garbage", "[]", "{}", '["w1","n",1,"w","r",1,2,1]']) {
    expect(decodeTaskToken("workflow", new TextEncoder().encode(text))).toBeUndefined();
  }
});
