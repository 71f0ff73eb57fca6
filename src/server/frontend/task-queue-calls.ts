import { toTimestamp } from "../../core/execution/duration.ts";
import { WorkerDeploymentOptions } from "../../proto/gen/deployment.ts";
import { TaskQueueType as QueueTypes } from "../../proto/gen/enums.ts";
import type { PollerInfo } from "../../proto/gen/taskqueue.ts";
import {
  WorkflowService,
  type DescribeTaskQueueRequest,
  type DescribeTaskQueueResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { PollerInfo as LoggedPoller } from "../matching/poller-log.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { requireNamespace, requireTaskQueue } from "./requests.ts";
import { toStats, toStatsByPriority } from "./task-queue-stats.ts";

// What the service reports for a queue without a limit.
const RATE_UNLIMITED = 100_000;

/** Looking at task queues. */
export function taskQueueCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.DescribeTaskQueue, (request) => describe(services, request)),
    serve(methods.ListTaskQueuePartitions, (request) => {
      const partition = { key: request.taskQueue?.name ?? "", ownerHostName: "embedded" };
      return { activityTaskQueuePartitions: [partition], workflowTaskQueuePartitions: [partition] };
    }),
  ];
}

function describe(services: Services, request: DescribeTaskQueueRequest): Init<DescribeTaskQueueResponse> {
  const { name } = requireTaskQueue(services, request.taskQueue);
  const namespace = requireNamespace(services, request.namespace);
  const type = request.taskQueueType === QueueTypes.ACTIVITY ? "activity" : "workflow";
  const queue = services.matching.find({ namespaceId: namespace.id, type, name });
  const nowMs = services.clock.now();
  const pollers = queue?.pollers.recent(nowMs) ?? [];
  return {
    pollers: pollers.map((poller) => toPollerInfo(poller)),
    ...(request.includeTaskQueueStatus
      ? {
          taskQueueStatus: {
            backlogCountHint: queue?.backlog.size ?? 0,
            ratePerSecond: queue?.ratePerSecond ?? RATE_UNLIMITED,
          },
        }
      : {}),
    ...(request.reportStats
      ? { stats: toStats(queue, nowMs), statsByPriorityKey: toStatsByPriority(queue, nowMs) }
      : {}),
  };
}

function toPollerInfo(poller: LoggedPoller): Init<PollerInfo> {
  const { identity, lastAccessMs, ratePerSecond, deploymentOptions } = poller;
  return {
    identity,
    lastAccessTime: toTimestamp(lastAccessMs),
    ratePerSecond: ratePerSecond ?? RATE_UNLIMITED,
    ...(deploymentOptions === undefined
      ? {}
      : { deploymentOptions: WorkerDeploymentOptions.decode(deploymentOptions) }),
  };
}
