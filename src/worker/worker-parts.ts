import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { Logger } from "../core/telemetry/logger.ts";
import type { Clock } from "../core/time/clock.ts";
import { WorkerVersioningMode } from "../proto/gen/enums.ts";
import type { ActivityHost } from "./activities/activity-host.ts";
import { createActivityRegistry } from "./activities/activity-registry.ts";
import { ActivityWorker } from "./activities/activity-worker.ts";
import { LocalActivities } from "./activities/local-activities.ts";
import type { Interceptor } from "./interceptor.ts";
import { MessageCodec } from "./tasks/message-codec.ts";
import { Slots } from "./tasks/slots.ts";
import type { WorkflowProcessor } from "./tasks/workflow-processor.ts";
import { WorkflowWorker } from "./tasks/workflow-worker.ts";
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
  readonly processor: WorkflowProcessor | undefined;
  /** Aborts when the worker begins to shut down. */
  readonly workerShutdown: AbortController;
}

/** Puts the parts of a worker together; nothing polls yet. */
export async function createWorkerParts(plan: WorkerPlan): Promise<WorkerParts> {
  const { client, options, config, runtime, workflows } = plan;
  const self = toIdentity(plan);
  const service = new WorkerService(self, client.connection);
  const workerShutdown = new AbortController();
  setMaxListeners(0, workerShutdown.signal);
  const host = createActivityHost(plan, workerShutdown.signal);
  const hasRemoteActivities = host !== undefined && options.noRemoteActivities !== true;
  const activityWorker = hasRemoteActivities ? createActivityWorker(plan, host, service) : undefined;
  const { clock, logger, workerHeartbeatIntervalMs } = runtime;
  const base = { config, service, clock, logger, workerHeartbeatIntervalMs, activityWorker, workerShutdown };
  if (workflows === undefined) {
    const none = {
      stickyQueue: undefined,
      workflowWorker: undefined,
      localActivities: undefined,
      processor: undefined,
    };
    return { ...base, ...none };
  }

  const { codec: payloadCodec } = client.dataConverter;
  const headers = (client.options.headerCodecBehavior ?? "noCodec") !== "noCodec";
  const codec = payloadCodec === undefined ? undefined : new MessageCodec(payloadCodec, { headers });
  const stickyQueue =
    config.cachedWorkflowsMax > 0 ? `${self.identity}-${randomUUID().replaceAll("-", "")}` : undefined;
  const localActivities = host === undefined ? undefined : createLocalActivities(plan, host, self);
  const processor = await createWorkflowProcessor({
    ...plan,
    workflows,
    service,
    stickyQueue,
    codec,
    localActivities,
    eagerActivitiesMax: activityWorker === undefined ? 0 : config.eagerActivitiesMax,
  });
  const workflowWorker = new WorkflowWorker({
    service,
    processor,
    slots: createSlots(plan, self, "workflow"),
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
  });
  return { ...base, stickyQueue, workflowWorker, localActivities, processor };
}

function toIdentity({ client, options, config }: WorkerPlan): WorkerIdentity {
  const { deployment } = options;
  return {
    namespace: client.namespace,
    identity: options.identity ?? client.identity,
    buildId: config.buildId,
    instanceKey: randomUUID(),
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
  slotType: "workflow" | "activity" | "localActivity",
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
  });
}

function createActivityHost(plan: WorkerPlan, workerShutdownSignal: AbortSignal): ActivityHost | undefined {
  const { client, options, config, runtime } = plan;
  const registry = createActivityRegistry(options.activities ?? []);
  if (registry.isEmpty) return undefined;
  const fromClient: readonly object[] = client.options.interceptors ?? [];
  return {
    registry,
    namespace: client.namespace,
    taskQueue: config.taskQueue,
    dataConverter: client.dataConverter,
    interceptors: [...fromClient.filter(isInterceptor), ...(options.interceptors ?? [])],
    decodesHeaders: client.options.headerCodecBehavior === "codec",
    logger: runtime.logger,
    metricMeter: runtime.metricMeter,
    clock: runtime.clock,
    client,
    workerShutdownSignal,
  };
}

/** An interceptor of the client may be one of the worker too. */
function isInterceptor(interceptor: object): interceptor is Interceptor {
  return "interceptActivity" in interceptor && typeof interceptor.interceptActivity === "function";
}

function createActivityWorker(plan: WorkerPlan, host: ActivityHost, service: WorkerService): ActivityWorker {
  const { config } = plan;
  return new ActivityWorker({
    host,
    service,
    slots: createSlots(plan, service.self, "activity"),
    throttle: config.heartbeatThrottle,
    pollerBehavior: config.activityPollerBehavior,
    perSecondMax: config.activitiesPerSecondMax,
    taskQueuePerSecondMax: config.taskQueueActivitiesPerSecondMax,
    random: plan.client.connection.random,
  });
}

// What a local activity takes and gives stays in the worker, so no codec has touched it.
function createLocalActivities(plan: WorkerPlan, host: ActivityHost, self: WorkerIdentity): LocalActivities {
  const dataConverter = host.dataConverter.with({ codec: undefined });
  return new LocalActivities({ ...host, dataConverter }, createSlots(plan, self, "localActivity"));
}
