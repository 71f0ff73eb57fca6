import type { Client } from "../client/index.ts";
import { statusName } from "../rpc/status.ts";
import { asRPCError } from "../rpc/rpc-error.ts";
import type { NamespaceInfo_Capabilities } from "../proto/gen/namespace.ts";
import { runThrough, workerPlugins } from "./plugin.ts";
import { registerWorkflows } from "./registered-workflows.ts";
import { Runtime } from "./runtime/runtime.ts";
import { toWorkerConfig } from "./worker-config.ts";
import { WorkerFailedError } from "./worker-error.ts";
import { workerInterceptors } from "./worker-interceptors.ts";
import type { WorkerOptions, WorkerPlugin } from "./worker-options.ts";
import { createWorkerParts, type WorkerParts } from "./worker-parts.ts";
import { WorkerReporter } from "./worker-heartbeat.ts";
import { shutDown } from "./worker-shutdown.ts";

/** Where a worker is in its life. */
export type WorkerState = "running" | "stopping" | "stopped" | "failed";

interface MadeWorker {
  readonly options: WorkerOptions;
  readonly plugins: readonly WorkerPlugin[];
  readonly parts: WorkerParts;
  readonly capabilities: NamespaceInfo_Capabilities | undefined;
}

/**
 * Polls a task queue and runs its workflows and activities.
 *
 * It works from its creation on, until it is shut down.
 */
export class Worker implements AsyncDisposable {
  readonly #options: WorkerOptions;
  readonly #parts: WorkerParts;
  readonly #capabilities: NamespaceInfo_Capabilities | undefined;
  readonly #ended: Promise<void>;
  #requestShutdown: () => void = () => undefined;
  #state: WorkerState = "running";
  #client: Client;
  #removeEager: (() => void) | undefined;

  private constructor(client: Client, made: MadeWorker) {
    this.#client = client;
    this.#options = made.options;
    this.#parts = made.parts;
    this.#capabilities = made.capabilities;
    const requested = new Promise<void>((resolve) => {
      this.#requestShutdown = resolve;
    });
    this.#ended = this.#live(made.plugins, requested);
    // Whoever runs or shuts down the worker hears of the error; until then it must not take the process down.
    this.#ended.catch(() => undefined);
  }

  /**
   * Creates a worker, which begins to poll at once.
   *
   * @throws {OptionsError} If options are wrong; the message lists all faults.
   * @throws {WorkflowBundleError} If workflow code cannot be bundled.
   * @throws {WorkerFailedError} If the namespace cannot be reached or does not exist.
   */
  static async create(client: Client, given: WorkerOptions): Promise<Worker> {
    const plugins = workerPlugins(client, given);
    const options = plugins.reduce((changed, plugin) => plugin.configureWorker?.(changed, client) ?? changed, given);
    const config = toWorkerConfig(options);
    const { runtime: ofConnection } = client.connection;
    const runtime = options.runtime ?? (ofConnection instanceof Runtime ? ofConnection : Runtime.default());
    const workflows = registerWorkflows(options.workflows ?? [], options.deployment);
    const interceptors = workerInterceptors(client.activeOptions.interceptors, options.interceptors);
    const parts = await createWorkerParts({ client, options, config, runtime, workflows, interceptors });
    const capabilities = await checkNamespace(parts, options);
    return new Worker(client, { options, plugins, parts, capabilities });
  }

  /** Where the worker is in its life. */
  get state(): WorkerState {
    return this.#state;
  }

  /** Names the worker to the service. */
  get identity(): string {
    return this.#parts.service.self.identity;
  }

  get taskQueue(): string {
    return this.#options.taskQueue;
  }

  /** The options it was created with, as its plugins have changed them. */
  config(): WorkerOptions {
    return { ...this.#options };
  }

  /** The client whose connection the worker uses. */
  get client(): Client {
    return this.#client;
  }

  /** Changes the connection for calls from now on, to the same namespace. */
  set client(client: Client) {
    this.#client = client;
    this.#parts.service.replaceConnection(client.connection);
    this.#takeEagerStarts();
  }

  /**
   * Waits until the worker has shut down.
   *
   * @throws {WorkerFailedError} If it had to because it could not go on.
   */
  run(): Promise<void> {
    return this.#ended;
  }

  /** Shuts down and waits until activities have ended and all is reported. Safe to call more than once. @throws As {@link run}. */
  shutdown(): Promise<void> {
    this.#requestShutdown();
    return this.#ended;
  }

  /**
   * Works until a promise is settled, then shuts down. Answers what the promise resolves to.
   *
   * @throws {WorkerFailedError} If the worker cannot go on before that.
   */
  async runUntil<T>(until: PromiseLike<T> | (() => PromiseLike<T>)): Promise<T> {
    const awaited = Promise.resolve(typeof until === "function" ? until() : until);
    try {
      const failure = this.#ended.then(() => awaited);
      return await Promise.race([awaited, failure]);
    } finally {
      await this.shutdown();
    }
  }

  /** As {@link shutdown}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** Lets starts of the client hand first tasks straight to this worker. */
  #takeEagerStarts(): void {
    this.#removeEager?.();
    const { workflowWorker } = this.#parts;
    this.#removeEager = workflowWorker && this.#client.connection.eagerWorkers.add(workflowWorker);
  }

