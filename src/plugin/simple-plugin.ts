import type { ClientInterceptor, ClientOptions, ClientPlugin } from "../client/index.ts";
import { defaultDataConverter, type DataConverter } from "../payload/data-converter.ts";
import {
  isInterceptor,
  OptionsError,
  type ActivitySource,
  type Interceptor,
  type NexusServiceHandler,
  type ReplayedHistories,
  type ReplayerOptions,
  type ReplayHistories,
  type RunningReplayer,
  type RunningWorker,
  type WorkerOptions,
  type WorkerPlugin,
  type WorkflowClass,
  type WorkflowReplayResult,
  type WorkflowRunnerOptions,
} from "../worker/index.ts";

/** What a plugin adds, or a function that makes the new value of the one that is there. */
export type PluginParameter<T> = T | ((existing: T | undefined) => T | undefined);

/** What a {@link SimplePlugin} does. */
export interface SimplePluginOptions {
  /** Names the plugin in errors; no two of a client or a worker may share it. */
  readonly name: string;
  /** For the client and replayers. A value must not displace another one; a function may. @default left as it is */
  readonly dataConverter?: PluginParameter<DataConverter> | undefined;
  /** Added to those of the client, of workers and of replayers, to each as far as it has such interceptors. @default none */
  readonly interceptors?: readonly (ClientInterceptor | Interceptor)[] | undefined;
  /** Added to those of workers. @default none */
  readonly activities?: PluginParameter<readonly ActivitySource[]> | undefined;
  /** Added to those of workers. @default none */
  readonly nexusServiceHandlers?: PluginParameter<readonly NexusServiceHandler[]> | undefined;
  /** Added to those of workers and replayers. @default none */
  readonly workflows?: PluginParameter<readonly WorkflowClass[]> | undefined;
  /** For workers and replayers. A value must not displace another one; a function may. @default left as it is */
  readonly workflowRunner?: PluginParameter<WorkflowRunnerOptions> | undefined;
  /** Modules that runs of workflows share, added to those of the sandbox. @default none */
  readonly passthroughModules?: readonly string[] | undefined;
  /** Added to those of workers and replayers. @default none */
  readonly workflowFailureErrorTypes?: PluginParameter<FailureTypes> | undefined;
  /** Opened before a worker or a replay begins and disposed of after it has ended. @default nothing */
  readonly runContext?: (() => AsyncDisposable | Promise<AsyncDisposable>) | undefined;
}

type FailureTypes = NonNullable<WorkerOptions["workflowFailureErrorTypes"]>;

/** A plugin for clients, workers and replayers that is made of what it adds to each. */
export class SimplePlugin implements ClientPlugin, WorkerPlugin {
  readonly name: string;
  readonly #options: SimplePluginOptions;

