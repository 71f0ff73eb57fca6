import { CLIENT_NAME, CLIENT_VERSION } from "../client/index.ts";
import type { LogArea } from "../core/telemetry/log-areas.ts";
import type { LogAttributes, LogLevel } from "../core/telemetry/logger.ts";
import type { Runtime } from "./runtime/runtime.ts";
import { toVersioningBehaviorCode } from "../core/options/versioning.ts";
import { newApplicationFailure } from "../core/replay/failures.ts";
import type { LocalActivityRequest, LocalActivityResult } from "../core/replay/local-activity-queue.ts";
import type { FailureType } from "../workflow/definition.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { WorkerMetrics } from "./metrics/worker-metrics.ts";
import type { WorkflowTaskFacts } from "./metrics/workflow-metrics.ts";
import type { ActivityWorkflow } from "./activities/activity-task.ts";
import type { LocalActivities } from "./activities/local-activities.ts";
import type { Interceptor } from "./interceptor.ts";
import type { RegisteredWorkflows } from "./registered-workflows.ts";
import type { MessageCodec } from "./tasks/message-codec.ts";
import { PooledProcessor } from "./tasks/pooled-processor.ts";
import { createMeasurementSink } from "./tasks/thread-meter.ts";
import type { WorkflowProcessor } from "./tasks/workflow-processor.ts";
import type { ProcessorConfig } from "./tasks/workflow-task-processor.ts";
import type { ThreadHost } from "./threads/thread-service.ts";
import { createPools, nameOf, type WorkflowPools } from "./workflow-pools.ts";
import { createSinkCaller } from "./worker-interceptors.ts";
import type { WorkerPlan } from "./worker-plan.ts";
import type { WorkerService } from "./worker-service.ts";

/** Names this SDK in histories. */
export const sdk = { name: CLIENT_NAME, version: CLIENT_VERSION };

/** What {@link createWorkflowProcessor} needs. */
export interface ProcessorPlan extends WorkerPlan {
  readonly workflows: RegisteredWorkflows;
  readonly service: WorkerService;
  readonly stickyQueue: string | undefined;
  readonly codec: MessageCodec | undefined;
  readonly localActivities: LocalActivities | undefined;
  readonly eagerActivitiesMax: number;
  readonly metrics: WorkerMetrics | undefined;
}

/** Makes ready whatever runs workflow code: a pool of threads, or the main thread itself. @throws {WorkflowBundleError} */
export async function createWorkflowProcessor(plan: ProcessorPlan): Promise<WorkflowProcessor> {
  const { options, runtime, workflows, eagerActivitiesMax, metrics } = plan;
  const config = toProcessorConfig(plan);
  const pools: WorkflowPools = await createPools(workflows, {
    config,
    host: {
      ...createHost(plan, (runId, taskCount) => {
        for (const pool of pools.all) pool.release(runId, taskCount);
        metrics?.workflows.cached(runCount());
      }),
      ...(metrics !== undefined && createMeasures(plan, metrics, () => runCount())),
    },
    clock: runtime.clock,
    eagerActivities: eagerActivitiesMax > 0,
    threadsMax: options.workflowThreads ?? 1,
    threadMemoryMbMax: plan.config.workflowThreadMemoryMb,
    deadlockTimeoutMs: plan.config.deadlockTimeoutMs,
    debugMode: options.debugMode,
    workflowRunner: options.workflowRunner,
    workflowFailureErrorTypes: failureTypesOf(plan),
    interceptors: plan.interceptors,
    heldBackPatches: options.heldBackPatches,
    dataConverter: plan.client.dataConverter,
    localActivityTypes: plan.localActivities === undefined ? [] : plan.localActivities.activityTypes,
  });
  const runCount = (): number => pools.all.reduce((sum, pool) => sum + pool.runCount, 0);
  const { self } = plan.service;
  return new PooledProcessor({ pools, self, logger: runtime.logger, metrics: metrics?.workflows });
}

