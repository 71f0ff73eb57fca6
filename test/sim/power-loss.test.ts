import { expect, test } from "vitest";
import { CrashWorld } from "./crash-world.ts";

const WORLDS = Number(process.env["SIM_WORLDS"] ?? 200);
const FIRST_SEED = Number(process.env["SIM_SEED"] ?? 1);
const TIMEOUT_MS = 60_000 + WORLDS * 500;
const seeds = Array.from({ length: WORLDS }, (_one, index) => FIRST_SEED + index);

test(
  "whenever the power or a write fails, nothing acknowledged is lost or doubled and every workflow ends",
  async () => {
    let crashes = 0;
    for (const seed of seeds) {
      const world = new CrashWorld(seed, 5);
      await world.run(120);
      crashes += world.crashes;
      expect({ seed, faults: await world.findFaults() }, `reproduce with SIM_WORLDS=1 SIM_SEED=${seed}`).toEqual({
        seed,
        faults: [],
      });
    }
    expect(crashes).toBeGreaterThan(WORLDS);
  },
  TIMEOUT_MS,
);
