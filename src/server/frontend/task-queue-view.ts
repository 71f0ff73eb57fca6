import { toTimestamp } from "../../core/execution/duration.ts";
import { oldVersionText, parseVersion } from "../../core/execution/versioning/version-text.ts";
import { WorkerVersionCapabilities } from "../../proto/gen/common.ts";
import { WorkerDeploymentOptions } from "../../proto/gen/deployment.ts";
import { BuildIdTaskReachability, RateLimitSource, TaskQueueType } from "../../proto/gen/enums.ts";
import type {
  PollerInfo,
  TaskQueueTypeInfo,
  TaskQueueVersionInfo,
  TaskQueueVersioningInfo,
} from "../../proto/gen/taskqueue.ts";
import type { DescribeTaskQueueRequest, DescribeTaskQueueResponse } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { TaskQueueAddress } from "../matching/matching.ts";
import type { PollerInfo as LoggedPoller } from "../matching/poller-log.ts";
import type { TaskQueue } from "../matching/task-queue.ts";
import type { Task } from "../matching/task.ts";
import type { Services } from "../services.ts";
import { totalStats, totalStatsByPriority } from "./task-queue-stats.ts";

// What the service reports for a queue without a limit.
const RATE_UNLIMITED = 100_000;

/** A queue of one type, all versions of its workers together. */
export function describeQueue(
  { clock, deployments, matching, queueConfigs }: Services,
  address: TaskQueueAddress,
  request: DescribeTaskQueueRequest,
): Init<DescribeTaskQueueResponse> {
  const queues = matching.all(address);
  const nowMs = clock.now();
  const fixedRate = queueConfigs.find(address)?.queueRateLimit?.rateLimit?.requestsPerSecond;
  const askedRate = queues.find(({ ratePerSecond }) => ratePerSecond !== undefined)?.ratePerSecond;
  const ratePerSecond = fixedRate ?? askedRate ?? RATE_UNLIMITED;
  const { API, WORKER, SYSTEM } = RateLimitSource;
  return {
    pollers: pollersOf(queues, nowMs),
    versioningInfo: toVersioningInfo(deployments, address),
    effectiveRateLimit: {
      requestsPerSecond: ratePerSecond,
      rateLimitSource: fixedRate !== undefined ? API : askedRate !== undefined ? WORKER : SYSTEM,
    },
    ...(request.includeTaskQueueStatus
      ? { taskQueueStatus: { backlogCountHint: backlogOf(queues), ratePerSecond } }
      : {}),
    ...(request.reportConfig ? { config: queueConfigs.find(address) } : {}),
    ...(request.reportStats
      ? { stats: totalStats(queues, nowMs), statsByPriorityKey: totalStatsByPriority(queues, nowMs) }
      : {}),
  };
}

function backlogOf(queues: readonly TaskQueue<Task>[]): number {
  return queues.reduce((sum, { backlog }) => sum + backlog.size, 0);
}

function pollersOf(queues: readonly TaskQueue<Task>[], nowMs: number): Init<PollerInfo>[] {
  return queues.flatMap(({ pollers }) => pollers.recent(nowMs).map((poller) => toPollerInfo(poller)));
}

function toPollerInfo(poller: LoggedPoller): Init<PollerInfo> {
  const { identity, lastAccessMs, ratePerSecond, deploymentOptions, versionCapabilities } = poller;
  return {
    identity,
    lastAccessTime: toTimestamp(lastAccessMs),
    ratePerSecond: ratePerSecond ?? RATE_UNLIMITED,
    ...(deploymentOptions === undefined
      ? {}
      : { deploymentOptions: WorkerDeploymentOptions.decode(deploymentOptions) }),
    ...(versionCapabilities === undefined
      ? {}
      : { workerVersionCapabilities: WorkerVersionCapabilities.decode(versionCapabilities) }),
  };
}

function toVersioningInfo(
  deployments: Services["deployments"],
  address: TaskQueueAddress,
): Init<TaskQueueVersioningInfo> {
  const { current, ramping, changedMs } = deployments.routing(address);
  return {
    currentDeploymentVersion: current.version,
    currentVersion: oldVersionText(current.version),
    ...(ramping === undefined
      ? {}
      : {
          rampingDeploymentVersion: ramping.version,
          rampingVersion: oldVersionText(ramping.version),
          rampingVersionPercentage: ramping.percentage,
        }),
    ...(changedMs === 0 ? {} : { updateTime: toTimestamp(changedMs) }),
  };
}

const typeNames = new Map<number, TaskQueueAddress["type"]>([
  [TaskQueueType.WORKFLOW, "workflow"],
  [TaskQueueType.ACTIVITY, "activity"],
  [TaskQueueType.NEXUS, "nexus"],
]);

/** A queue by versions of its workers; a build id is a version as one text, and an empty one means workers without. */
export function describeVersions(
  { clock, deployments, matching }: Services,
  namespaceId: string,
  name: string,
  request: DescribeTaskQueueRequest,
): Init<DescribeTaskQueueResponse> {
  const nowMs = clock.now();
  const { versions, taskQueueTypes } = request;
  const types = taskQueueTypes.length > 0 ? taskQueueTypes : [TaskQueueType.WORKFLOW, TaskQueueType.ACTIVITY];
  const buildIds = new Set(versions === undefined ? [""] : versions.buildIds);
  if (versions?.unversioned === true) buildIds.add("");
  const { current } = deployments.routing({ namespaceId, type: "workflow", name });
  const versionsInfo: Record<string, Init<TaskQueueVersionInfo>> = {};
  for (const buildId of buildIds) {
    const version = buildId === "" ? undefined : parseVersion(buildId);
    const isKnown = buildId === "" || version !== undefined;
    const typesInfo: Record<number, Init<TaskQueueTypeInfo>> = {};
    for (const code of types) {
      const type = typeNames.get(code);
      if (type === undefined) continue;
      const queue = isKnown ? matching.find({ namespaceId, type, name }, version) : undefined;
      const queues = queue === undefined ? [] : [queue];
      typesInfo[code] = {
        ...(request.reportPollers ? { pollers: pollersOf(queues, nowMs) } : {}),
        ...(request.reportStats ? { stats: totalStats(queues, nowMs) } : {}),
      };
    }
    const { REACHABLE, UNREACHABLE, UNSPECIFIED } = BuildIdTaskReachability;
    const reachable = isKnown && oldVersionText(version) === oldVersionText(current.version);
    versionsInfo[buildId] = {
      typesInfo,
      taskReachability: request.reportTaskReachability ? (reachable ? REACHABLE : UNREACHABLE) : UNSPECIFIED,
    };
  }
  return { versionsInfo };
}
