import { setMaxListeners } from "node:events";
import type { Logger } from "../core/telemetry/logger.ts";
import type { Clock } from "../core/time/clock.ts";
import { WorkerVersioningMode } from "../proto/gen/enums.ts";
import type { ActivityHost } from "./activities/activity-host.ts";
import { createActivityRegistry } from "./activities/activity-registry.ts";
import { ActivityWorker } from "./activities/activity-worker.ts";
import { LocalActivities } from "./activities/local-activities.ts";
import { createActivityPools } from "./placed/activity-pools.ts";
import type { ActivityPool } from "./placed/activity-pool.ts";
import { WorkerMetrics } from "./metrics/worker-metrics.ts";
import { NexusRegistry } from "./nexus/nexus-registry.ts";
import { NexusWorker } from "./nexus/nexus-worker.ts";
import { MessageCodec } from "./tasks/message-codec.ts";
import { Slots } from "./tasks/slots.ts";
import type { WorkflowProcessor } from "./tasks/workflow-processor.ts";
import { WorkflowWorker } from "./tasks/workflow-worker.ts";
import type { SlotType } from "./tuning/slot-supplier.ts";
import type { WorkerConfig } from "./worker-config.ts";
import { WorkerService, type WorkerIdentity } from "./worker-service.ts";
import type { WorkerPlan } from "./worker-plan.ts";
import { createWorkflowProcessor } from "./workflow-processors.ts";

/** The parts of a worker. */
export interface WorkerParts {
  readonly config: WorkerConfig;
  readonly service: WorkerService;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0 when the worker is not to report on itself. */
  readonly workerHeartbeatIntervalMs: number;
  readonly stickyQueue: string | undefined;
  readonly workflowWorker: WorkflowWorker | undefined;
  readonly activityWorker: ActivityWorker | undefined;
  readonly localActivities: LocalActivities | undefined;
  readonly nexusWorker: NexusWorker | undefined;
  readonly processor: WorkflowProcessor | undefined;
  /** Threads and processes of activities. */
  readonly activityPools: readonly ActivityPool[];
  /** Aborts when the worker begins to shut down. */
  readonly workerShutdown: AbortController;
}

/** Puts the parts of a worker together; nothing polls yet. */
export async function createWorkerParts(plan: WorkerPlan): Promise<WorkerParts> {
  const { client, options, config, runtime, workflows } = plan;
  const self = toIdentity(plan);
  const service = new WorkerService(self, client.connection);
  const metrics =
    runtime.sdkMetricMeter &&
    new WorkerMetrics(runtime.sdkMetricMeter, { namespace: self.namespace, taskQueue: config.taskQueue });
  metrics?.started();
  const workerShutdown = new AbortController();
  setMaxListeners(0, workerShutdown.signal);
  const host = createActivityHost(plan, service, workerShutdown.signal, metrics);
  const hasRemoteActivities = host !== undefined && options.noRemoteActivities !== true;
  const activityWorker = hasRemoteActivities ? createActivityWorker(plan, host, service, metrics) : undefined;
  const nexusWorker = createNexusWorker(plan, service, workerShutdown.signal, metrics);
  const { clock, logger, workerHeartbeatIntervalMs } = runtime;
  const activityPools = [...(host?.pools?.values() ?? [])];
  const base = {
    activityPools,
    config,
    service,
    clock,
    logger,
    workerHeartbeatIntervalMs,
    activityWorker,
    nexusWorker,
    workerShutdown,
  };
  if (workflows === undefined) {
    const none = {
      stickyQueue: undefined,
      workflowWorker: undefined,
      localActivities: undefined,
      processor: undefined,
    };
    return { ...base, ...none };
  }

  const codec = createMessageCodec(plan);
  const stickyQueue =
    config.cachedWorkflowsMax > 0 ? `${self.identity}-${client.connection.newId().replaceAll("-", "")}` : undefined;
  const localActivities = host === undefined ? undefined : createLocalActivities(plan, host, self, metrics);
  const processor = await createWorkflowProcessor({
    ...plan,
    workflows,
    service,
    stickyQueue,
    codec,
    localActivities,
    eagerActivitiesMax: activityWorker === undefined ? 0 : config.eagerActivitiesMax,
    metrics,
  });
  const workflowWorker = new WorkflowWorker({
    service,
    processor,
    slots: createSlots(plan, self, "workflow", metrics),
    taskQueue: config.taskQueue,
    stickyQueue,
    knows: workflows.knows,
    pollerBehavior: config.workflowPollerBehavior,
    nonstickyShare: config.nonstickyShare,
    eager: activityWorker,
    codec,
    clock: runtime.clock,
    logger: runtime.logger,
    random: client.connection.random,
    metrics,
  });
  return { ...base, stickyQueue, workflowWorker, localActivities, processor };
}

