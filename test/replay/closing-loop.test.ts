import { expect, test } from "vitest";
import { toReplayTask } from "../../src/core/replay/task.ts";
import { RandomProgram } from "./random-program.ts";
import { newReplay, RandomWorld } from "./random-world.ts";

const STEPS_MAX = 120;
const firstSeed = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["SEEDS"] ?? 300);

/** Replays all of a history with fresh code and says what the code was told. */
function replayAll(seed: number, world: RandomWorld): readonly string[] {
  const run = newReplay();
  const program = new RandomProgram(seed);
  run.feed(toReplayTask(world.events));
  for (let activation = run.nextActivation(); activation !== undefined; activation = run.nextActivation()) run.complete(program.activate(activation));
  const outcome = run.takeOutcome();
  if (outcome?.kind === "failed") throw outcome.error ?? new Error(outcome.failure.message);
  return program.log;
}

test("whatever happens, the server's history replays, and tells the code what it was told", () => {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    try {
      const world = new RandomWorld(seed);
      for (let at = 0; at < STEPS_MAX && world.isOpen; at++) world.move();
      const replayed = replayAll(seed, world);
      const { log } = world;
      if (log !== undefined) expect(replayed.slice(0, log.length)).toEqual(log);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
});
