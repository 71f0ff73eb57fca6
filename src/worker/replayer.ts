import type { WorkflowHistory } from "../client/index.ts";
import { NondeterminismError } from "../core/errors.ts";
import { defaultDataConverter, type DataConverter } from "../payload/data-converter.ts";
import { History } from "../proto/gen/history.ts";
import { replayerPlugins, replayThrough } from "./plugin.ts";
import { registerWorkflows, type RegisteredWorkflows } from "./registered-workflows.ts";
import { Runtime } from "./runtime/runtime.ts";
import { MessageCodec } from "./tasks/message-codec.ts";
import type { ReplayOutcome, ReplayRequest } from "./tasks/workflow-service.ts";
import type { ProcessorConfig } from "./tasks/workflow-task-processor.ts";
import { THREAD_MEMORY_MB } from "./worker-config.ts";
import { OptionsError } from "./worker-error.ts";
import { createSinkCaller } from "./worker-interceptors.ts";
import type {
  ReplayedHistories,
  ReplayerOptions,
  ReplayHistories,
  WorkerPlugin,
  WorkflowReplayResult,
} from "./worker-options.ts";
import { loadWorkflowModules } from "./workflow-modules.ts";
import { createPools, type WorkflowPools } from "./workflow-pools.ts";
import { createLog, sdk } from "./workflow-processors.ts";

const REPLAY_NAMESPACE = "ReplayNamespace";

/** How the replays of many histories ended. */
export interface WorkflowReplayResults {
  /** Failures by run id. */
  readonly replayFailures: ReadonlyMap<string, Error>;
}

/** What the replay methods may be told. */
export interface ReplayOptions {
  /** Throw the first failure. @default true */
  readonly raiseOnFailure?: boolean;
}

/** Checks that workflow code still leads to what histories recorded. Nothing is sent anywhere. */
export class Replayer implements AsyncDisposable {
  readonly #options: ReplayerOptions;
  readonly #dataConverter: DataConverter;
  readonly #pools: WorkflowPools;
  readonly #replayAll: ReplayHistories;

  private constructor(options: ReplayerOptions, plugins: readonly WorkerPlugin[], pools: WorkflowPools) {
    this.#replayAll = replayThrough(plugins, (_replayer, histories) => this.#replayEach(histories));
    this.#options = options;
    this.#pools = pools;
    this.#dataConverter = options.dataConverter ?? defaultDataConverter;
  }

  /**
   * Makes workflow code ready to be replayed.
   *
   * @throws {OptionsError} If there are no workflows, or classes are not workflows.
   * @throws {WorkflowLoadError} If a module of workflows cannot be evaluated.
   * @throws {WorkflowBundleError} If workflow code cannot be bundled.
   */
  static async create(given: ReplayerOptions): Promise<Replayer> {
    const plugins = replayerPlugins(given.plugins);
    const options = plugins.reduce((changed, plugin) => plugin.configureReplayer?.(changed) ?? changed, given);
    const { workflows: classes = [], workflowModules = [] } = options;
    if (workflowModules.length > 0 && classes.length > 0) {
      throw new OptionsError(
        `Cannot create replayer: "workflows" and "workflowModules" are both given, give one of them`,
      );
    }
    if (workflowModules.length > 0) {
      const { workflows, workflowRunner } = await loadWorkflowModules(workflowModules, options.workflowRunner);
      return new Replayer(options, plugins, await createReplayPools({ ...options, workflowRunner }, workflows));
    }
    const workflows = registerWorkflows(classes);
    if (workflows === undefined)
      throw new OptionsError(`Cannot create replayer: "workflows" is empty, give at least one`);
    return new Replayer(options, plugins, await createReplayPools(options, workflows));
  }

