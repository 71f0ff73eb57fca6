/** A process of `main.ts`: runs its share of the programs and reports. */
import { FuzzField, type FuzzOptions } from "./fuzz-run.ts";

const [options = "{}"] = process.argv.slice(2);
const field = await FuzzField.open();
const report = field.run(JSON.parse(options) as FuzzOptions);
const { user, system } = process.cpuUsage();
process.send?.({ ...report, cpuSeconds: (user + system) / 1e6 });
process.disconnect();
