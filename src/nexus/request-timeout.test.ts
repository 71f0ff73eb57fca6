import { expect, test } from "vitest";
import { normalizeHeaders, readRequestTimeoutMs } from "./request-timeout.ts";

test.each([
  ["10m", 600_000],
  ["30s", 30_000],
  ["500ms", 500],
  ["9.155416ms", 9.155416],
  [" 1.5s ", 1_500],
  ["10", undefined],
  ["10h", undefined],
  ["-1s", undefined],
  ["", undefined],
])("timeout %j is %s ms", (text, ms) => {
  expect(readRequestTimeoutMs(text)).toBe(ms);
});

test("headers are found whatever their case", () => {
  expect(normalizeHeaders({ "Request-Timeout": "1s" })).toEqual({ "request-timeout": "1s" });
});
