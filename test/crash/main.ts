/**
 * Kills a durable server under load and checks that nothing acknowledged is lost or doubled.
 *
 *   npm run crash -- [--kills 100] [--clients 12] [--seed N]
 */
import { parseArgs } from "node:util";
import { runKills } from "./kill-run.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    clients: { type: "string", default: "12" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
  },
});
console.log(`seed ${values.seed}`);
const report = await runKills({
  seed: Number(values.seed),
  kills: Number(values.kills),
  clients: Number(values.clients),
});
console.log(
  `${report.kills} kills (${report.killsUnderLoad} with calls on their way; ${report.writesBeforeKills} acknowledged writes before the last), ${report.workflows} workflows, ${report.signals} acknowledged signals, ${report.completions} acknowledged completions, ${report.events} events, ${report.faults.length} faults`,
);
for (const fault of report.faults) console.log(fault);
process.exit(report.faults.length === 0 ? 0 : 1);
