import { noopMetricMeter } from "../../core/telemetry/metric-meter.ts";
import { silentLogger } from "../../core/telemetry/logger.ts";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { defaultDataConverter } from "../../payload/data-converter.ts";
import type { ActivityHost } from "./activity-host.ts";
import { createActivityRegistry, type ActivitySource } from "./activity-registry.ts";
import type { ActivityTask } from "./activity-task.ts";

/** A host of activities with a clock that tests move. */
export function createTestHost(
  activities: ActivitySource | readonly ActivitySource[],
  changes: Partial<ActivityHost> = {},
): ActivityHost & { readonly clock: VirtualClock } {
  return {
    registry: createActivityRegistry(activities),
    namespace: "default",
    taskQueue: "q",
    dataConverter: defaultDataConverter,
    interceptors: [],
    decodesHeaders: false,
    logger: silentLogger,
    metricMeter: noopMetricMeter,
    client: undefined,
    workerShutdownSignal: new AbortController().signal,
    ...changes,
    clock: new VirtualClock(1_000_000),
  };
}

/** A task for an activity of a workflow. */
export function createTestTask(
  activityType: string,
  args: readonly unknown[] = [],
  changes: Partial<ActivityTask> = {},
): ActivityTask {
  return {
    taskToken: new Uint8Array([1]),
    activityId: "1",
    activityType,
    attempt: 1,
    input: defaultDataConverter.payloadConverter.toPayloads(args),
    headers: {},
    heartbeatDetails: [],
    isLocal: false,
    scheduledTimeMs: 1_000_000,
    currentAttemptScheduledTimeMs: 1_000_000,
    startedTimeMs: 1_000_000,
    scheduleToCloseTimeoutMs: undefined,
    startToCloseTimeoutMs: 5_000,
    heartbeatTimeoutMs: undefined,
    retryPolicy: undefined,
    priority: undefined,
    workflow: { namespace: "default", workflowId: "w", runId: "r", workflowType: "W" },
    activityRunId: undefined,
    ...changes,
  };
}

/** Lets promises settle. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
