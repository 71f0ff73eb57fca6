import { join } from "node:path";
import { Client } from "../client/index.ts";
import type { Clock } from "../core/time/clock.ts";
import { toDurationMs } from "../core/time/duration.ts";
import { ClientConfigProfile, type ClientConnectConfig } from "../envconfig/client-config-profile.ts";
import { hostClock } from "../rpc/host-clock.ts";
import { Runtime, Worker, type WorkerOptions } from "../worker/index.ts";
import { LambdaWorkerError } from "./lambda-error.ts";
import { LAMBDA_DEFAULTS, type LambdaContext, type LambdaWorkerOptions } from "./lambda-options.ts";

/** For hooks, on top of what the worker may take to stop. */
const HOOKS_MS = 2_000;
/** With less time than this for work an invocation is refused. */
const WORK_MS_MIN = 1_000;
/** With less time than this for work there is a warning. */
const WORK_MS_SHORT = 5_000;

/** A version of a worker deployment. */
export interface LambdaWorkerVersion {
  readonly deploymentName: string;
  readonly buildId: string;
}

/** What the function service calls for each invocation. */
export type LambdaHandler = (event: unknown, context?: LambdaContext) => Promise<void>;

/** The world around a handler. */
export interface LambdaSurroundings {
  readonly connect: (config: ClientConnectConfig) => Promise<Client>;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * A handler for AWS Lambda that works on a task queue for as long as an invocation lasts.
 *
 * Each invocation connects to the service, polls with limits that suit a function, and shuts down gracefully before it is
 * cut off. The worker is versioned. Address, namespace and credentials come from `$TEMPORAL_CONFIG_FILE`, else from
 * `temporal.toml` in `$LAMBDA_TASK_ROOT` or the working directory, and from the environment. Give the worker a bundle of
 * its workflows (`workflowRunner.bundle`), so that no invocation has to make one.
 *
 * @param configure The options, or what makes them for each invocation.
 * @throws {LambdaWorkerError} If the version lacks a name. The handler rejects with it if there is no task queue or too
 * little time.
 */
export function runWorker(
  version: LambdaWorkerVersion,
  configure: LambdaWorkerOptions | ((context?: LambdaContext) => LambdaWorkerOptions | Promise<LambdaWorkerOptions>),
): LambdaHandler {
  return createHandler(version, configure, {
    connect: (config) => Client.connect(config),
    clock: hostClock,
    environment: process.env,
  });
}

/** As {@link runWorker}, in surroundings of the caller's. */
export function createHandler(
  version: LambdaWorkerVersion,
  configure: Parameters<typeof runWorker>[1],
  surroundings: LambdaSurroundings,
): LambdaHandler {
  const { deploymentName, buildId } = version;
  if (deploymentName === "" || buildId === "")
    throw new LambdaWorkerError(
      `Cannot make a Lambda worker: its version is "${deploymentName}.${buildId}", both deployment name and build id are needed`,
    );
  return async (_event, context) => {
    const options = typeof configure === "function" ? await configure(context) : configure;
    try {
      await work(options, version, context, surroundings);
    } finally {
      await runHooks(options);
    }
  };
}

async function work(
  options: LambdaWorkerOptions,
  version: LambdaWorkerVersion,
  context: LambdaContext | undefined,
  { connect, clock, environment }: LambdaSurroundings,
): Promise<void> {
  const taskQueue = options.worker.taskQueue ?? environment["TEMPORAL_TASK_QUEUE"] ?? "";
  if (taskQueue === "")
    throw new LambdaWorkerError(
      "Cannot start a Lambda worker: it has no task queue, set worker.taskQueue or TEMPORAL_TASK_QUEUE",
    );
  const workerOptions: WorkerOptions = {
    ...LAMBDA_DEFAULTS,
    ...options.worker,
    taskQueue,
    // An activity that came with a workflow task would be lost with an invocation that ends.
    disableEagerActivityExecution: true,
    deployment: {
      version,
      useWorkerVersioning: true,
      ...(options.defaultVersioningBehavior && { defaultVersioningBehavior: options.defaultVersioningBehavior }),
    },
  };
  const bufferMs = bufferOf(options, workerOptions);
  checkTime(context, bufferMs, options);
  const client = await connect(await connectConfig(options, context, environment));
  try {
    const worker = await Worker.create(client, workerOptions);
    await worker.runUntil(() => endOfWork(context, bufferMs, clock));
  } finally {
    await client.close();
  }
}

function bufferOf(
  { shutdownDeadlineBuffer }: LambdaWorkerOptions,
  { gracefulShutdownTimeout = 0 }: WorkerOptions,
): number {
  return shutdownDeadlineBuffer === undefined
    ? toDurationMs(gracefulShutdownTimeout) + HOOKS_MS
    : toDurationMs(shutdownDeadlineBuffer);
}

function checkTime(context: LambdaContext | undefined, bufferMs: number, options: LambdaWorkerOptions): void {
  const leftMs = context?.getRemainingTimeInMillis?.();
  if (leftMs === undefined) return;
  const workMs = leftMs - bufferMs;
  if (workMs <= WORK_MS_MIN)
    throw new LambdaWorkerError(
      `Cannot start a Lambda worker: ${leftMs} ms remain, of which ${bufferMs} ms are kept for shutting down; raise the function's timeout or lower shutdownDeadlineBuffer`,
    );
  if (workMs < WORK_MS_SHORT)
    loggerOf(options).warn("A Lambda worker has little time to work: raise the function's timeout", {
      workMs,
      bufferMs,
    });
}

async function connectConfig(
  { connect = {} }: LambdaWorkerOptions,
  context: LambdaContext | undefined,
  environment: LambdaSurroundings["environment"],
): Promise<ClientConnectConfig> {
  const path = environment["TEMPORAL_CONFIG_FILE"] || join(environment["LAMBDA_TASK_ROOT"] || ".", "temporal.toml");
  const profile = await ClientConfigProfile.load({ configSource: { path }, overrideEnvVars: environment });
  const { awsRequestId, invokedFunctionArn } = context ?? {};
  const identity =
    awsRequestId === undefined || invokedFunctionArn === undefined
      ? {}
      : { identity: `${awsRequestId}@${invokedFunctionArn}` };
  return { ...(await profile.toClientConnectConfig()), ...identity, ...connect };
}

/** Resolves when it is time to shut down; never if nobody says when that is. */
function endOfWork(context: LambdaContext | undefined, bufferMs: number, clock: Clock): Promise<void> {
  const leftMs = context?.getRemainingTimeInMillis?.() ?? Infinity;
  return new Promise((resolve) => {
    if (leftMs !== Infinity) clock.schedule(clock.now() + leftMs - bufferMs, resolve);
  });
}

async function runHooks(options: LambdaWorkerOptions): Promise<void> {
  for (const hook of options.shutdownHooks ?? []) {
    try {
      await hook();
    } catch (error) {
      loggerOf(options).error("A shutdown hook of a Lambda worker failed", { error: String(error) });
    }
  }
}

function loggerOf({ worker }: LambdaWorkerOptions): Runtime["logger"] {
  return (worker.runtime ?? Runtime.default()).logger;
}
