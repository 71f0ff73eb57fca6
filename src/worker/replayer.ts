import type { WorkflowHistory } from "../client/index.ts";
import { NondeterminismError } from "../core/errors.ts";
import { defaultDataConverter, type DataConverter } from "../payload/data-converter.ts";
import type { FailureType } from "../workflow/definition.ts";
import { History } from "../proto/gen/history.ts";
import { registerWorkflows, type RegisteredWorkflows } from "./registered-workflows.ts";
import { Runtime } from "./runtime/runtime.ts";
import { MessageCodec } from "./tasks/message-codec.ts";
import type { ReplayOutcome, ReplayRequest } from "./tasks/workflow-service.ts";
import type { ProcessorConfig } from "./tasks/workflow-task-processor.ts";
import { THREAD_MEMORY_MB } from "./worker-config.ts";
import { OptionsError } from "./worker-error.ts";
import type { WorkflowClass, WorkflowRunnerOptions } from "./worker-options.ts";
import { loadWorkflowModules } from "./workflow-modules.ts";
import { createPools, type WorkflowPools } from "./workflow-pools.ts";
import { createLog, sdk } from "./workflow-processors.ts";

const REPLAY_NAMESPACE = "ReplayNamespace";

/** What a {@link Replayer} may be told. */
export interface ReplayerOptions {
  /** The workflow classes whose histories are replayed. @default none: give `workflowModules` then */
  readonly workflows?: readonly WorkflowClass[];
  /**
   * Modules that define workflows, or export them on: paths or `file:` URLs. They are compiled for the sandbox, and this
   * process never loads them. Not together with `workflows`.
   *
   * @default none
   */
  readonly workflowModules?: readonly string[];
  /** @default "ReplayNamespace" */
  readonly namespace?: string;
  /** The converter of the worker that wrote the histories. @default that without a codec and external storage */
  readonly dataConverter?: DataConverter;
  /** @default `Runtime.default()` */
  readonly runtime?: Runtime;
  /** @default in a sandbox */
  readonly workflowRunner?: WorkflowRunnerOptions;
  /** As for the worker that wrote the histories. @default none */
  readonly workflowFailureErrorTypes?: readonly FailureType[];
  /** Threads that run workflow code. @default 1 */
  readonly workflowThreads?: number;
  /** Runs workflow code on the main thread. @default true if TEMPORAL_DEBUG is set */
  readonly debugMode?: boolean;
}

/** How the replay of one history ended. */
export interface WorkflowReplayResult {
  readonly history: WorkflowHistory;
  /** A {@link NondeterminismError}, or what else kept the code from following; absent if it followed. */
  readonly replayFailure: Error | undefined;
  /** Where workflow code waited when it differed: a stack for each thing it waited for; absent if that is not known. */
  readonly workflowStack?: string | undefined;
}

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

  private constructor(options: ReplayerOptions, pools: WorkflowPools) {
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
  static async create(options: ReplayerOptions): Promise<Replayer> {
    const { workflows: classes = [], workflowModules = [] } = options;
    if (workflowModules.length > 0 && classes.length > 0) {
      throw new OptionsError(
        `Cannot create replayer: "workflows" and "workflowModules" are both given, give one of them`,
      );
    }
    if (workflowModules.length > 0) {
      const { workflows, workflowRunner } = await loadWorkflowModules(workflowModules, options.workflowRunner);
      return new Replayer(options, await createReplayPools({ ...options, workflowRunner }, workflows));
    }
    const workflows = registerWorkflows(classes);
    if (workflows === undefined)
      throw new OptionsError(`Cannot create replayer: "workflows" is empty, give at least one`);
    return new Replayer(options, await createReplayPools(options, workflows));
  }

  /** The options it was created with. */
  config(): ReplayerOptions {
    return { ...this.#options };
  }

  /** Replays one history. @throws {NondeterminismError} Unless `raiseOnFailure` is false. */
  async replayWorkflow(history: WorkflowHistory, options: ReplayOptions = {}): Promise<WorkflowReplayResult> {
    const result = await this.#replay(history);
    if (result.replayFailure !== undefined && options.raiseOnFailure !== false) throw result.replayFailure;
    return result;
  }

  /** Replays histories one after the other. @throws {NondeterminismError} Unless `raiseOnFailure` is false. */
  async replayWorkflows(
    histories: Iterable<WorkflowHistory> | AsyncIterable<WorkflowHistory>,
    options: ReplayOptions = {},
  ): Promise<WorkflowReplayResults> {
    const replayFailures = new Map<string, Error>();
    for await (const { history, replayFailure } of this.replayIterator(histories)) {
      if (replayFailure === undefined) continue;
      if (options.raiseOnFailure !== false) throw replayFailure;
      replayFailures.set(history.runId, replayFailure);
    }
    return { replayFailures };
  }

  /** Replays histories as they are asked for, and tells of each how it ended. */
  async *replayIterator(
    histories: Iterable<WorkflowHistory> | AsyncIterable<WorkflowHistory>,
  ): AsyncGenerator<WorkflowReplayResult> {
    for await (const history of histories) yield await this.#replay(history);
  }

  /** Ends the threads that ran workflow code. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#pools.all.map((pool) => pool.stop("stop")));
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
    log: createLog(runtime.logger),
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