  constructor(options: SimplePluginOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** @throws {OptionsError} If the client has another data converter already. */
  configureClient(options: ClientOptions): ClientOptions {
    const { interceptors = [] } = this.#options;
    return {
      ...options,
      dataConverter: this.#converter(options.dataConverter),
      interceptors: [...new Set([...(options.interceptors ?? []), ...interceptors.filter(isClientInterceptor)])],
    };
  }

  /** @throws {OptionsError} If the worker has another workflow runner already. */
  configureWorker(options: WorkerOptions): WorkerOptions {
    const activities = appended(toList(options.activities), this.#options.activities);
    const nexusServiceHandlers = appended(options.nexusServiceHandlers, this.#options.nexusServiceHandlers);
    return {
      ...options,
      ...this.#workflowOptions(options),
      ...(activities === undefined ? {} : { activities }),
      ...(nexusServiceHandlers === undefined ? {} : { nexusServiceHandlers }),
    };
  }

  /** @throws {OptionsError} If the replayer has another data converter or workflow runner already. */
  configureReplayer(options: ReplayerOptions): ReplayerOptions {
    const dataConverter = this.#converter(options.dataConverter);
    return {
      ...options,
      ...this.#workflowOptions(options),
      workflows: appended(options.workflows, this.#options.workflows) ?? [],
      ...(dataConverter === undefined ? {} : { dataConverter }),
    };
  }

  async runWorker(worker: RunningWorker, next: (worker: RunningWorker) => Promise<void>): Promise<void> {
    const context = await this.#options.runContext?.();
    try {
      await next(worker);
    } finally {
      await context?.[Symbol.asyncDispose]();
    }
  }

  async *runReplayer(
    replayer: RunningReplayer,
    histories: ReplayedHistories,
    next: ReplayHistories,
  ): AsyncGenerator<WorkflowReplayResult> {
    const context = await this.#options.runContext?.();
    try {
      yield* next(replayer, histories);
    } finally {
      await context?.[Symbol.asyncDispose]();
    }
  }

  /** What workers and replayers have in common. */
  #workflowOptions(options: WorkflowSide): WorkflowSide {
    const { interceptors = [], passthroughModules = [], workflowFailureErrorTypes } = this.#options;
    const workflows = appended(options.workflows, this.#options.workflows);
    const failureTypes = appended(options.workflowFailureErrorTypes, workflowFailureErrorTypes);
    const runner = withPassthrough(this.#runner(options.workflowRunner), passthroughModules);
    return {
      interceptors: [...new Set([...(options.interceptors ?? []), ...interceptors.filter(isInterceptor)])],
      ...(workflows === undefined ? {} : { workflows }),
      ...(failureTypes === undefined ? {} : { workflowFailureErrorTypes: failureTypes }),
      ...(runner === undefined ? {} : { workflowRunner: runner }),
    };
  }

  #converter(existing: DataConverter | undefined): DataConverter | undefined {
    const parameter = this.#options.dataConverter;
    const isFree = existing === undefined || existing === defaultDataConverter || existing === parameter;
    if (typeof parameter === "object" && !isFree) this.#refuse("dataConverter");
    return replaced(existing, parameter);
  }

  #runner(existing: WorkflowRunnerOptions | undefined): WorkflowRunnerOptions | undefined {
    const parameter = this.#options.workflowRunner;
    if (typeof parameter === "object" && existing !== undefined && existing !== parameter)
      this.#refuse("workflowRunner");
    return replaced(existing, parameter);
  }

  #refuse(key: string): never {
    throw new OptionsError(
      `Cannot apply plugin "${this.name}": there is another "${key}" already, leave one out or give the plugin a function that joins them`,
    );
  }
}

function replaced<T extends object>(existing: T | undefined, parameter: PluginParameter<T> | undefined): T | undefined {
  return typeof parameter === "function" ? parameter(existing) : (parameter ?? existing);
}

type WorkflowSide = Pick<WorkerOptions, "interceptors" | "workflows" | "workflowRunner" | "workflowFailureErrorTypes">;

function isClientInterceptor(interceptor: object): interceptor is ClientInterceptor {
  return "interceptClient" in interceptor;
}

function toList(activities: WorkerOptions["activities"]): readonly ActivitySource[] | undefined {
  if (activities === undefined) return undefined;
  return Array.isArray(activities) ? (activities as readonly ActivitySource[]) : [activities];
}

function appended<T>(
  existing: readonly T[] | undefined,
  parameter: PluginParameter<readonly T[]> | undefined,
): readonly T[] | undefined {
  if (parameter === undefined) return existing;
  return typeof parameter === "function" ? parameter(existing) : [...(existing ?? []), ...parameter];
}

function withPassthrough(
  runner: WorkflowRunnerOptions | undefined,
  modules: readonly string[],
): WorkflowRunnerOptions | undefined {
  if (modules.length === 0 || runner?.kind === "unsandboxed") return runner;
  const { passthroughModules = [], ...others } = runner ?? { kind: "sandboxed" as const };
  return { ...others, passthroughModules: [...new Set([...passthroughModules, ...modules])] };
}
