import { existsSync } from "node:fs";
import type { Clock } from "../core/time/clock.ts";
import { hostClock } from "../rpc/host-clock.ts";
import type { DataConverter } from "../payload/data-converter.ts";
import type { FailureType, WorkflowDefinition } from "../workflow/definition.ts";
import type { Interceptor } from "./interceptor.ts";
import type { RegisteredWorkflows } from "./registered-workflows.ts";
import { StackMapper } from "./sandbox/stack-mapper.ts";
import { isDebugging, isMeasuringCoverage } from "./sandbox/tool-mode.ts";
import type { WorkflowBundle } from "./sandbox/workflow-bundle.ts";
import { createService, type WorkflowServiceInit } from "./tasks/workflow-service.ts";
import type { ProcessorConfig } from "./tasks/workflow-task-processor.ts";
import { InlinePool } from "./threads/inline-pool.ts";
import { ThreadPool } from "./threads/thread-pool.ts";
import type { LostThread, ServicePool, ThreadHost } from "./threads/thread-service.ts";
import type { WorkflowRunnerOptions } from "./worker-options.ts";
import { workflowInterceptorModules } from "./worker-interceptors.ts";
import { bundleDefinitions, loadInterceptors, withInterceptors } from "./workflow-code.ts";

/** What {@link createPools} needs. */
export interface PoolPlan {
  readonly config: ProcessorConfig;
  readonly host: ThreadHost;
  readonly clock: Clock;
  readonly eagerActivities: boolean;
  readonly threadsMax: number;
  readonly threadMemoryMbMax: number;
  readonly deadlockTimeoutMs?: number | undefined;
  readonly debugMode?: boolean | undefined;
  readonly workflowRunner?: WorkflowRunnerOptions | undefined;
  /** Those whose modules run where workflow code does. @default none */
  readonly interceptors?: readonly Interceptor[] | undefined;
  readonly workflowFailureErrorTypes?: readonly FailureType[] | undefined;
  readonly heldBackPatches?: readonly string[] | undefined;
  /** What converts for workflows outside of the sandbox. @default the usual converters */
  readonly dataConverter?: DataConverter | undefined;
  /** @default any */
  readonly localActivityTypes?: readonly string[] | undefined;
}

/** What runs workflow code, by the type of the workflow. */
export interface WorkflowPools {
  readonly all: readonly ServicePool[];
  of(workflowType: string): ServicePool;
}

function convertersOf({ payloadConverter, failureConverter }: DataConverter) {
  return { payloadConverter, failureConverter };
}

/**
 * Makes ready what runs workflow code: threads for what is sandboxed, the main thread for the rest.
 *
 * @throws {WorkflowBundleError} If workflow code cannot be bundled.
 */
export async function createPools(workflows: RegisteredWorkflows, plan: PoolPlan): Promise<WorkflowPools> {
  const { workflowRunner = { kind: "sandboxed" }, config } = plan;
  const settings = {
    failureExceptionTypes: (plan.workflowFailureErrorTypes ?? []).map(nameOf),
    eagerActivities: plan.eagerActivities,
    heldBackPatches: plan.heldBackPatches ?? [],
    localActivityTypes: plan.localActivityTypes,
  };
  const isOpen = (definition: WorkflowDefinition): boolean =>
    workflowRunner.kind === "unsandboxed" || !definition.sandboxed;
  const open = workflows.definitions.filter(isOpen);
  const closed = workflows.definitions.filter((definition) => !isOpen(definition));
  const inline = (code: WorkflowServiceInit["code"]): ServicePool =>
    new InlinePool({ createService, init: { config, settings, code, clock: plan.clock }, host: plan.host });

  const modules = workflowInterceptorModules(plan.interceptors ?? []);
  const openPool =
    open.length === 0
      ? undefined
      : inline({
          kind: "unsandboxed",
          definitions: open,
          interceptors: await loadInterceptors(modules),
          converters: plan.dataConverter && convertersOf(plan.dataConverter),
        });
  if (closed.length === 0 && openPool !== undefined) return { all: [openPool], of: () => openPool };
  const { kind: _kind, ...sandbox } = { ...workflowRunner };
  const log = plan.host["log"] as ((level: string, message: string, attributes: object) => void) | undefined;
  const bundled = bundleDefinitions(closed, withInterceptors(sandbox, modules)).then((found) => {
    for (const notice of found.bundle.notices ?? []) log?.("warn", notice, {});
    return { kind: "sandboxed", ...found } as const;
  });
  const closedPool = isInline(plan)
    ? inline(await bundled)
    : await startThreads(
        plan,
        bundled.then((code) => ({ config, settings, code })),
      );
  if (openPool === undefined) return { all: [closedPool], of: () => closedPool };
  const openTypes = new Set(open.map(({ name }) => name));
  const closedTypes = new Set(closed.map(({ name }) => name));
  const isOpenType = (type: string): boolean =>
    openTypes.has(type) || (!closedTypes.has(type) && openTypes.has(undefined));
  return { all: [openPool, closedPool], of: (type) => (isOpenType(type) ? openPool : closedPool) };
}

/** The first thread comes up while the workflow code is bundled and the worker gets to its first task. */
async function startThreads(plan: PoolPlan, init: Promise<WorkflowServiceInit>): Promise<ServicePool> {
  const { host, threadsMax, threadMemoryMbMax, deadlockTimeoutMs } = plan;
  let bundle: WorkflowBundle | undefined;
  let stacks: StackMapper | undefined;
  const mapStack = (stack: string): string => {
    if (bundle === undefined) return stack;
    stacks ??= new StackMapper(bundle);
    return stacks.map(stack);
  };
  const pool = new ThreadPool({
    module: threadModule(),
    init,
    host,
    threadsMax,
    memoryMbMax: threadMemoryMbMax,
    mapStack,
    onLost: (lost) => logLost(host, lost),
    ...(deadlockTimeoutMs === undefined ? {} : { deadlockTimeoutMs }),
  });
  pool.start();
  try {
    const { code } = await init;
    if (code.kind === "sandboxed") bundle = code.bundle;
  } catch (error) {
    await pool.stop();
    throw error;
  }
  return pool;
}

/** Each run that was in the thread starts anew from its history in the next one, so a line is all that is needed. */
function logLost(host: ThreadHost, { cause, runId, runIds, error }: LostThread): void {
  const log = host["log"] as ((level: string, message: string, attributes: object) => void) | undefined;
  log?.("error", "Workflow thread was lost, its runs start anew from their histories in another one", {
    cause,
    runId,
    runs: runIds.length,
    error: error.message.split("\n", 1)[0],
  });
}

/** The name by which another thread knows an error class. */
export function nameOf(type: FailureType): string {
  return typeof type === "string" ? type : type.name;
}

/** In line when it is to be debugged or measured, or when its time is not that of threads. */
function isInline({ debugMode, clock }: PoolPlan): boolean {
  return (debugMode ?? (isDebugging() || isMeasuringCoverage())) || clock !== hostClock;
}

/** The build makes one script of the module and all it imports, which a thread loads in a fraction of the time. */
function threadModule(): URL {
  const script = new URL("./tasks/workflow-thread.cjs", import.meta.url);
  if (existsSync(script)) return script;
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  return new URL(`./tasks/workflow-service${extension}`, import.meta.url);
}
