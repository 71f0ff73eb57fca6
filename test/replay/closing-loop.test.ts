import { expect, test } from "vitest";
import { activityMachine } from "../../src/core/execution/activity/machine.ts";
import { childMachine } from "../../src/core/execution/child/machine.ts";
import { externalCancelMachine, externalSignalMachine } from "../../src/core/execution/external/machine.ts";
import { runMachine } from "../../src/core/execution/run/machine.ts";
import { timerMachine } from "../../src/core/execution/timer/machine.ts";
import { updateMachine } from "../../src/core/execution/update/machine.ts";
import { workflowTaskMachine } from "../../src/core/execution/workflow-task/machine.ts";
import { type AnyMachine, replayMachines } from "../../src/core/replay/tables.ts";
import { RandomWorld } from "./random-world.ts";
import { watchTransitions } from "./transition-coverage.ts";

const STEPS_MAX = 120;
const firstSeed = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["SEEDS"] ?? 100);

const executionMachines = [
  activityMachine,
  childMachine,
  externalCancelMachine,
  externalSignalMachine,
  runMachine,
  timerMachine,
  updateMachine,
  workflowTaskMachine,
].map((machine) => machine as AnyMachine);

/** What a run's code was told live, as far as a worker still holds it, and the same of a replay. */
function live(seed: number): { readonly told: readonly string[]; readonly retold: readonly string[] } {
  const world = new RandomWorld(seed);
  try {
    for (let at = 0; at < STEPS_MAX && world.isOpen; at++) world.move();
    const retold = world.replay();
    return { told: world.log ?? retold, retold };
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

test("whatever happens, the server's history replays, and tells the code what it was told at the same times", () => {
  const worker = watchTransitions(replayMachines);
  const server = watchTransitions(executionMachines);
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const { told, retold } = live(seed);
    expect({ seed, told: retold.slice(0, told.length) }).toEqual({ seed, told });
  }
  console.log(
    `transitions used by ${count} runs: ${worker.total - worker.unused().length} of ${worker.total} in core/replay, ${server.total - server.unused().length} of ${server.total} in core/execution`,
  );
}, 60_000);
