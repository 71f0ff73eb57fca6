import type { Client } from "perdure/client";
import { inParallel, percentile } from "./measure.js";
import { Children, LocalActivities, Timers } from "./wide-workflows.js";
import { Activities, Hello, Interactive, Signals } from "./workflows.js";

/** Where a load runs. */
export interface Bench {
  readonly client: Client;
  readonly taskQueue: string;
  newId(name: string): string;
}

/** What a load found: the figure of its row, and how many workflows it stands for. */
export interface Finding {
  readonly value: number;
  readonly unit: string;
  readonly workflows: number;
  readonly detail: Readonly<Record<string, number>>;
}

export interface Load {
  readonly id: string;
  readonly title: string;
  /** What the row must reach, and what it aims at; `higher` says which way is better. */
  readonly least: number;
  readonly aim: number;
  readonly higher: boolean;
  /** Takes minutes, so it runs only when it is named. */
  readonly whenNamed?: true;
  run(bench: Bench): Promise<Finding>;
}

const seconds = (startedMs: number): number => (performance.now() - startedMs) / 1000;

async function many(bench: Bench, count: number, width: number): Promise<Finding> {
  const started = performance.now();
  const times = await inParallel(count, width, () =>
    bench.client.executeWorkflow(Hello, { args: ["x"], id: bench.newId("hello"), taskQueue: bench.taskQueue }),
  );
  return {
    value: count / seconds(started),
    unit: "workflows/s",
    workflows: count,
    detail: { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) },
  };
}

async function inSequence(bench: Bench, count: number): Promise<Finding> {
  const times = await inParallel(count, 1, () =>
    bench.client.executeWorkflow(Hello, { args: ["x"], id: bench.newId("hello"), taskQueue: bench.taskQueue }),
  );
  return {
    value: percentile(times, 0.5),
    unit: "ms p50",
    workflows: count,
    detail: { p99Ms: percentile(times, 0.99) },
  };
}

async function activities(bench: Bench, count: number): Promise<Finding> {
  const started = performance.now();
  await bench.client.executeWorkflow(Activities, {
    args: [count],
    id: bench.newId("activities"),
    taskQueue: bench.taskQueue,
  });
  return { value: count / seconds(started), unit: "activities/s", workflows: 1, detail: {} };
}

async function signals(bench: Bench, count: number, width: number): Promise<Finding> {
  const handle = await bench.client.startWorkflow(Signals, {
    args: [count],
    id: bench.newId("signals"),
    taskQueue: bench.taskQueue,
  });
  const started = performance.now();
  const times = await inParallel(count, width, () => handle.signal("add"));
  await handle.result();
  return {
    value: count / seconds(started),
    unit: "signals/s",
    workflows: 1,
    detail: { p50Ms: percentile(times, 0.5) },
  };
}

async function queries(bench: Bench, count: number): Promise<Finding> {
  const handle = await bench.client.startWorkflow(Interactive, {
    id: bench.newId("queries"),
    taskQueue: bench.taskQueue,
  });
  const times = await inParallel(count, 1, () => handle.query("count"));
  await handle.signal("finish");
  await handle.result();
  return { value: percentile(times, 0.5), unit: "ms p50", workflows: 1, detail: { p99Ms: percentile(times, 0.99) } };
}

async function timers(bench: Bench, count: number, timersEach: number): Promise<Finding> {
  const started = performance.now();
  const times = await inParallel(count, count, () =>
    bench.client.executeWorkflow(Timers, {
      args: [timersEach],
      id: bench.newId("timers"),
      taskQueue: bench.taskQueue,
    }),
  );
  return {
    value: (count * timersEach) / seconds(started),
    unit: "timers/s",
    workflows: count,
    detail: { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) },
  };
}

async function children(bench: Bench, count: number): Promise<Finding> {
  const started = performance.now();
  await bench.client.executeWorkflow(Children, {
    args: [count],
    id: bench.newId("children"),
    taskQueue: bench.taskQueue,
  });
  return { value: count / seconds(started), unit: "children/s", workflows: count + 1, detail: {} };
}

