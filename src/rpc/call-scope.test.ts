import { expect, test } from "vitest";
import { CallScope } from "./call-scope.ts";

test("those who listen hear of the end once, and it keeps its first reason", () => {
  const scope = new CallScope();
  let heard = 0;
  const listener = (): void => void (heard += 1);
  scope.addEventListener("abort", listener);
  scope.addEventListener("abort", listener);
  expect(scope.aborted).toBe(false);
  scope.abort("first");
  scope.abort("second");
  expect([heard, scope.aborted, scope.reason]).toEqual([1, true, "first"]);
});

test("who has left hears nothing", () => {
  const scope = new CallScope();
  let heard = 0;
  const listener = (): void => void (heard += 1);
  scope.addEventListener("abort", listener);
  scope.removeEventListener("abort", listener);
  scope.abort(undefined);
  expect(heard).toBe(0);
});
