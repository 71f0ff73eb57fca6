/**
 * Runs the loads and prints a table.
 *
 *   npm run bench -- [--address=sqlite:|memory:|HOST:PORT] [--serve] [--only=W1,L1] [--rounds=N] [--json]
 *
 * `sqlite:` (the default) is a new durable database with the server in this process; `--serve` starts
 * `perdure server start-dev` as a process of its own and talks to it over gRPC; an address points the same load at any
 * Temporal Service. With `--rounds` the loads are run so many times, one after the other, and the table shows the last
 * round: what a program makes that has run for some seconds, so that its code is compiled.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Client } from "perdure/client";
import { inThreads, Worker } from "perdure/worker";
import { noop } from "./activities.js";
import { type Bench, type Finding, type Load, loads } from "./loads.js";
import { readCpu } from "./measure.js";
import { activityLoads } from "./activity-loads.js";
import { brief, compute } from "./heavy-activities.js";
import { processLoads } from "./process-loads.js";
import { Child, Children, FanOut, LocalActivities, Timers } from "./wide-workflows.js";
import { serve, type Served } from "./served.js";
import { Activities, Hello, Interactive, Signals } from "./workflows.js";

const WARM_UP_RUNS = 300;

interface Row extends Finding {
  readonly load: Load;
  readonly cpuMs: number;
  readonly serverCpuMs: number;
}

const { values: options } = parseArgs({
  options: {
    address: { type: "string", default: "sqlite:" },
    namespace: { type: "string", default: "default" },
    serve: { type: "boolean", default: false },
    only: { type: "string" },
    rounds: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});

const folder = mkdtempSync(join(tmpdir(), "perdure-bench-"));
let server: Served | undefined;
try {
  server = options.serve ? await serve(join(folder, "served.db")) : undefined;
  const address =
    server?.address ?? (options.address === "sqlite:" ? `sqlite:${join(folder, "bench.db")}` : options.address);
  const rows = await runLoads(address, server?.process.pid);
  console.log(
    options.json ? JSON.stringify(rows.map(({ load, ...row }) => ({ id: load.id, ...row }))) : toTable(rows, address),
  );
} finally {
  server?.process.kill("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}

async function runLoads(address: string, serverPid: number | undefined): Promise<Row[]> {
  const wanted = options.only?.split(",");
  const isWanted = (load: Load): boolean => (wanted === undefined ? load.whenNamed !== true : wanted.includes(load.id));
  const rows: Row[] = [];
  await using client = await Client.connect(address, { namespace: options.namespace });
  const taskQueue = `bench-${process.pid}-${Date.now()}`;
  const worker = await Worker.create(client, {
    taskQueue,
    workflows: [Hello, Activities, FanOut, Signals, Interactive, Timers, Child, Children, LocalActivities],
    activities: [
      noop,
      brief,
      inThreads({ compute }, new URL("./heavy-activities.js", import.meta.url), { countMax: 2 }),
    ],
    maxConcurrentWorkflowTasks: 200,
    maxConcurrentActivities: 2000,
    // Five polls, the default, bring one task each: 200 workflows at once would wait for polls, not for work.
    workflowTaskPollerBehavior: { kind: "autoscaling" },
    // For the same reason, and because scaling up takes longer than A2.
    activityTaskPollerBehavior: { kind: "simpleMaximum", maximum: 50 },
  });
  let sequence = 0;
  const bench = { client, taskQueue, newId: (name: string) => `${name}-${taskQueue}-${sequence++}` };
  await worker.runUntil(async () => {
    for (let index = 0; index < WARM_UP_RUNS / 10; index++)
      await Promise.all(
        Array.from({ length: 10 }, () =>
          client.executeWorkflow(Hello, { args: ["warm"], id: bench.newId("warm"), taskQueue }),
        ),
      );
    for (let times = 0; times < Number(options.rounds); times++) {
      rows.length = 0;
      for (const load of [...loads, ...activityLoads].filter(isWanted))
        rows.push(await measureLoad(load, bench, serverPid));
    }
  });
  for (const load of processLoads.filter(isWanted))
    rows.push({ ...(await load.run({ ...bench })), load, cpuMs: 0, serverCpuMs: 0 });
  return rows;
}

async function measureLoad(load: Load, bench: Bench, serverPid: number | undefined): Promise<Row> {
  const before = readCpu(serverPid);
  const finding = await load.run(bench);
  const after = readCpu(serverPid);
  return {
    ...finding,
    load,
    cpuMs: (after.ownMs - before.ownMs) / finding.workflows,
    serverCpuMs: (after.serverMs - before.serverMs) / finding.workflows,
  };
}

function toTable(rows: readonly Row[], address: string): string {
  const cells = rows.map((row) => [
    row.load.id,
    row.load.title,
    `${round(row.value)} ${row.unit}`,
    String(row.load.least),
    String(row.load.aim),
    verdict(row),
    row.cpuMs === 0 ? "" : `${round(row.cpuMs)} + ${round(row.serverCpuMs)}`,
    Object.entries(row.detail)
      .map(([name, value]) => `${name} ${round(value)}`)
      .join(", "),
  ]);
  const head = ["row", "load", "here", "least", "aim", "", "CPU ms a workflow (own + server's process)", "detail"];
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [
    `${address}, Node ${process.version}`,
    line(head),
    line(widths.map((width) => "-".repeat(width))),
    ...cells.map(line),
  ].join("\n");
}

function verdict({ load, value }: Row): string {
  const reaches = (bound: number): boolean => (load.higher ? value >= bound : value <= bound);
  if (reaches(load.aim)) return "aim";
  return reaches(load.least) ? "ok" : "below";
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
