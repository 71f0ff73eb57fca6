import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { compute } from "./heavy-activities.js";
import type { Bench, Finding, Load } from "./loads.js";
import { percentile } from "./measure.js";
import { Child, FanOut } from "./wide-workflows.js";

/** Makes a computation take some 50 ms. */
const ROUNDS = 40_000_000;
const NANOS_PER_MS = 1_000_000;
const IDLE_MS = 50;

async function atOnce(bench: Bench, count: number): Promise<Finding> {
  const started = performance.now();
  const workflows = 20;
  await Promise.all(
    Array.from({ length: workflows }, () =>
      bench.client.executeWorkflow(FanOut, {
        args: ["brief", count / workflows, 0],
        id: bench.newId("brief"),
        taskQueue: bench.taskQueue,
      }),
    ),
  );
  const seconds = (performance.now() - started) / 1000;
  return { value: count / seconds, unit: "activities/s", workflows, detail: {} };
}

async function inThreads(bench: Bench, count: number): Promise<Finding> {
  const run = (times: number): Promise<void> =>
    bench.client.executeWorkflow(FanOut, {
      args: ["compute", times, ROUNDS],
      id: bench.newId("compute"),
      taskQueue: bench.taskQueue,
    });
  await run(2);
  const serialStarted = performance.now();
  for (let index = 0; index < count; index++) compute(ROUNDS);
  const serialMs = performance.now() - serialStarted;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  await run(count);
  const elapsedMs = performance.now() - started;
  delay.disable();
  return {
    value: serialMs / elapsedMs,
    unit: "times as fast",
    workflows: 1,
    detail: { loopDelayP99Ms: delay.percentile(99) / NANOS_PER_MS, serialMs, elapsedMs },
  };
}

/** A worker that had nothing to do gets a workflow: from the call that starts it to its result, and what of that its task waited. */
async function whenIdle(bench: Bench, count: number): Promise<Finding> {
  const times: number[] = [];
  const waits: number[] = [];
  for (let index = 0; index < count; index++) {
    await pause(IDLE_MS);
    const started = performance.now();
    const handle = await bench.client.startWorkflow(Child, {
      args: ["x"],
      id: bench.newId("idle"),
      taskQueue: bench.taskQueue,
    });
    await handle.result();
    times.push(performance.now() - started);
    const { events } = await handle.fetchHistory();
    waits.push(atMs(events[2]) - atMs(events[1]));
  }
  return {
    value: percentile(times, 0.5),
    unit: "ms p50",
    workflows: count,
    detail: { p99Ms: percentile(times, 0.99), taskWaitMs: waits.reduce((sum, one) => sum + one, 0) / count },
  };
}

function atMs(
  event: { readonly eventTime?: { readonly seconds: number; readonly nanos: number } | undefined } | undefined,
) {
  const { seconds = 0, nanos = 0 } = event?.eventTime ?? {};
  return seconds * 1_000 + nanos / NANOS_PER_MS;
}

/** The loads of activities beside W1, L1 and A1. */
export const activityLoads: readonly Load[] = [
  {
    id: "A2",
    title: "2,000 activities of 1 ms at once",
    least: 1000,
    aim: 2000,
    higher: true,
    run: (bench) => atOnce(bench, 2000),
  },
  {
    id: "AT1",
    title: "40 activities that compute, in two threads, against the same one after the other",
    least: 1.5,
    aim: 1.8,
    higher: true,
    run: (bench) => inThreads(bench, 40),
  },
  {
    id: "P1",
    title: "a workflow without activities on a worker that was idle for 50 ms",
    least: 5,
    aim: 3,
    higher: false,
    run: (bench) => whenIdle(bench, 50),
  },
];
