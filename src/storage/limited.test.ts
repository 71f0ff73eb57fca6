import { expect, test } from "vitest";
import { mapLimited } from "./limited.ts";

test("results are in order, and no more run at a time than the limit", async () => {
  let running = 0;
  let most = 0;
  const results = await mapLimited([1, 2, 3, 4, 5], 2, async (item) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running -= 1;
    return item * 10;
  });
  expect([results, most]).toEqual([[10, 20, 30, 40, 50], 2]);
});

test("after a failure nothing more is begun, and what is under way ends before the error is heard of", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const all = mapLimited([1, 2, 3, 4, 5, 6], 2, async (item) => {
    begun.push(item);
    if (item === 1) throw new Error("no");
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    ended.push(item);
  });
  await expect(all).rejects.toThrow("no");
  expect([begun, ended]).toEqual([[1, 2], [2]]);
});