  /** Works with the plugins around it. One that fails, or lets the worker not run, ends it. */
  async #live(plugins: readonly WorkerPlugin[], requested: Promise<void>): Promise<void> {
    if (plugins.length === 0) return this.#work(requested);
    let working: Promise<void> | undefined;
    try {
      await runThrough(plugins, this, () => (working ??= this.#work(requested)));
    } catch (cause) {
      if (cause instanceof WorkerFailedError) throw cause;
      this.#requestShutdown();
      await working?.catch(() => undefined);
      this.#state = "failed";
      throw new WorkerFailedError(`Worker for task queue "${this.taskQueue}" cannot go on: ${messageOf(cause)}`, {
        cause,
      });
    } finally {
      // Its plugins may not have let it run, or not have waited until it had stopped.
      this.#requestShutdown();
      await (working?.catch(() => undefined) ?? this.#end());
    }
  }

  async #end(): Promise<void> {
    const state = this.#state;
    this.#state = "stopping";
    await shutDown(this.#parts, { polling: Promise.resolve(), answersPolls: false, lastReport: undefined });
    this.#state = state === "failed" ? "failed" : "stopped";
  }

  async #work(requested: Promise<void>): Promise<void> {
    const { workflowWorker, activityWorker, nexusWorker, activityPools, logger } = this.#parts;
    for (const pool of activityPools) pool.start();
    const polling = Promise.all([workflowWorker?.run(), activityWorker?.run(), nexusWorker?.run()]);
    this.#takeEagerStarts();
    const reporter = this.#startReporter();
    let failure: WorkerFailedError | undefined;
    try {
      logger.info("Worker started", { taskQueue: this.taskQueue, identity: this.identity });
      await Promise.race([requested, polling]);
    } catch (cause) {
      failure = new WorkerFailedError(`Worker for task queue "${this.taskQueue}" cannot go on: ${messageOf(cause)}`, {
        cause,
      });
      logger.error("Worker failed, shutting down", { taskQueue: this.taskQueue, error: cause });
      await this.#tellFatalError(failure);
    }
    this.#state = "stopping";
    this.#removeEager?.();
    await shutDown(this.#parts, {
      polling,
      answersPolls: this.#capabilities?.workerPollCompleteOnShutdown ?? false,
      lastReport: reporter?.stop(),
    });
    this.#state = failure === undefined ? "stopped" : "failed";
    logger.info("Worker stopped", { taskQueue: this.taskQueue, identity: this.identity });
    if (failure !== undefined) throw failure;
  }

  /** Reports on the worker if somebody wants to know. */
  #startReporter(): WorkerReporter | undefined {
    const { workerHeartbeatIntervalMs } = this.#parts;
    if (workerHeartbeatIntervalMs === 0 || this.#capabilities?.workerHeartbeats !== true) return undefined;
    const reporter = new WorkerReporter(
      this.#parts,
      workerHeartbeatIntervalMs,
      this.#client.dataConverter.externalStorage?.drivers,
    );
    reporter.start();
    return reporter;
  }

  async #tellFatalError(failure: WorkerFailedError): Promise<void> {
    try {
      await this.#options.onFatalError?.(failure);
    } catch (error) {
      this.#parts.logger.warn("Handler of the worker's fatal error failed", { error });
    }
  }
}

/** Proves that the namespace is there, and learns what it can do. */
async function checkNamespace(
  { service, processor, activityPools }: WorkerParts,
  options: WorkerOptions,
): Promise<NamespaceInfo_Capabilities | undefined> {
  try {
    const info = (await service.describeNamespace())?.namespaceInfo;
    if (info?.limits !== undefined && options.disablePayloadErrorLimit !== true) {
      const { blobSizeLimitError: payloads, memoSizeLimitError: memo } = info.limits;
      service.payloadErrorLimits = { payloads, memo };
    }
    service.scalesPolls = info?.capabilities?.pollerAutoscaling ?? false;
    return info?.capabilities;
  } catch (cause) {
    await Promise.all([processor?.stop(), ...activityPools.map((pool) => pool.stop())]);
    const { status, message } = asRPCError(cause);
    throw new WorkerFailedError(
      `Cannot create worker for namespace "${service.self.namespace}": service answered ${statusName(status)}: ${message}`,
      { cause },
    );
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
