import { DescribeTaskQueueMode, TaskQueueType as QueueTypes } from "../../proto/gen/enums.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { requireNamespace, requireTaskQueue } from "./requests.ts";
import { updateQueueConfig } from "./task-queue-config.ts";
import { describeQueue, describeVersions } from "./task-queue-view.ts";

/** Looking at task queues, and setting their limits. */
export function taskQueueCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.DescribeTaskQueue, (request) => {
      const { name } = requireTaskQueue(services, request.taskQueue);
      const { id: namespaceId } = requireNamespace(services, request.namespace);
      if (request.apiMode === DescribeTaskQueueMode.ENHANCED)
        return describeVersions(services, namespaceId, name, request);
      const type = request.taskQueueType === QueueTypes.ACTIVITY ? "activity" : "workflow";
      return describeQueue(services, { namespaceId, type, name }, request);
    }),
    serve(methods.UpdateTaskQueueConfig, (request) => updateQueueConfig(services, request)),
    serve(methods.ListTaskQueuePartitions, (request) => {
      const { name } = requireTaskQueue(services, request.taskQueue);
      const partition = { key: name, ownerHostName: "embedded" };
      return { activityTaskQueuePartitions: [partition], workflowTaskQueuePartitions: [partition] };
    }),
  ];
}
