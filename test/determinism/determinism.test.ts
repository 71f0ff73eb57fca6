import { expect, test } from "vitest";
import { digestRuns } from "./digest.ts";

test("the same seed leaves the same bytes in all histories, faults included", async () => {
  const digests = async (seed: number): Promise<readonly string[]> =>
    (await digestRuns(seed)).map(({ digest }) => digest);
  const first = await digests(1);
  expect(new Set(first).size).toBe(first.length);
  expect(await digests(1)).toEqual(first);
}, 120_000);
