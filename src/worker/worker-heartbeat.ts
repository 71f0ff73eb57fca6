import { hostname } from "node:os";
import { fromMs, fromOptionalMs } from "../core/replay/proto-time.ts";
import type { CancelTimer } from "../core/time/clock.ts";
import type { StorageDriver } from "../payload/storage-driver.ts";
import { WorkerStatus } from "../proto/gen/enums.ts";
import type { WorkerHeartbeat, WorkerPollerInfo, WorkerSlotsInfo } from "../proto/gen/worker.ts";
import type { Init } from "../proto/message.ts";
import { asRPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import type { PollReport } from "./tasks/poller.ts";
import type { Slots } from "./tasks/slots.ts";
import { createHostUsage, type ResourceUsage } from "./tuning/resource-usage.ts";
import type { WorkerParts } from "./worker-parts.ts";
import { sdk } from "./workflow-processors.ts";

interface Counts {
  readonly processed: number;
  readonly failed: number;
}

/** Tells the service now and then how a worker is, for whoever looks after workers. */
export class WorkerReporter {
  readonly #parts: WorkerParts;
  readonly #intervalMs: number;
  /** Sorts of storage where the worker keeps payloads. */
  readonly #driverTypes: readonly string[];
  readonly #startMs: number;
  readonly #usage: ResourceUsage;
  readonly #counts = new Map<Slots, Counts>();
  #lastMs: number | undefined;
  #cancelTimer: CancelTimer | undefined;
  #isStopped = false;

  constructor(parts: WorkerParts, intervalMs: number, drivers: readonly StorageDriver[] = []) {
    this.#driverTypes = [...new Set(drivers.map(({ type, name }) => type ?? name))];
    this.#parts = parts;
    this.#intervalMs = intervalMs;
    this.#startMs = parts.clock.now();
    this.#usage = createHostUsage(parts.clock);
  }

  /** Begins to report. */
  start(): void {
    if (this.#isStopped) return;
    const { clock } = this.#parts;
    this.#cancelTimer = clock.schedule(clock.now() + this.#intervalMs, () => void this.#report());
  }

  /** Reports no more. Answers the last report, which goes with the notice of the shutdown. */
  stop(): Init<WorkerHeartbeat> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    return this.#describe(WorkerStatus.SHUTTING_DOWN);
  }

  async #report(): Promise<void> {
    const { service, logger } = this.#parts;
    try {
      await service.recordWorkerHeartbeat(this.#describe(WorkerStatus.RUNNING));
    } catch (cause) {
      const { status, message } = asRPCError(cause);
      if (status === RPCStatusCode.UNIMPLEMENTED) return;
      logger.debug("Report on the worker could not be sent", { error: message });
    }
    this.start();
  }

  #describe(status: WorkerStatus): Init<WorkerHeartbeat> {
    const { service, config, workflowWorker, activityWorker, nexusWorker, localActivities, clock } = this.#parts;
    const { identity, instanceKey, deployment } = service.self;
    const nowMs = clock.now();
    const [normal, sticky] = workflowWorker?.pollReports ?? [];
    const elapsedMs = this.#lastMs === undefined ? undefined : nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    return {
      workerInstanceKey: instanceKey,
      workerIdentity: identity,
      hostInfo: {
        hostName: hostname(),
        processId: String(process.pid),
        currentHostCpuUsage: this.#usage.cpu(),
        currentHostMemUsage: this.#usage.memory(),
      },
      taskQueue: config.taskQueue,
      deploymentVersion: deployment && { deploymentName: deployment.deploymentName, buildId: deployment.buildId },
      sdkName: sdk.name,
      sdkVersion: sdk.version,
      status,
      startTime: fromMs(this.#startMs),
      heartbeatTime: fromMs(nowMs),
      elapsedSinceLastHeartbeat: fromOptionalMs(elapsedMs),
      workflowTaskSlotsInfo: this.#describeSlots(workflowWorker?.slots),
      activityTaskSlotsInfo: this.#describeSlots(activityWorker?.slots),
      localActivitySlotsInfo: this.#describeSlots(localActivities?.slots),
      nexusTaskSlotsInfo: this.#describeSlots(nexusWorker?.slots),
      workflowPollerInfo: describePoller(normal),
      workflowStickyPollerInfo: describePoller(sticky),
      activityPollerInfo: describePoller(activityWorker?.pollReport),
      nexusPollerInfo: describePoller(nexusWorker?.pollReport),
      drivers: this.#driverTypes.map((type) => ({ type })),
    };
  }

  #describeSlots(slots: Slots | undefined): Init<WorkerSlotsInfo> | undefined {
    if (slots === undefined) return undefined;
    const { processed, failed, taken, slotsMax } = slots;
    const before = this.#counts.get(slots) ?? { processed: 0, failed: 0 };
    this.#counts.set(slots, { processed, failed });
    return {
      currentAvailableSlots: slotsMax === undefined ? 0 : slotsMax - taken,
      currentUsedSlots: taken,
      slotSupplierKind: slots.supplierKind,
      totalProcessedTasks: processed,
      totalFailedTasks: failed,
      lastIntervalProcessedTasks: processed - before.processed,
      lastIntervalFailureTasks: failed - before.failed,
    };
  }
}

function describePoller(report: PollReport | undefined): Init<WorkerPollerInfo> | undefined {
  if (report === undefined) return undefined;
  return { currentPollers: report.open, lastSuccessfulPollTime: fromOptionalMs(report.lastAnswerMs) };
}
