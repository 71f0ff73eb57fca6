import type { WorkflowHistory } from "../client/index.ts";
import { NondeterminismError } from "../core/errors.ts";
import { defaultDataConverter, type DataConverter } from "../payload/data-converter.ts";
import type { FailureError } from "../payload/failure-error.ts";
import { History } from "../proto/gen/history.ts";
import { registerWorkflows, type RegisteredWorkflows } from "./registered-workflows.ts";
import { Runtime } from "./runtime/runtime.ts";
import { MessageCodec } from "./tasks/message-codec.ts";
import type { ReplayOutcome, ReplayRequest, WorkflowServiceInit } from "./tasks/workflow-service.ts";
import type { ServicePool } from "./threads/thread-service.ts";
import { OptionsError } from "./worker-error.ts";
import type { WorkflowClass } from "./worker-options.ts";
import { bundleRegistered } from "./workflow-code.ts";
import { createLog, createPool, sdk } from "./workflow-processors.ts";

/** What a {@link Replayer} may be told. */
export interface ReplayerOptions {
  /** The workflow classes whose histories are replayed. */
  readonly workflows: readonly WorkflowClass[];
  /** @default "ReplayNamespace" */
  readonly namespace?: string;
  /** The converter of the worker that wrote the histories. @default that without a codec */
  readonly dataConverter?: DataConverter;
  /** @default `Runtime.default()` */
  readonly runtime?: Runtime;
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
  readonly #pool: ServicePool;

  private constructor(options: ReplayerOptions, pool: ServicePool) {
    this.#options = options;
    this.#pool = pool;
    this.#dataConverter = options.dataConverter ?? defaultDataConverter;
  }

  /**
   * Makes workflow code ready to be replayed.
   *
   * @throws {OptionsError} If there are no workflows, or classes are not workflows.
   * @throws {WorkflowBundleError} If workflow code cannot be bundled.
   */
  static async create(options: ReplayerOptions): Promise<Replayer> {
    const workflows = registerWorkflows(options.workflows);
    if (workflows === undefined) throw new OptionsError(`Cannot create replayer: "workflows" is empty, give at least one`);
    return new Replayer(options, await createReplayPool(options, workflows));
  }

  /** The options it was created with. */
  config(): ReplayerOptions {
    return { ...this.#options };
  }

  /** Replays one history. @throws {NondeterminismError} Unless `raiseOnFailure` is false. */
  async replayWorkflow(history: WorkflowHistory, options: ReplayOptions = {}): Promise<WorkflowReplayResult> {
    const replayFailure = await this.#replay(history);
    if (replayFailure !== undefined && options.raiseOnFailure !== false) throw replayFailure;
    return { history, replayFailure };
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
    for await (const history of histories) yield { history, replayFailure: await this.#replay(history) };
  }

  /** Ends the threads that ran workflow code. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#pool.stop("stop");
  }

  async #replay(history: WorkflowHistory): Promise<Error | undefined> {
    const { workflowId, runId } = history;
    const request: ReplayRequest = { workflowId, runId, history: await this.#encode(history) };
    const { failure, isNondeterminism } = (await this.#pool.call(runId, "replay", request)) as ReplayOutcome;
    this.#pool.release(runId);
    if (failure === undefined) return undefined;
    if (isNondeterminism) return new NondeterminismError(failure.message);
    return (await this.#dataConverter.with({ codec: undefined }).decodeFailure(failure)) as FailureError;
  }

  async #encode({ events }: WorkflowHistory): Promise<Uint8Array> {
    const bytes = History.encode({ events });
    const { codec } = this.#dataConverter;
    return codec === undefined ? bytes : new MessageCodec(codec).decodeEvents(bytes);
  }
}

async function createReplayPool(options: ReplayerOptions, workflows: RegisteredWorkflows): Promise<ServicePool> {
  const { workflowThreads = 1, debugMode, runtime = Runtime.default() } = options;
  const init = { config: toConfig(options), workflows: await bundleRegistered(workflows) };
  const host = {
    // A history that is cut short leaves its last local activities without a result.
    runLocalActivity: () => new Promise<never>(() => undefined),
    cancelLocalActivity: () => undefined,
    cancelLocalActivities: () => undefined,
    log: createLog(runtime.logger),
  };
  return createPool({ init, host, clock: runtime.clock, threadsMax: workflowThreads, debugMode });
}

function toConfig(options: ReplayerOptions): WorkflowServiceInit["config"] {
    return {
      namespace: options.namespace ?? "ReplayNamespace",
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
