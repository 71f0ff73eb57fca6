import { TaskQueueType } from "../proto/gen/enums.ts";
import type { WorkerHeartbeat } from "../proto/gen/worker.ts";
import type { Init } from "../proto/message.ts";
import { asRPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import { sleep } from "./tasks/waiting.ts";
import type { WorkerParts } from "./worker-parts.ts";

/** How long polls that the service said it would answer are waited for. */
const POLL_ANSWER_MS_MAX = 5_000;

/** The polls that a worker has open. */
export interface OpenPolls {
  /** Settles when none is open any more. */
  readonly polling: Promise<unknown>;
  /** The service answers them when it is told of the shutdown. */
  readonly answersPolls: boolean;
  /** What is told of the worker one last time. */
  readonly lastReport: Init<WorkerHeartbeat> | undefined;
}

/** Stops polling, lets work in progress end, cancels what does not in time, and frees everything. Never rejects. */
export async function shutDown(parts: WorkerParts, polls: OpenPolls): Promise<void> {
  const { workflowWorker, activityWorker, nexusWorker, localActivities, processor, config, clock, logger } = parts;
  parts.workerShutdown.abort();
  for (const pool of parts.activityPools) pool.tellShutdown();
  workflowWorker?.stop();
  activityWorker?.stop();
  nexusWorker?.stop();
  const ended = new AbortController();
  void cancelLate(parts, ended.signal).catch(() => undefined);
  await endPolls(parts, polls);

  const idle = Promise.all([
    workflowWorker?.idle(),
    activityWorker?.idle(),
    nexusWorker?.idle(),
    localActivities?.idle(),
  ]);
  const { forcedShutdownMs, gracefulShutdownMs } = config;
  if (forcedShutdownMs === undefined) await idle;
  else {
    const late = sleep(clock, gracefulShutdownMs + forcedShutdownMs, ended.signal).then(
      () => true,
      () => false,
    );
    const isLate = await Promise.race([idle.then(() => false), late]);
    if (isLate) logger.warn("Worker stops although activities still run", { activities: activityWorker?.count ?? 0 });
  }
  ended.abort();
  await Promise.all([processor?.stop(), ...parts.activityPools.map((pool) => pool.stop())]);
}

/** Gives activities the time they are allowed, then asks them to stop. */
async function cancelLate(parts: WorkerParts, signal: AbortSignal): Promise<void> {
  const { activityWorker, nexusWorker, localActivities, config, clock } = parts;
  if (config.gracefulShutdownMs > 0) await sleep(clock, config.gracefulShutdownMs, signal);
  activityWorker?.cancelAll({ workerShutdown: true });
  nexusWorker?.cancelAll("Worker is shutting down");
  localActivities?.cancelAll();
}

/** Ends open polls: by the service's answers where it gives them, so that no task is lost on its way. */
async function endPolls(parts: WorkerParts, { polling, answersPolls, lastReport }: OpenPolls): Promise<void> {
  const { workflowWorker, activityWorker, nexusWorker, service, clock, logger } = parts;
  const told = service
    .shutdownWorker({
      workerHeartbeat: lastReport,
      taskQueue: parts.config.taskQueue,
      stickyTaskQueue: parts.stickyQueue ?? "",
      taskQueueTypes: [
        ...(workflowWorker === undefined ? [] : [TaskQueueType.WORKFLOW]),
        ...(activityWorker === undefined ? [] : [TaskQueueType.ACTIVITY]),
        ...(nexusWorker === undefined ? [] : [TaskQueueType.NEXUS]),
      ],
    })
    .catch((cause: unknown) => {
      const { status, message } = asRPCError(cause);
      const isHarmless = status === RPCStatusCode.UNIMPLEMENTED || status === RPCStatusCode.UNAVAILABLE;
      logger[isHarmless ? "debug" : "warn"]("Service was not told of the worker's shutdown", { error: message });
    });
  const stopped = polling.catch(() => undefined);
  if (answersPolls) {
    const waited = new AbortController();
    const limit = sleep(clock, POLL_ANSWER_MS_MAX, waited.signal).catch(() => undefined);
    await Promise.race([stopped, limit]);
    waited.abort();
  }
  workflowWorker?.abortPolls();
  activityWorker?.abortPolls();
  nexusWorker?.abortPolls();
  await Promise.all([stopped, told]);
}