async function updates(bench: Bench, count: number): Promise<Finding> {
  const handle = await bench.client.startWorkflow(Interactive, {
    id: bench.newId("updates"),
    taskQueue: bench.taskQueue,
  });
  const times = await inParallel(count, 1, () => handle.executeUpdate("addAndTell"));
  await handle.signal("finish");
  await handle.result();
  return { value: percentile(times, 0.5), unit: "ms p50", workflows: 1, detail: { p99Ms: percentile(times, 0.99) } };
}

async function localActivities(bench: Bench, count: number): Promise<Finding> {
  const started = performance.now();
  await bench.client.executeWorkflow(LocalActivities, {
    args: [count],
    id: bench.newId("local-activities"),
    taskQueue: bench.taskQueue,
  });
  return { value: count / seconds(started), unit: "activities/s", workflows: 1, detail: {} };
}

/** W1 alone, then beside workflows that are open and that no worker asks for. */
async function besideOpen(bench: Bench, open: number): Promise<Finding> {
  const alone = await many(bench, 2000, 200);
  const started = performance.now();
  await inParallel(open, 200, () =>
    bench.client.startWorkflow(Hello, { args: ["x"], id: bench.newId("open"), taskQueue: "nobody" }),
  );
  const startsPerSecond = open / seconds(started);
  const beside = await many(bench, 2000, 200);
  return {
    value: beside.value / alone.value,
    unit: "of W1 alone",
    workflows: 4000 + open,
    detail: { alone: alone.value, beside: beside.value, startsPerSecond },
  };
}

/** The loads that need nothing but a client and a worker. */
export const loads: readonly Load[] = [
  {
    id: "W1",
    title: "one-activity workflows, 200 at once",
    least: 800,
    aim: 2000,
    higher: true,
    run: (bench) => many(bench, Number(process.env["W1_COUNT"] ?? 2000), 200),
  },
  {
    id: "W1O",
    title: "W1 beside 100,000 open workflows",
    least: 0.8,
    aim: 1,
    higher: true,
    whenNamed: true,
    run: (bench) => besideOpen(bench, Number(process.env["OPEN_COUNT"] ?? 100_000)),
  },
  {
    id: "L1",
    title: "one-activity workflows in sequence",
    least: 3,
    aim: 1.5,
    higher: false,
    run: (bench) => inSequence(bench, 200),
  },
  {
    id: "A1",
    title: "500 activities in sequence",
    least: 1000,
    aim: 2000,
    higher: true,
    run: (bench) => activities(bench, 500),
  },
  {
    id: "A1L",
    title: "3,500 activities in sequence (a history of 21,000 events)",
    least: 1000,
    aim: 2000,
    higher: true,
    run: (bench) => activities(bench, 3500),
  },
  {
    id: "S1",
    title: "1,000 signals to one workflow",
    least: 5000,
    aim: 10_000,
    higher: true,
    run: (bench) => signals(bench, 1000, 100),
  },
  {
    id: "Q1",
    title: "1,000 queries in sequence",
    least: 0.5,
    aim: 0.2,
    higher: false,
    run: (bench) => queries(bench, 1000),
  },
  {
    id: "T1",
    title: "500 workflows at once with 5 timers of 1 ms each",
    least: 1000,
    aim: 3000,
    higher: true,
    run: (bench) => timers(bench, 500, 5),
  },
  {
    id: "C1",
    title: "200 children of one workflow at once",
    least: 300,
    aim: 1000,
    higher: true,
    run: (bench) => children(bench, 200),
  },
  {
    id: "U1",
    title: "500 updates in sequence",
    least: 3,
    aim: 1.5,
    higher: false,
    run: (bench) => updates(bench, 500),
  },
  {
    id: "LA1",
    title: "500 local activities in sequence",
    least: 2000,
    aim: 5000,
    higher: true,
    run: (bench) => localActivities(bench, 500),
  },
];
