/**
 * Runs workflows at full speed on an embedded server and measures what the heaps hold in between, after garbage is
 * collected. Fails if one of them grows: over the second half, a line through the readings may not rise by more than a
 * share of the heap.
 *
 *   npm run soak -- [--workflows=200000] [--samples=20] [--address=sqlite:]
 *
 * Most workflows call one activity, as in W1; the others use timers, children, signals, updates and local activities.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Client } from "perdure/client";
import { Worker } from "perdure/worker";
import { noop } from "./activities.js";
import { inParallel } from "./measure.js";
import { readHeaps, sampleThreads, stopSampling } from "./thread-samples.js";
import { Child, Children, LocalActivities, Timers } from "./wide-workflows.js";
import { Hello, Interactive, Signals } from "./workflows.js";

/** What the line may rise by over the second half, as a share of the heap, and at least. */
const GROWTH_SHARE_MAX = 0.03;
const GROWTH_BYTES_MIN = 512 * 1024;
const MEGABYTE = 1024 * 1024;
const WIDTH = 200;
const TASK_QUEUE = "soak";

interface Sample {
  readonly workflows: number;
  readonly perSecond: number;
  readonly rssBytes: number;
  readonly fileBytes: number;
  readonly heaps: ReadonlyMap<string, number>;
}

const { values: options } = parseArgs({
  options: {
    workflows: { type: "string", default: "200000" },
    samples: { type: "string", default: "20" },
    address: { type: "string", default: "sqlite:" },
  },
});
const workflows = Number(options.workflows);
const sampleCount = Number(options.samples);
if (!(workflows >= sampleCount && sampleCount >= 6)) throw new Error("A soak needs six samples and as many workflows");

sampleThreads();
const folder = mkdtempSync(join(tmpdir(), "perdure-soak-"));
const file = join(folder, "soak.db");
const samples: Sample[] = [];
try {
  await using client = await Client.connect(options.address === "sqlite:" ? `sqlite:${file}` : options.address);
  const worker = await Worker.create(client, {
    taskQueue: TASK_QUEUE,
    workflows: [Hello, Timers, Child, Children, Signals, Interactive, LocalActivities],
    activities: [noop],
    maxConcurrentWorkflowTasks: WIDTH,
    maxConcurrentActivities: WIDTH,
    workflowTaskPollerBehavior: { kind: "autoscaling" },
  });
  await worker.runUntil(() => soak(client));
} finally {
  stopSampling();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = judge();

async function soak(client: Client): Promise<void> {
  const each = Math.ceil(workflows / sampleCount);
  print(["workflows", "per s", "RSS MB", "file MB", ...(await readHeaps()).keys()]);
  for (let sample = 0; sample < sampleCount; sample++) {
    const started = performance.now();
    await inParallel(each, WIDTH, (index) => runOne(client, sample * each + index));
    const perSecond = (each * 1000) / (performance.now() - started);
    const heaps = await readHeaps();
    const taken = {
      workflows: (sample + 1) * each,
      perSecond,
      rssBytes: process.memoryUsage().rss,
      fileBytes: statSync(file, { throwIfNoEntry: false })?.size ?? 0,
      heaps,
    };
    samples.push(taken);
    const bytes = [taken.rssBytes, taken.fileBytes, ...heaps.values()].map((value) => (value / MEGABYTE).toFixed(2));
    print([String(taken.workflows), perSecond.toFixed(0), ...bytes]);
  }
}

async function runOne(client: Client, index: number): Promise<void> {
  const start = { id: `soak-${index}`, taskQueue: TASK_QUEUE };
  switch (index % 20) {
    case 0:
      await client.executeWorkflow(Timers, { ...start, args: [2] });
      return;
    case 1:
      await client.executeWorkflow(Children, { ...start, args: [1] });
      return;
    case 2:
      await client.executeWorkflow(LocalActivities, { ...start, args: [2] });
      return;
    case 3: {
      const handle = await client.startWorkflow(Signals, { ...start, args: [1] });
      await handle.signal("add");
      await handle.result();
      return;
    }
    case 4: {
      const handle = await client.startWorkflow(Interactive, start);
      await handle.executeUpdate("addAndTell");
      await handle.signal("finish");
      await handle.result();
      return;
    }
    default:
      await client.executeWorkflow(Hello, { ...start, args: ["x"] });
  }
}

/** Prints by how much each heap grew over the second half, and answers the exit code. */
function judge(): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  const names = [...(half[0]?.heaps.keys() ?? [])];
  let code = 0;
  for (const name of names) {
    const points = half.map(({ workflows: x, heaps }) => ({ x, y: heaps.get(name) ?? Number.NaN }));
    const mean = average(points.map(({ y }) => y));
    const span = (points.at(-1)?.x ?? 0) - (points[0]?.x ?? 0);
    const growth = slope(points) * span;
    const isFlat = growth <= Math.max(GROWTH_BYTES_MIN, mean * GROWTH_SHARE_MAX);
    if (!isFlat) code = 1;
    console.log(
      `${isFlat ? "flat " : "GROWS"} ${name}: ${(growth / 1024).toFixed(0)} KB in the last ${span} workflows (${(growth / span).toFixed(1)} bytes each) of ${(mean / MEGABYTE).toFixed(1)} MB`,
    );
  }
  return code;
}

/** Of the line with the least squares. */
function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const meanX = average(points.map(({ x }) => x));
  const meanY = average(points.map(({ y }) => y));
  const products = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  return products / points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function print(cells: readonly string[]): void {
  console.log(`| ${cells.map((cell) => cell.padStart(9)).join(" | ")} |`);
}
