import { expect, test } from "vitest";
import { runKills } from "./kill-run.ts";

const KILLS = Number(process.env["CRASH_KILLS"] ?? 3);
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 100_000);

test("a server that is killed again and again under load loses and doubles nothing acknowledged", async () => {
  const { faults, kills, workflows } = await runKills({ seed: SEED, kills: KILLS, clients: 4 });
  expect(faults, `reproduce with CRASH_SEED=${SEED} CRASH_KILLS=${KILLS}`).toEqual([]);
  expect(kills).toBe(KILLS);
  expect(workflows).toBeGreaterThan(0);
}, 180_000);
