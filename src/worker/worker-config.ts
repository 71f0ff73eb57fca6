import { toDurationMs, type Duration } from "../core/time/duration.ts";
import { nexusHandlerFaults } from "./nexus/nexus-registry.ts";
import { defaultPollerBehavior, pollerBehaviorFault, type PollerBehavior } from "./tasks/poller-behavior.ts";
import { createFixedTuner, type WorkerTuner } from "./tuning/worker-tuner.ts";
import { OptionsError } from "./worker-error.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** Options with defaults filled in and durations in milliseconds. */
export interface WorkerConfig {
  readonly taskQueue: string;
  readonly buildId: string;
  readonly cachedWorkflowsMax: number;
  /** Of one workflow thread. */
  readonly cachedBytesMax: number;
  readonly workflowThreadMemoryMb: number;
  readonly tuner: WorkerTuner;
  readonly workflowPollerBehavior: PollerBehavior;
  readonly activityPollerBehavior: PollerBehavior;
  readonly nexusPollerBehavior: PollerBehavior;
  readonly nonstickyShare: number;
  readonly stickyTimeoutMs: number;
  readonly heartbeatThrottle: { readonly defaultIntervalMs: number; readonly maxIntervalMs: number };
  readonly activitiesPerSecondMax: number | undefined;
  readonly taskQueueActivitiesPerSecondMax: number | undefined;
  /** Activities asked for with one workflow task; 0 when there shall be none. */
  readonly eagerActivitiesMax: number;
  readonly deadlockTimeoutMs: number;
  readonly gracefulShutdownMs: number;
  readonly forcedShutdownMs: number | undefined;
}

const DEADLOCK_TIMEOUT_MS = 2_000;
/** The workflow runtime itself needs a part of it. */
export const THREAD_MEMORY_MB_MIN = 64;

/**
 * Checks options and fills in defaults.
 *
 * @throws {OptionsError} With all faults found.
 */
export function toWorkerConfig(options: WorkerOptions): WorkerConfig {
  const faults: string[] = [];
  const config = fillIn(options, faults);
  faults.push(...faultsOf(options, config));
  if (faults.length > 0) throw new OptionsError(`Cannot create worker: ${faults.join("; ")}`);
  return config;
}

function fillIn(options: WorkerOptions, faults: string[]): WorkerConfig {
  const ms = (name: string, duration: Duration): number => {
    try {
      return toDurationMs(duration);
    } catch (error) {
      faults.push(`"${name}": ${(error as Error).message}`);
      return 0;
    }
  };
  const { deployment, forcedShutdownTimeout } = options;
  return {
    taskQueue: options.taskQueue,
    buildId: options.buildId ?? deployment?.version.buildId ?? "",
    cachedWorkflowsMax: options.maxCachedWorkflows ?? 1_000,
    cachedBytesMax: cachedBytesMax(options),
    workflowThreadMemoryMb: options.workflowThreadMemoryMb ?? THREAD_MEMORY_MB,
    tuner: options.tuner ?? fixedTuner(options, faults),
    workflowPollerBehavior: options.workflowTaskPollerBehavior ?? defaultPollerBehavior,
    activityPollerBehavior: options.activityTaskPollerBehavior ?? defaultPollerBehavior,
    nexusPollerBehavior: options.nexusTaskPollerBehavior ?? defaultPollerBehavior,
    nonstickyShare: options.nonstickyToStickyPollRatio ?? 0.2,
    stickyTimeoutMs: ms("stickyQueueScheduleToStartTimeout", options.stickyQueueScheduleToStartTimeout ?? 10_000),
    heartbeatThrottle: {
      defaultIntervalMs: ms("defaultHeartbeatThrottleInterval", options.defaultHeartbeatThrottleInterval ?? 30_000),
      maxIntervalMs: ms("maxHeartbeatThrottleInterval", options.maxHeartbeatThrottleInterval ?? 60_000),
    },
    activitiesPerSecondMax: options.maxActivitiesPerSecond,
    taskQueueActivitiesPerSecondMax: options.maxTaskQueueActivitiesPerSecond,
    eagerActivitiesMax:
      options.disableEagerActivityExecution === true ? 0 : (options.maxEagerActivityReservationsPerWorkflowTask ?? 3),
    deadlockTimeoutMs: ms("deadlockTimeout", options.deadlockTimeout ?? DEADLOCK_TIMEOUT_MS),
    gracefulShutdownMs: ms("gracefulShutdownTimeout", options.gracefulShutdownTimeout ?? 0),
    forcedShutdownMs:
      forcedShutdownTimeout === undefined ? undefined : ms("forcedShutdownTimeout", forcedShutdownTimeout),
  };
}

/** Memory that a workflow thread may take by default: less than what V8 would let it have, for there is more in the process. */
export const THREAD_MEMORY_MB = 1_024;

/** Share of a thread's heap that its cached runs may take; the rest is for code, and for what is being worked on. */
const CACHE_SHARE_OF_HEAP = 0.5;
const BYTES_PER_MB = 1_048_576;

