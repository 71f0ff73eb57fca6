import { setTimeout as delay } from "node:timers/promises";
import { Client } from "perdure/client";
import { Worker } from "perdure/worker";
import * as activities from "./activities.ts";
import type { Scenario, ScenarioWorld } from "./scenario.ts";
import * as workflows from "./scenarios.workflows.ts";

/** A world on the server at `address`, with a worker that runs until `use` has ended. */
export async function withWorld(address: string, namespace: string, use: (world: ScenarioWorld) => Promise<void>): Promise<void> {
  await using client = await Client.connect(address, { namespace });
  const unique = `${process.pid.toString(36)}-${Date.now().toString(36)}`;
  const taskQueue = `conformance-${unique}`;
  const worker = await Worker.create(client, { taskQueue, workflows: Object.values(workflows), activities });
  let sequence = 0;
  await worker.runUntil(() => use({ client, taskQueue, newId: (name) => `${name}-${unique}-${sequence++}`, eventually }));
}

/** What became of one scenario. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly error?: unknown;
}

/** Runs scenarios side by side on one world. */
export async function runScenarios(world: ScenarioWorld, scenarios: readonly Scenario[]): Promise<Outcome[]> {
  return Promise.all(
    scenarios.map(async (scenario): Promise<Outcome> => {
      try {
        await scenario.run(world);
        return { scenario };
      } catch (error) {
        return { scenario, error };
      }
    }),
  );
}

const EVENTUALLY_MS = 20_000;
const PAUSE_MS = 20;

async function eventually(check: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + EVENTUALLY_MS;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`Waited ${EVENTUALLY_MS} ms for a condition that never held`);
    await delay(PAUSE_MS);
  }
}
