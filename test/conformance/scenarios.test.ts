import { beforeAll, describe, expect, test } from "vitest";
import { type Outcome, runScenarios, withWorld } from "./run-scenarios.ts";
import { scenarios } from "./themes.ts";

const SUITE_MS = 900_000;

test("no two scenarios have one name", () => {
  const names = scenarios.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

describe.each([
  { title: "on the embedded server", options: {}, chosen: scenarios },
  {
    title: "on the embedded server, with every task replayed from the beginning",
    options: { maxCachedWorkflows: 0 },
    chosen: scenarios.filter(({ needsCache }) => needsCache !== true),
  },
])("$title", ({ options, chosen }) => {
  let outcomes: readonly Outcome[] = [];
  beforeAll(async () => {
    await withWorld("memory:", options, async (world) => {
      outcomes = await runScenarios(world, chosen);
    });
  }, SUITE_MS);

  test.each(chosen.map(({ name }) => name))("%s", (name) => {
    const outcome = outcomes.find(({ scenario }) => scenario.name === name);
    expect(outcome, "the scenario did not run").toBeDefined();
    if (outcome?.error !== undefined) throw outcome.error;
  });
});
