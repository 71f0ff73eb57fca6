import { assert, asyncProperty, check, constant, integer, record, tuple } from "fast-check";
import { expect, test } from "vitest";
import {
  activityOutcomes,
  messages,
  playOutcomes,
  sendMessages,
  type ActivityOutcome,
  type Message,
} from "../fast-check.ts";
import { Totals } from "./environment.workflows.ts";
import { simulate } from "./simulation/simulate.ts";

const RUNS = 3;

const plans = record({
  sent: messages({
    signals: { add: tuple(integer({ min: 1, max: 9 })) },
    updates: { addSlowly: tuple(integer({ min: 1, max: 9 })) },
    countMax: 3,
  }),
  outcomes: activityOutcomes(constant(1), { countMax: 2 }),
});

interface Plan {
  readonly sent: readonly Message[];
  readonly outcomes: readonly ActivityOutcome<number>[];
}

/** Simulates what a plan says, with faults, and checks that the workflow adds up all that it is sent. */
async function runPlan({ sent, outcomes }: Plan, totalMax: number): Promise<void> {
  await simulate({
    workflows: [Totals],
    activities: () => ({ confirm: playOutcomes(outcomes, 1) }),
    scenario: async ({ client, taskQueue, sleep }) => {
      const handle = await client.startWorkflow(Totals, { id: "totals", taskQueue });
      const answers = await sendMessages(handle, sent, sleep);
      expect(answers.map(({ status }) => status)).toEqual(sent.map(() => "fulfilled"));
      await handle.signal("close");
      return handle.result();
    },
    invariants: {
      "the total is that of the messages": ({ result }) =>
        expect(result).toBe(sent.reduce((sum, { args }) => sum + Number(args[0]), 0)),
      "the total has a limit": ({ result }) => expect(result).toBeLessThanOrEqual(totalMax),
    },
    seed: 1,
    runs: 1,
  });
}

test("arbitrary messages and outcomes are sent and played in simulated runs", { timeout: 120_000 }, async () => {
  await assert(
    asyncProperty(plans, (plan) => runPlan(plan, Infinity)),
    { numRuns: RUNS },
  );
});

test("what breaks an invariant is shrunk to few messages", { timeout: 120_000 }, async () => {
  const { failed, counterexample } = await check(
    asyncProperty(plans, (plan) => runPlan(plan, 3)),
    { numRuns: 10 },
  );
  expect(failed).toBe(true);
  const [plan] = counterexample ?? [];
  expect(plan?.sent.map(({ args: [value], afterMs }) => [value, afterMs])).toEqual([[4, 0]]);
  expect(plan?.outcomes).toEqual([]);
});