function cachedBytesMax(options: WorkerOptions): number {
  const { maxCachedWorkflowMemoryMb, workflowThreadMemoryMb = THREAD_MEMORY_MB, workflowThreads = 1 } = options;
  if (maxCachedWorkflowMemoryMb !== undefined) return (maxCachedWorkflowMemoryMb * BYTES_PER_MB) / workflowThreads;
  return workflowThreadMemoryMb * BYTES_PER_MB * CACHE_SHARE_OF_HEAP;
}

function fixedTuner(options: WorkerOptions, faults: string[]): WorkerTuner {
  try {
    return createFixedTuner({
      workflowSlots: options.maxConcurrentWorkflowTasks,
      activitySlots: options.maxConcurrentActivities,
      localActivitySlots: options.maxConcurrentLocalActivities,
      nexusSlots: options.maxConcurrentNexusTasks,
    });
  } catch (error) {
    faults.push((error as Error).message);
    return createFixedTuner();
  }
}

function faultsOf(options: WorkerOptions, config: WorkerConfig): string[] {
  const faults: string[] = [];
  const { taskQueue, workflows = [], activities = [], nexusServiceHandlers = [], deployment } = options;
  if (typeof taskQueue !== "string" || taskQueue === "") faults.push(`"taskQueue" is missing`);
  const hasActivities = Array.isArray(activities) ? activities.length > 0 : true;
  if (workflows.length === 0 && !hasActivities && nexusServiceHandlers.length === 0) {
    faults.push(`none of "workflows", "activities" and "nexusServiceHandlers" has anything, give at least one`);
  }
  faults.push(...nexusHandlerFaults(nexusServiceHandlers));
  workflows.forEach((workflow: unknown, index) => {
    if (typeof workflow !== "function")
      faults.push(`workflows[${index}] is a value of type ${typeof workflow}, expected a class`);
  });
  faults.push(...pollFaults(options, config), ...numberFaults(options));
  if (options.tuner !== undefined) {
    for (const name of [
      "maxConcurrentWorkflowTasks",
      "maxConcurrentActivities",
      "maxConcurrentLocalActivities",
      "maxConcurrentNexusTasks",
    ] as const) {
      if (options[name] !== undefined) faults.push(`"${name}" and "tuner" are both given, give only one`);
    }
  }
  if (deployment !== undefined) {
    if (options.buildId !== undefined) faults.push(`"buildId" and "deployment" are both given, give only one`);
    if (!deployment.useWorkerVersioning && (deployment.defaultVersioningBehavior ?? "unspecified") !== "unspecified") {
      faults.push(`"deployment.defaultVersioningBehavior" is given without "useWorkerVersioning"`);
    }
  }
  return faults;
}

function pollFaults(options: WorkerOptions, config: WorkerConfig): string[] {
  const faults: string[] = [];
  for (const name of ["workflowPollerBehavior", "activityPollerBehavior", "nexusPollerBehavior"] as const) {
    const fault = pollerBehaviorFault(config[name]);
    if (fault !== undefined) faults.push(`"${name.replace("Poller", "TaskPoller")}": ${fault}`);
  }
  if (config.cachedWorkflowsMax === 0 || (options.workflows ?? []).length === 0) return faults;
  const { workflowPollerBehavior: behavior } = config;
  if (behavior.kind === "simpleMaximum" && behavior.maximum < 2) {
    faults.push(`"workflowTaskPollerBehavior" allows one poll, at least two are needed to cache workflows`);
  }
  if ((config.tuner.workflow.slotsMax ?? 2) < 2) {
    faults.push(`"maxConcurrentWorkflowTasks" is 1, at least 2 are needed to cache workflows`);
  }
  return faults;
}

function numberFaults(options: WorkerOptions): string[] {
  const faults: string[] = [];
  const check = (name: keyof WorkerOptions, isGood: (value: number) => boolean, wanted: string): void => {
    const value = options[name] as number | undefined;
    if (value !== undefined && !isGood(value)) faults.push(`"${name}" is ${value}, expected ${wanted}`);
  };
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  const isPositiveCount = (value: number): boolean => isCount(value) && value > 0;
  check("maxCachedWorkflows", isCount, "an integer from 0 up");
  check("maxEagerActivityReservationsPerWorkflowTask", isPositiveCount, "a positive integer");
  check("maxCachedWorkflowMemoryMb", (value) => value > 0, "a positive number");
  check("workflowThreadMemoryMb", isPositiveCount, "a positive integer");
  check("workflowThreads", isPositiveCount, "a positive integer");
  check("workflowThreadMemoryMb", (value) => isCount(value) && value >= THREAD_MEMORY_MB_MIN, "an integer from 64 up");
  check("maxActivitiesPerSecond", (value) => value > 0, "a positive number");
  check("maxTaskQueueActivitiesPerSecond", (value) => value >= 0, "a number from 0 up");
  check("nonstickyToStickyPollRatio", (value) => value >= 0 && value <= 1, "a number from 0 to 1");
  return faults;
}
