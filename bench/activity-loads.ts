import { monitorEventLoopDelay } from "node:perf_hooks";
import { compute } from "./heavy-activities.js";
import type { Bench, Finding, Load } from "./loads.js";
import { FanOut } from "./wide-workflows.js";

/** Makes a computation take some 50 ms. */
const ROUNDS = 40_000_000;
const NANOS_PER_MS = 1_000_000;

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
];