/** Takes what workflow threads measure. */
function createMeasures(plan: ProcessorPlan, { workflows }: WorkerMetrics, runCount: () => number): ThreadHost {
  return {
    measured: createMeasurementSink(plan.runtime.metricMeter),
    taskProcessed: (facts: WorkflowTaskFacts) => {
      workflows.processed(facts);
      workflows.cached(runCount());
    },
    runEvicted: () => workflows.evicted(),
  };
}

/** An interceptor of the client may be one of the worker too. */
function failureTypesOf({ client, options }: ProcessorPlan): readonly FailureType[] {
  const interceptors: readonly object[] = [...(client.options.interceptors ?? []), ...(options.interceptors ?? [])];
  return [
    ...(options.workflowFailureErrorTypes ?? []),
    ...interceptors.flatMap((interceptor: Interceptor) => interceptor.workflowFailureErrorTypes ?? []),
  ];
}

function toProcessorConfig(plan: ProcessorPlan): ProcessorConfig {
  const { config, options, service, stickyQueue, eagerActivitiesMax, client } = plan;
  const { deployment } = options;
  const threads = options.workflowThreads ?? 1;
  return {
    ...service.self,
    taskQueue: config.taskQueue,
    stickyQueue,
    stickyTimeoutMs: config.stickyTimeoutMs,
    eagerActivitiesMax,
    defaultVersioningBehavior: toVersioningBehaviorCode(deployment?.defaultVersioningBehavior ?? "unspecified"),
    cachedRunsMax: Math.ceil(config.cachedWorkflowsMax / threads),
    cachedBytesMax: config.cachedBytesMax,
    sdk,
    recordsFlags: client.connection.capabilities?.sdkMetadata ?? true,
    deploymentVersion: deployment?.version,
    nondeterminismFails: nondeterminismFails(plan),
    measures: plan.metrics !== undefined,
  };
}

/** Classes that an error of nondeterminism is of. */
const NONDETERMINISM_NAMES = new Set(["NondeterminismError", "TemporalError", "Error"]);

/** Types of workflows that say that nondeterminism fails them, or the worker for all. */
function nondeterminismFails({ options, workflows }: ProcessorPlan): true | readonly string[] {
  const isMeant = (type: FailureType): boolean => NONDETERMINISM_NAMES.has(nameOf(type));
  if ((options.workflowFailureErrorTypes ?? []).some(isMeant)) return true;
  return workflows.definitions.flatMap(({ name, failureExceptionTypes }) =>
    name !== undefined && failureExceptionTypes.some(isMeant) ? [name] : [],
  );
}

function createHost(plan: ProcessorPlan, release: (runId: string, taskCount: number) => void): ThreadHost {
  const { service, codec, localActivities, runtime } = plan;
  const { path } = WorkflowService.methods.GetWorkflowExecutionHistory;
  return {
    async fetchHistory(request: Uint8Array): Promise<Uint8Array> {
      const response = await service.callEncoded(path, request);
      return codec === undefined ? response : codec.decodeHistory(response, request);
    },
    runLocalActivity(workflow: ActivityWorkflow, request: LocalActivityRequest): Promise<LocalActivityResult> {
      return localActivities?.run(workflow, request) ?? Promise.resolve(withoutActivities(request));
    },
    cancelLocalActivity: (runId: string, seq: number) => localActivities?.cancel(runId, seq),
    cancelLocalActivities: (runId: string) => localActivities?.cancelRun(runId),
    released: release,
    log: createLog(runtime),
    callSink: createSinkCaller(plan.interceptors, runtime.logger),
  };
}

/** Writes lines that come from workflow threads. */
export function createLog(
  runtime: Runtime,
): (level: LogLevel, message: string, attributes: LogAttributes, area?: LogArea) => void {
  return (level, message, attributes, area = "sdk") => runtime.loggerOf(area)[level](message, attributes);
}

function withoutActivities({ seq, activity, attempt }: LocalActivityRequest): LocalActivityResult {
  const message = `Activity function ${activity.activityType} is not registered on this worker, which has no activities`;
  return {
    seq,
    attempt,
    runtimeMs: 0,
    outcome: { status: "failed", failure: newApplicationFailure(message, "NotFoundError", true) },
  };
}