  /** The options it was created with, as its plugins have changed them. */
  config(): ReplayerOptions {
    return { ...this.#options };
  }

  /** Replays one history. @throws {NondeterminismError} Unless `raiseOnFailure` is false. */
  async replayWorkflow(history: WorkflowHistory, options: ReplayOptions = {}): Promise<WorkflowReplayResult> {
    for await (const result of this.replayIterator([history])) {
      if (result.replayFailure !== undefined && options.raiseOnFailure !== false) throw result.replayFailure;
      return result;
    }
    throw new OptionsError(`Cannot replay workflow "${history.workflowId}": a plugin of the replayer left it out`);
  }

  /** Replays histories one after the other. @throws {NondeterminismError} Unless `raiseOnFailure` is false. */
  async replayWorkflows(histories: ReplayedHistories, options: ReplayOptions = {}): Promise<WorkflowReplayResults> {
    const replayFailures = new Map<string, Error>();
    for await (const { history, replayFailure } of this.replayIterator(histories)) {
      if (replayFailure === undefined) continue;
      if (options.raiseOnFailure !== false) throw replayFailure;
      replayFailures.set(history.runId, replayFailure);
    }
    return { replayFailures };
  }

  /** Replays histories as they are asked for, and tells of each how it ended. */
  async *replayIterator(histories: ReplayedHistories): AsyncGenerator<WorkflowReplayResult> {
    yield* this.#replayAll(this, histories);
  }

  /** Ends the threads that ran workflow code. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#pools.all.map((pool) => pool.stop("stop")));
  }

  async *#replayEach(histories: ReplayedHistories): AsyncGenerator<WorkflowReplayResult> {
    for await (const history of histories) yield await this.#replay(history);
  }

  async #replay(history: WorkflowHistory): Promise<WorkflowReplayResult> {
    const { workflowId, runId } = history;
    let bytes: Uint8Array;
    try {
      bytes = await this.#encode(history);
    } catch (error) {
      return { history, replayFailure: error instanceof Error ? error : new Error(String(error)) };
    }
    const request: ReplayRequest = { workflowId, runId, history: bytes };
    const pool = this.#pools.of(typeOf(history));
    const { failure, isNondeterminism, details, stack } = (await pool.call(runId, "replay", request)) as ReplayOutcome;
    pool.release(runId);
    if (failure === undefined) return { history, replayFailure: undefined };
    if (isNondeterminism) {
      const replayFailure = new NondeterminismError(failure.message, details);
      return { history, replayFailure, workflowStack: stack === "" ? undefined : stack };
    }
    const converter = this.#dataConverter.with({ codec: undefined, externalStorage: undefined });
    return { history, replayFailure: await converter.decodeFailure(failure) };
  }

  async #encode({ events, workflowId, runId }: WorkflowHistory): Promise<Uint8Array> {
    const bytes = History.encode({ events });
    const { namespace = REPLAY_NAMESPACE } = this.#options;
    const codec = new MessageCodec(this.#dataConverter, { namespace, headers: false });
    // Without a codec too: payloads that are kept elsewhere must not pass for values.
    return codec.decodeEvents(bytes, { workflowId, runId });
  }
}

function typeOf({ events }: WorkflowHistory): string {
  const attributes = events[0]?.attributes;
  return attributes?.case === "workflowExecutionStartedEventAttributes"
    ? (attributes.value.workflowType?.name ?? "")
    : "";
}

async function createReplayPools(options: ReplayerOptions, workflows: RegisteredWorkflows): Promise<WorkflowPools> {
  const { workflowThreads = 1, debugMode, runtime = Runtime.default() } = options;
  const config = toConfig(options);
  const host = {
    // A history that is cut short leaves its last local activities without a result.
    runLocalActivity: () => new Promise<never>(() => undefined),
    cancelLocalActivity: () => undefined,
    cancelLocalActivities: () => undefined,
    log: createLog(runtime),
    callSink: createSinkCaller(options.interceptors ?? [], runtime.logger),
  };
  const plan = { config, host, clock: runtime.clock, threadsMax: workflowThreads, debugMode };
  return createPools(workflows, { ...plan, ...options, eagerActivities: true, threadMemoryMbMax: THREAD_MEMORY_MB });
}

function toConfig(options: ReplayerOptions): ProcessorConfig {
  return {
    namespace: options.namespace ?? REPLAY_NAMESPACE,
    taskQueue: "replay",
    identity: "replayer",
    buildId: "",
    instanceKey: "",
    deployment: undefined,
    stickyQueue: undefined,
    stickyTimeoutMs: 0,
    eagerActivitiesMax: 0,
    defaultVersioningBehavior: 0,
    cachedRunsMax: 0,
    sdk,
    recordsFlags: true,
    deploymentVersion: undefined,
    nondeterminismFails: [],
  };
}
