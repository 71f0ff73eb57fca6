import { setTimeout as delay } from "node:timers/promises";
import { Client, Connection } from "perdure/client";
import type { Logger } from "perdure/common";
import { Runtime } from "perdure/runtime";
import { WorkflowEnvironment } from "perdure/testing";
import { Worker } from "perdure/worker";
import * as activities from "./activities.ts";
import { Desk } from "./desk.ts";
import { HttpFirstTransport } from "./http-first.ts";
import { KEYWORD } from "./search-attribute.ts";
import type { Scenario, ScenarioWorld } from "./scenario.ts";
import { workflows } from "./themes.ts";

/** How a world is made. */
export interface WorldOptions {
  /** @default "default" */
  readonly namespace?: string;
  /** 0 makes every workflow task replay its history from the beginning. @default the worker's */
  readonly maxCachedWorkflows?: number;
  /** URL of the server's HTTP API, over which all calls are made then that it has a path for. @default all over gRPC */
  readonly httpUrl?: string;
}

/** Scenarios make activities and tasks fail on purpose, which workers warn of. */
const quiet: Logger = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (...line) => console.error(...line),
};

/** A world on the server at `address`, with a worker that runs until `use` has ended. */
export async function withWorld(
  address: string,
  options: WorldOptions,
  use: (world: ScenarioWorld) => Promise<void>,
): Promise<void> {
  const { namespace = "default", maxCachedWorkflows, httpUrl } = options;
  await using connected = await connect(address, namespace, httpUrl);
  const { client } = connected;
  await addSearchAttribute(client, namespace);
  const unique = `${process.pid.toString(36)}-${Date.now().toString(36)}`;
  const taskQueue = `conformance-${unique}`;
  const common = {
    runtime: new Runtime({ logger: quiet }),
    // Cancellation comes with the answer to a heartbeat, and a busy machine must not make one late.
    maxHeartbeatThrottleInterval: "500ms",
    ...(maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows }),
  };
  const worker = await Worker.create(client, {
    ...common,
    taskQueue,
    workflows,
    activities: [activities, new Desk("the desk")],
  });
  let sequence = 0;
  const world: ScenarioWorld = {
    client,
    taskQueue,
    newId: (name) => `${name}-${unique}-${sequence++}`,
    eventually,
    withWorker: async (own, work, ownClient = client) =>
      (await Worker.create(ownClient, { ...common, ...own })).runUntil(work),
  };
  await worker.runUntil(() => use(world));
}

/** What the Temporal Service does not do unless it is told to. */
const switchedOn = {
  "activity.enableCallbacks": true,
  "frontend.workerVersioningDataAPIs": true,
  "frontend.WorkflowTimeSkippingEnabled": true,
  "history.enableUpdateCallbacks": true,
  "history.enableSignalWithStartFromWorkflow": true,
  "nexusoperation.enableStandalone": true,
};

interface Connected extends AsyncDisposable {
  readonly client: Client;
}

async function connect(address: string, namespace: string, httpUrl: string | undefined): Promise<Connected> {
  if (address === "memory:") return WorkflowEnvironment.startLocal({ namespace, dynamicConfig: switchedOn });
  const client =
    httpUrl === undefined
      ? await Client.connect(address, { namespace })
      : new Client(new Connection(new HttpFirstTransport(httpUrl, address)), { namespace });
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

/** Of `temporal.api.enums.v1.IndexedValueType`. */
const INDEXED_KEYWORD = 2;

async function addSearchAttribute(client: Client, namespace: string): Promise<void> {
  const { customAttributes } = await client.operatorService.listSearchAttributes({ namespace });
  if (customAttributes[KEYWORD] !== undefined) return;
  await client.operatorService.addSearchAttributes({ namespace, searchAttributes: { [KEYWORD]: INDEXED_KEYWORD } });
}

/** What became of one scenario. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly error?: unknown;
}

/** Runs scenarios side by side on one world, some at a time, and reports each as it ends. */
export async function runScenarios(
  world: ScenarioWorld,
  scenarios: readonly Scenario[],
  report: (outcome: Outcome) => void = () => {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = scenarios.values();
  const lane = async (): Promise<void> => {
    for (const scenario of waiting) {
      const outcome = await limited(scenario.run(world)).then(
        () => ({ scenario }),
        (error: unknown) => ({ scenario, error }),
      );
      report(outcome);
      outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
  return outcomes;
}

/** Many of them wait for seconds; with all at once, a slow machine keeps some from their turn for longer than they allow for. */
const SIDE_BY_SIDE = 32;
const SCENARIO_LIMIT_MS = 180_000;
const EVENTUALLY_MS = 60_000;
const PAUSE_MS = 20;

async function limited(work: Promise<void>): Promise<void> {
  const stop = new AbortController();
  const limit = delay(SCENARIO_LIMIT_MS, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`The scenario did not end within ${SCENARIO_LIMIT_MS} ms`);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    limit.catch(() => {});
    stop.abort();
  }
}

async function eventually(check: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + EVENTUALLY_MS;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`Waited ${EVENTUALLY_MS} ms for a condition that never held`);
    await delay(PAUSE_MS);
  }
}
