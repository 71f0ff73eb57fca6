import { expect, test } from "vitest";
import { utf8Bytes } from "../core/text/utf8.ts";
import { toBase64 } from "../proto/base64.ts";
import { fromOperationToken, OperationTokenError, toOperationToken, type OperationTarget } from "./operation-token.ts";

function tokenOf(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return toBase64(utf8Bytes(text)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const targets: readonly OperationTarget[] = [
  { kind: "workflow", namespace: "ns", workflowId: "wörk/flow?" },
  { kind: "activity", namespace: "", activityId: "a", runId: "r" },
  { kind: "activity", namespace: "ns", activityId: "a", runId: undefined },
  { kind: "update", namespace: "ns", workflowId: "w", updateId: "u", runId: "r" },
];

test.each(targets)("a token of an operation backed by $kind names it again", (target) => {
  const token = toOperationToken(target);
  expect(token).toMatch(/^[\w-]+$/);
  expect(fromOperationToken(token)).toEqual(target);
});

test("tokens of workflows are written as other SDKs write them", () => {
  expect(toOperationToken({ kind: "workflow", namespace: "default", workflowId: "w" })).toBe(
    tokenOf('{"t":1,"ns":"default","wid":"w"}'),
  );
});

test.each([
  ["", "it is empty"],
  ["a b", "it is no URL-safe base64"],
  ["a+b/", "it is no URL-safe base64"],
  [tokenOf("{"), "it holds no JSON"],
  [tokenOf([1]), "it holds no JSON object"],
  [tokenOf({ t: 7, ns: "n" }), 'field "t" is 7'],
  [tokenOf({ t: 1, wid: "w" }), 'field "ns" is missing'],
  [tokenOf({ t: 1, ns: "n", wid: "" }), 'field "wid" is empty'],
  [tokenOf({ t: 1, ns: "n", wid: 3 }), 'field "wid" is a number'],
  [tokenOf({ t: 2, ns: "n" }), 'field "aid" is missing'],
  [tokenOf({ t: 3, ns: "n", wid: "w" }), 'field "uid" is missing'],
  [tokenOf({ t: 1, ns: "n", wid: "w", v: 1 }), 'field "v" is 1'],
])("token %j cannot be read", (token, found) => {
  expect(() => fromOperationToken(token)).toThrow(OperationTokenError);
  expect(() => fromOperationToken(token)).toThrow(found);
});

test("a version that is null or 0 is today's", () => {
  expect(fromOperationToken(tokenOf({ t: 1, ns: "n", wid: "w", v: null }))).toMatchObject({ workflowId: "w" });
  expect(fromOperationToken(tokenOf({ t: 1, ns: "n", wid: "w", v: 0 }))).toMatchObject({ workflowId: "w" });
});
