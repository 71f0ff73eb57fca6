import { TaskQueueType as QueueTypes } from "../../proto/gen/enums.ts";
import type { WorkerHeartbeat } from "../../proto/gen/worker.ts";
import { WorkflowService, type ShutdownWorkerRequest } from "../../proto/gen/workflowservice.ts";
import { notFound } from "../failures.ts";
import type { TaskQueueType } from "../matching/task.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { requireNamespace } from "./requests.ts";
import { filterWorkers, listWorkers } from "./worker-list.ts";

const queueTypes = new Map<number, TaskQueueType>([
  [QueueTypes.WORKFLOW, "workflow"],
  [QueueTypes.ACTIVITY, "activity"],
  [QueueTypes.NEXUS, "nexus"],
]);

/** Worker processes: what they report, and their end. */
export function workerCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  const { clock, workers } = services;
  return [
    serve(methods.RecordWorkerHeartbeat, (request) => {
      const namespace = requireNamespace(services, request.namespace);
      for (const heartbeat of request.workerHeartbeat) record(services, namespace, heartbeat);
      return {};
    }),
    serve(methods.ShutdownWorker, (request) => {
      shutDown(services, requireNamespace(services, request.namespace), request);
      return {};
    }),
    serve(methods.DescribeWorker, (request) => {
      const namespace = requireNamespace(services, request.namespace);
      const worker = workers.find(namespace.id, request.workerInstanceKey);
      if (worker === undefined) throw notFound(`Worker ${request.workerInstanceKey} not found`);
      return { workerInfo: { workerHeartbeat: worker.heartbeat } };
    }),
    serve(methods.ListWorkers, (request) => {
      const namespace = requireNamespace(services, request.namespace);
      return listWorkers(workers.list(namespace.id, clock.now()), request);
    }),
    serve(methods.CountWorkers, (request) => {
      const namespace = requireNamespace(services, request.namespace);
      const known = workers.list(namespace.id, clock.now());
      return { count: filterWorkers(known, request.query).length };
    }),
  ];
}

function record({ clock, workers }: Services, { id }: Namespace, heartbeat: WorkerHeartbeat): void {
  workers.record({ namespaceId: id, heartbeat, seenMs: clock.now() });
}

/** Ends the polls of a worker, so that no task goes to a process that is on its way out. */
function shutDown(services: Services, namespace: Namespace, request: ShutdownWorkerRequest): void {
  const { matching, settings } = services;
  const { stickyTaskQueue, taskQueue, taskQueueTypes, workerInstanceKey, workerHeartbeat } = request;
  if (workerHeartbeat !== undefined) record(services, namespace, workerHeartbeat);
  if (stickyTaskQueue !== "") {
    matching.release({ namespaceId: namespace.id, type: "workflow", name: stickyTaskQueue });
  }
  if (!settings.cancelPollsOnShutdown || taskQueue === "" || workerInstanceKey === "") return;
  const types = taskQueueTypes.length === 0 ? [...queueTypes.keys()] : taskQueueTypes;
  const addresses = types.flatMap((queueType) => {
    const type = queueTypes.get(queueType);
    return type === undefined ? [] : [{ namespaceId: namespace.id, type, name: taskQueue }];
  });
  matching.endWorker(workerInstanceKey, addresses);
}