function createMessageCodec({ client, options }: WorkerPlan): MessageCodec | undefined {
  const { dataConverter, namespace } = client;
  if (!dataConverter.changesPayloads) return undefined;
  const headers = (client.activeOptions.headerCodecBehavior ?? "noCodec") !== "noCodec";
  const storageCallsMax = options.maxWorkflowTaskExternalStorageConcurrency;
  return new MessageCodec(dataConverter, { namespace, headers, storageCallsMax });
}

function toIdentity({ client, options, config }: WorkerPlan): WorkerIdentity {
  const { deployment } = options;
  return {
    namespace: client.namespace,
    identity: options.identity ?? client.identity,
    buildId: config.buildId,
    instanceKey: client.connection.newId(),
    taskQueue: config.taskQueue,
    deployment:
      deployment === undefined
        ? undefined
        : {
            ...deployment.version,
            workerVersioningMode: deployment.useWorkerVersioning
              ? WorkerVersioningMode.VERSIONED
              : WorkerVersioningMode.UNVERSIONED,
          },
  };
}

function createSlots(
  plan: WorkerPlan,
  self: WorkerIdentity,
  slotType: SlotType,
  metrics: WorkerMetrics | undefined,
): Slots {
  const { config, runtime } = plan;
  return new Slots({
    slotType,
    supplier: config.tuner[slotType],
    taskQueue: config.taskQueue,
    identity: self.identity,
    buildId: self.buildId,
    logger: runtime.logger,
    clock: runtime.clock,
    metrics: metrics?.slots(slotType),
  });
}

function createActivityHost(
  plan: WorkerPlan,
  service: WorkerService,
  workerShutdownSignal: AbortSignal,
  metrics: WorkerMetrics | undefined,
): ActivityHost | undefined {
  const { client, options, config, runtime } = plan;
  const registry = createActivityRegistry(options.activities ?? []);
  if (registry.isEmpty) return undefined;
  return {
    registry,
    namespace: client.namespace,
    taskQueue: config.taskQueue,
    dataConverter: client.dataConverter,
    interceptors: plan.interceptors,
    decodesHeaders: client.activeOptions.headerCodecBehavior === "codec",
    logger: runtime.logger,
    handlerLogger: runtime.loggerOf("activity"),
    metricMeter: runtime.metricMeter,
    clock: runtime.clock,
    client,
    workerShutdownSignal,
    pools: createActivityPools(registry.placed, { client, service, runtime }),
    metrics: metrics?.activities,
  };
}

function createNexusWorker(
  plan: WorkerPlan,
  service: WorkerService,
  workerShutdownSignal: AbortSignal,
  metrics: WorkerMetrics | undefined,
): NexusWorker | undefined {
  const { client, options, config, runtime } = plan;
  const { nexusServiceHandlers = [] } = options;
  if (nexusServiceHandlers.length === 0) return undefined;
  const { clock, logger, metricMeter } = runtime;
  return new NexusWorker({
    host: {
      registry: new NexusRegistry(nexusServiceHandlers),
      namespace: client.namespace,
      taskQueue: config.taskQueue,
      dataConverter: client.dataConverter,
      interceptors: plan.interceptors,
      logger,
      handlerLogger: runtime.loggerOf("nexus"),
      metricMeter,
      clock,
      client,
      workerShutdownSignal,
      metrics: metrics?.nexus,
    },
    service,
    slots: createSlots(plan, service.self, "nexus", metrics),
    pollerBehavior: config.nexusPollerBehavior,
    random: plan.client.connection.random,
    pollMetrics: metrics?.polls("nexus_task"),
  });
}

function createActivityWorker(
  plan: WorkerPlan,
  host: ActivityHost,
  service: WorkerService,
  metrics: WorkerMetrics | undefined,
): ActivityWorker {
  const { config } = plan;
  return new ActivityWorker({
    host,
    service,
    slots: createSlots(plan, service.self, "activity", metrics),
    throttle: config.heartbeatThrottle,
    pollerBehavior: config.activityPollerBehavior,
    perSecondMax: config.activitiesPerSecondMax,
    taskQueuePerSecondMax: config.taskQueueActivitiesPerSecondMax,
    random: plan.client.connection.random,
    pollMetrics: metrics?.polls("activity_task"),
  });
}

// What a local activity takes and gives stays in the worker, so no codec or storage has touched it.
function createLocalActivities(
  plan: WorkerPlan,
  host: ActivityHost,
  self: WorkerIdentity,
  metrics: WorkerMetrics | undefined,
): LocalActivities {
  const dataConverter = host.dataConverter.with({ codec: undefined, externalStorage: undefined });
  return new LocalActivities({ ...host, dataConverter }, createSlots(plan, self, "localActivity", metrics));
}
