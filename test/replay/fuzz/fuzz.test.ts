import { beforeAll, expect, test } from "vitest";
import { FuzzField } from "./fuzz-run.ts";

const seed = Number(process.env["FC_SEED"] ?? 1);
let field: FuzzField;

beforeAll(async () => {
  field = await FuzzField.open();
});

test("a workflow of every sort of step does the same whenever it is evicted and replayed", () => {
  const { difference, ...counts } = field.run({ seed, steps: 25_000 });
  console.log(`from seed ${seed}: ${JSON.stringify(counts)}`);
  expect(difference).toBeUndefined();
}, 120_000);

test.each(["command", "value", "order"] as const)(
  "a replay that differs in a %s is found, with its seed",
  (planted) => {
    const { difference } = field.run({ seed, steps: 25_000, planted });
    expect(difference).toMatchObject({ seed: expect.any(Number) as number });
    expect(field.run({ seed: difference?.seed ?? 0, steps: 1, planted })).toMatchObject({ programs: 1, difference });
  },
  120_000,
);
