import { runStrangers } from "./strangers.ts";
for (const r of await runStrangers(process.argv[2])) console.log(r.error === undefined ? "pass" : "FAIL", r.name, r.error ?? "");
