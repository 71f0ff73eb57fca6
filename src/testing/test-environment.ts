import type { Client } from "../client/index.ts";
import { Worker, type WorkerOptions } from "../worker/index.ts";
import type { LocalEnvironmentOptions } from "./environment-server.ts";
import { WorkflowEnvironment } from "./workflow-environment.ts";

/** What a test is given. */
export interface TestSetup extends LocalEnvironmentOptions {
  /** Whether the environment skips time. @default true */
  readonly timeSkipping?: boolean;
  /** The worker of the test. @default none */
  readonly worker?: Omit<WorkerOptions, "taskQueue"> & Partial<Pick<WorkerOptions, "taskQueue">>;
}

/** What a test works with. */
export interface TestWorld {
  readonly environment: WorkflowEnvironment;
  readonly client: Client;
  /** Of the worker, if there is one. */
  readonly taskQueue: string;
}

const TASK_QUEUE = "test";

/**
 * Gives a test an environment and a worker of its own, and takes them away after it: `test("…", withEnvironment(setup, async
 * ({ client, taskQueue }) => { … }))`, with `node:test` or any other runner whose tests are functions.
 *
 * @param setup A function is called for each test, so that tests do not share mocks.
 */
export function withEnvironment<Args extends readonly unknown[]>(
  setup: TestSetup | (() => TestSetup),
  run: (world: TestWorld, ...args: Args) => unknown,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    const { timeSkipping = true, worker, ...options } = typeof setup === "function" ? setup() : setup;
    const starting = timeSkipping
      ? WorkflowEnvironment.startTimeSkipping(options)
      : WorkflowEnvironment.startLocal(options);
    await using environment = await starting;
    const { client } = environment;
    const taskQueue = worker?.taskQueue ?? TASK_QUEUE;
    await using _worker = worker === undefined ? undefined : await Worker.create(client, { ...worker, taskQueue });
    await run({ environment, client, taskQueue }, ...args);
  };
}

/** A fixture as `test.extend` of Vitest and Playwright takes it. */
export type EnvironmentFixture = (context: object, use: (world: TestWorld) => Promise<void>) => Promise<void>;

/**
 * As {@link withEnvironment}, as a fixture: `const test = baseTest.extend({ world: environmentFixture(setup) })`.
 *
 * @param setup A function is called for each test that uses the fixture.
 */
export function environmentFixture(setup: TestSetup | (() => TestSetup) = {}): EnvironmentFixture {
  // Runners read from the parameter's pattern which other fixtures this one needs: none.
  // oxlint-disable-next-line no-empty-pattern
  return async ({}, use) => withEnvironment(setup, use)();
}
