import { expect, test } from "vitest";
import { IdPairs } from "./id-pairs.ts";

test("a value is found by both ids only, whatever characters they hold", () => {
  const pairs = new IdPairs<number>();
  pairs.set("a/b", "c", 1);
  pairs.set("a", "b/c", 2);
  pairs.set("__proto__", "constructor", 3);
  expect([pairs.get("a/b", "c"), pairs.get("a", "b/c"), pairs.get("__proto__", "constructor")]).toEqual([1, 2, 3]);
  expect([pairs.get("a", "c"), pairs.get("ab/c", ""), pairs.get("", "")]).toEqual([undefined, undefined, undefined]);
});

test("what is deleted is gone, and its neighbours stay", () => {
  const pairs = new IdPairs<number>();
  pairs.set("a", "b", 1);
  pairs.set("a", "c", 2);
  pairs.delete("a", "b");
  pairs.delete("x", "y");
  expect([...pairs.values()]).toEqual([2]);
  pairs.delete("a", "c");
  expect([...pairs.values()]).toEqual([]);
});
