import { beforeAll, describe, test } from "vitest";
import { type Outcome, runScenarios, withWorld } from "./run-scenarios.ts";
import { scenarios } from "./scenarios.ts";

describe("on the embedded server", () => {
  let outcomes: readonly Outcome[] = [];
  beforeAll(async () => {
    await withWorld("memory:", "default", async (world) => {
      outcomes = await runScenarios(world, scenarios);
    });
  });

  test.each(scenarios.map(({ name }) => name))("%s", (name) => {
    const outcome = outcomes.find(({ scenario }) => scenario.name === name);
    if (outcome === undefined) throw new Error("the scenario did not run");
    if (outcome.error !== undefined) throw outcome.error;
  });
});
