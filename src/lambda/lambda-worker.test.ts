import { expect, test } from "vitest";
import { greet } from "../worker/e2e/activities.test-support.ts";
import { Hello } from "../worker/e2e/hello.workflows.ts";
import { createWorld } from "../worker/e2e/world.test-support.ts";
import type { LambdaContext, LambdaWorkerOptions } from "./lambda-options.ts";
import { createHandler, type LambdaSurroundings } from "./lambda-worker.ts";

const version = { deploymentName: "shop", buildId: "7" };
const { deploymentName, buildId } = version;
const namespace = "default";

async function createCloud() {
  const world = await createWorld();
  const { clock } = world;
  const connected: Record<string, unknown>[] = [];
  const surroundings: LambdaSurroundings = {
    connect: (config) => {
      connected.push({ ...config });
      return Promise.resolve(world.openClient());
    },
    clock,
    environment: { TEMPORAL_TASK_QUEUE: "shop", TEMPORAL_ADDRESS: "cloud:7233", LAMBDA_TASK_ROOT: "/nowhere" },
  };
  const invocationOf = (ms: number): LambdaContext => {
    const endMs = clock.now() + ms;
    return { awsRequestId: "r1", invokedFunctionArn: "arn:f", getRemainingTimeInMillis: () => endMs - clock.now() };
  };
  return { ...world, connected, surroundings, invocationOf };
}

test("an invocation works on its task queue until shortly before it is cut off", async () => {
  const { clock, connected, surroundings, invocationOf, until, runtime, client } = await createCloud();
  const flushedMs: number[] = [];
  const options: LambdaWorkerOptions = {
    worker: { workflows: [Hello], activities: { greet }, runtime },
    defaultVersioningBehavior: "autoUpgrade",
    shutdownHooks: [
      () => {
        throw new Error("no collector");
      },
      () => void flushedMs.push(clock.now()),
    ],
  };
  const handler = createHandler(version, () => options, surroundings);
  const startedMs = clock.now();
  const invocation = handler({}, invocationOf(60_000));
  const { workflowService } = client.connection;
  // No time passes while the worker gets ready; then its polls make the version known.
  const isKnown = async (): Promise<boolean> => {
    const { workerDeployments } = await workflowService.listWorkerDeployments({ namespace });
    return workerDeployments.length > 0;
  };
  while (!(await isKnown())) await new Promise((resolve) => setImmediate(resolve));
  await until(workflowService.setWorkerDeploymentCurrentVersion({ namespace, deploymentName, buildId }));
  const started = { id: "w", taskQueue: "shop", args: ["you"] as [string] };
  expect(await until(client.executeWorkflow(Hello, started))).toBe("Hello, you!");
  await until(invocation);
  expect(flushedMs).toEqual([startedMs + 53_000]);
  expect(connected).toEqual([{ address: "cloud:7233", identity: "r1@arn:f" }]);
  const { events } = await client.getWorkflowHandle("w").fetchHistory();
  const completed = events.find(({ attributes }) => attributes?.case === "workflowTaskCompletedEventAttributes");
  expect(completed?.attributes?.value).toMatchObject({ deploymentVersion: { deploymentName, buildId } });
});

test("an invocation without a task queue or without time to work is refused, and its hooks are called", async () => {
  const { surroundings, invocationOf, runtime } = await createCloud();
  let hooks = 0;
  const options = (more: object): LambdaWorkerOptions => ({
    worker: { workflows: [Hello], runtime, ...more },
    shutdownHooks: [() => void hooks++],
  });
  await expect(
    createHandler(version, options({}), { ...surroundings, environment: {} })({}, invocationOf(60_000)),
  ).rejects.toMatchObject({ code: "TEMPORAL_LAMBDA_WORKER", message: expect.stringContaining("TEMPORAL_TASK_QUEUE") });
  await expect(createHandler(version, options({}), surroundings)({}, invocationOf(8_000))).rejects.toMatchObject({
    code: "TEMPORAL_LAMBDA_WORKER",
    message: expect.stringContaining("8000 ms remain, of which 7000 ms are kept for shutting down"),
  });
  expect(hooks).toBe(2);
  expect(() => createHandler({ ...version, buildId: "" }, options({}), surroundings)).toThrow(
    "both deployment name and build id are needed",
  );
});
