/** Prints the milliseconds that each of many tests of a sleeping workflow takes: an environment, a worker, a year. */
import { WorkflowEnvironment } from "perdure/testing";
import { Runtime } from "perdure/runtime";
import { Worker } from "perdure/worker";
import { Year } from "./wide-workflows.js";

const TESTS = 500;
const AT_ONCE = 25;
const quiet = (): void => undefined;
const runtime = new Runtime({ logger: { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet } });

async function runTest(): Promise<number> {
  const started = performance.now();
  await using environment = await WorkflowEnvironment.startTimeSkipping();
  const startMs = performance.now() - started;
  await using worker = await Worker.create(environment.client, {
    taskQueue: "tests",
    workflows: [Year],
    runtime,
    // On the main thread: one more thread for each of 500 workers would cost more than what they do.
    debugMode: true,
  });
  await environment.client.executeWorkflow(Year, { id: "year", taskQueue: worker.taskQueue });
  return startMs;
}

await runTest();
const started = performance.now();
let next = 0;
const environments: number[] = [];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (next++ < TESTS) environments.push(await runTest());
  }),
);
const perTestMs = (performance.now() - started) / TESTS;
const sorted = environments.toSorted((a, b) => a - b);
const median = sorted[sorted.length >> 1] ?? 0;
console.error(`an environment is there in ${median.toFixed(1)} ms (median; ${sorted.at(-1)?.toFixed(1)} ms at most)`);
console.error(`all tests took ${((perTestMs * TESTS) / 1000).toFixed(1)} s, ${AT_ONCE} at once`);
console.error(`memory: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB at most`);
console.log(perTestMs);
