import { TaskReachability, WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import {
  WorkflowService,
  type GetWorkerTaskReachabilityRequest,
  type GetWorkerTaskReachabilityResponse,
  type UpdateWorkerBuildIdCompatibilityRequest,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import {
  addCompatible,
  addDefault,
  mergeSets,
  promoteBuild,
  promoteSet,
  type VersionSets,
} from "../deployments/version-sets.ts";
import { invalidArgument } from "../failures.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import type { VisibilityFilter } from "../store/store.ts";
import { serve, type CallRow } from "./calls.ts";
import { requireNamespace, requireTaskQueue } from "./requests.ts";
import { rulesNotAllowed, setsNotAllowed } from "./versioning-disabled.ts";

// As many builds as one question may be about.
const BUILDS_ASKED_MAX = 5;

/** Versioning by sets of compatible builds, where it is switched on. */
export function compatibleBuildCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  const { compatibleBuilds, settings } = services;
  // The service looks for the namespace before it looks at anything else.
  const requireEnabled = (namespace: string, refuse = setsNotAllowed): Namespace => {
    const found = requireNamespace(services, namespace);
    if (!settings.versioningData) throw refuse();
    return found;
  };
  return [
    serve(methods.UpdateWorkerBuildIdCompatibility, async (request) => {
      const { id: namespaceId } = requireEnabled(request.namespace);
      checkChange(request);
      const { name } = requireTaskQueue(services, { name: request.taskQueue, kind: 0, normalName: "" });
      const before = compatibleBuilds.find({ namespaceId, name });
      const sets = change(before, request.operation);
      if (sets !== before) await compatibleBuilds.put({ namespaceId, name }, sets);
      return {};
    }),
    serve(methods.GetWorkerBuildIdCompatibility, ({ namespace, taskQueue, maxSets }) => {
      const { id: namespaceId } = requireEnabled(namespace);
      const { name } = requireTaskQueue(services, { name: taskQueue, kind: 0, normalName: "" });
      const sets = compatibleBuilds.find({ namespaceId, name });
      return {
        majorVersionSets: sets.slice(maxSets > 0 ? -maxSets : 0).map(({ buildIds }) => ({ buildIds: [...buildIds] })),
      };
    }),
    serve(methods.GetWorkerTaskReachability, (request) => {
      requireEnabled(request.namespace, rulesNotAllowed);
      return reachability(services, request);
    }),
  ];
}

function checkChange({ taskQueue, operation }: UpdateWorkerBuildIdCompatibilityRequest): void {
  const missing = [
    ...(taskQueue === "" ? ["`task_queue` to be set"] : []),
    ...(operation === undefined ? ["an operation to be specified"] : []),
  ];
  if (missing.length > 0)
    throw invalidArgument(["request to update worker build ID compatability requires: ", ...missing].join(", "));
}

function change(sets: VersionSets, operation: UpdateWorkerBuildIdCompatibilityRequest["operation"]): VersionSets {
  switch (operation?.case) {
    case "addNewBuildIdInNewDefaultSet":
      return addDefault(sets, operation.value);
    case "addNewCompatibleBuildId": {
      const { newBuildId, existingCompatibleBuildId, makeSetDefault } = operation.value;
      return addCompatible(sets, newBuildId, existingCompatibleBuildId, makeSetDefault);
    }
    case "promoteSetByBuildId":
      return promoteSet(sets, operation.value);
    case "promoteBuildIdWithinSet":
      return promoteBuild(sets, operation.value);
    case "mergeSets":
      return mergeSets(sets, operation.value.primarySetBuildId, operation.value.secondarySetBuildId);
    case undefined:
      return sets;
  }
}

/** For each build, what tasks it may still get on which queues. */
function reachability(
  services: Services,
  request: GetWorkerTaskReachabilityRequest,
): Init<GetWorkerTaskReachabilityResponse> {
  const { buildIds, taskQueues } = request;
  if (buildIds.length === 0)
    throw invalidArgument("Must query at least one build ID (or empty string for unversioned worker)");
  if (buildIds.length > BUILDS_ASKED_MAX)
    throw invalidArgument(`Too many build ids queried at once, limit: ${BUILDS_ASKED_MAX}`);
  if (buildIds.includes("") && taskQueues.length === 0)
    throw invalidArgument(
      "Cannot get reachability of an unversioned worker without specifying at least one task queue (empty build ID is interpereted as unversioned)",
    );
  const { id } = requireNamespace(services, request.namespace);
  return {
    buildIdReachability: buildIds.map((buildId) => {
      const queues = taskQueues.length > 0 ? taskQueues : services.compatibleBuilds.queuesWith(id, buildId);
      return {
        buildId,
        taskQueueReachability: queues.map((taskQueue) => ({
          taskQueue,
          reachability: reachesOn(services, id, taskQueue, buildId, request.reachability),
        })),
      };
    }),
  };
}

function reachesOn(
  { compatibleBuilds, store }: Services,
  namespaceId: string,
  taskQueue: string,
  buildId: string,
  asked: TaskReachability,
): TaskReachability[] {
  const sets = compatibleBuilds.find({ namespaceId, name: taskQueue });
  const found: TaskReachability[] = [];
  const getsNew = buildId === "" ? sets.length === 0 : sets.at(-1)?.buildIds.at(-1) === buildId;
  if (getsNew) found.push(TaskReachability.NEW_WORKFLOWS);
  const onBuild = equal("BuildIds", buildId === "" ? "unversioned" : `versioned:${buildId}`);
  const status = { kind: "compare", field: { name: "status" }, value: WorkflowExecutionStatus.RUNNING } as const;
  const count = (where: VisibilityFilter): boolean =>
    store
      .countRuns({
        namespaceId,
        where: {
          kind: "and",
          parts: [{ kind: "compare", operator: "=", field: { name: "taskQueue" }, value: taskQueue }, onBuild, where],
        },
      })
      .some((group) => group.count > 0);
  const open = count({ ...status, operator: "=" });
  const closed = asked !== TaskReachability.OPEN_WORKFLOWS && count({ ...status, operator: "!=" });
  if (asked === TaskReachability.OPEN_WORKFLOWS && open) found.push(TaskReachability.OPEN_WORKFLOWS);
  else if (asked === TaskReachability.CLOSED_WORKFLOWS && closed) found.push(TaskReachability.CLOSED_WORKFLOWS);
  else if (asked !== TaskReachability.CLOSED_WORKFLOWS && (open || closed))
    found.push(TaskReachability.EXISTING_WORKFLOWS);
  return found;
}

function equal(attribute: string, value: string): VisibilityFilter {
  return { kind: "compare", operator: "=", field: { name: attribute, attribute: true }, value };
}
