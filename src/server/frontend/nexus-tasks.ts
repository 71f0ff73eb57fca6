import { PollNexusTaskQueueResponse, WorkflowService } from "../../proto/gen/workflowservice.ts";
import type { Services } from "../services.ts";
import { serveBytes, type CallRow } from "./calls.ts";
import { toPoll } from "./polling.ts";
import { limitLength, requireNamespace, requireTaskQueue } from "./requests.ts";

const noTask = PollNexusTaskQueueResponse.encode({});

/**
 * Polls of workers that serve Nexus operations. Nothing makes such tasks here as long as there are no Nexus endpoints, yet
 * a worker must be able to wait for them: one whose polls are refused does not run well, nor stop.
 */
export function nexusTaskCalls(services: Services): readonly CallRow[] {
  return [
    serveBytes(WorkflowService.methods.PollNexusTaskQueue, async (request, call) => {
      const queue = requireTaskQueue(services, request.taskQueue);
      limitLength(services, request.identity, "Identity length exceeds limit.");
      const namespace = requireNamespace(services, request.namespace);
      const { identity, workerInstanceKey } = request;
      await services.matching.poll(
        { namespaceId: namespace.id, type: "nexus", name: queue.name },
        toPoll(services, call, { identity, workerInstanceKey }),
        () => undefined,
      );
      return noTask;
    }),
  ];
}
