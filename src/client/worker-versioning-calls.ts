import type { UpdateWorkerBuildIdCompatibilityRequest } from "../proto/gen/workflowservice.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { Init } from "../proto/message.ts";
import type { CallsContext } from "./calls-context.ts";
import type {
  GetWorkerBuildIdCompatibilityInput,
  GetWorkerTaskReachabilityInput,
  UpdateWorkerBuildIdCompatibilityInput,
} from "./worker-versioning-inputs.ts";
import type { BuildIdOp, WorkerBuildIdVersionSets, WorkerTaskReachability } from "./worker-versioning.ts";
import { toReachability, toReachabilityCode, toVersionSets } from "./worker-versioning.ts";

const { methods } = WorkflowService;

/** Changes a task queue's sets of compatible builds. */
export async function updateWorkerBuildIdCompatibility(
  { connection, namespace }: CallsContext,
  { taskQueue, operation, call }: UpdateWorkerBuildIdCompatibilityInput,
): Promise<void> {
  const request = { namespace, taskQueue, operation: toOperation(operation) };
  await connection.call(methods.UpdateWorkerBuildIdCompatibility, request, { ...call, retry: true });
}

/** A task queue's sets of compatible builds. */
export async function getWorkerBuildIdCompatibility(
  { connection, namespace }: CallsContext,
  { taskQueue, maxSets = 0, call }: GetWorkerBuildIdCompatibilityInput,
): Promise<WorkerBuildIdVersionSets> {
  const request = { namespace, taskQueue, maxSets };
  return toVersionSets(await connection.call(methods.GetWorkerBuildIdCompatibility, request, { ...call, retry: true }));
}

/** Which builds can still be reached by tasks. */
export async function getWorkerTaskReachability(
  { connection, namespace }: CallsContext,
  { buildIds, taskQueues, reachability, call }: GetWorkerTaskReachabilityInput,
): Promise<WorkerTaskReachability> {
  const request = {
    namespace,
    buildIds: [...buildIds],
    taskQueues: [...taskQueues],
    reachability: toReachabilityCode(reachability),
  };
  return toReachability(await connection.call(methods.GetWorkerTaskReachability, request, { ...call, retry: true }));
}

type OperationMessage = NonNullable<Init<UpdateWorkerBuildIdCompatibilityRequest>["operation"]>;

function toOperation(operation: BuildIdOp): OperationMessage {
  switch (operation.kind) {
    case "addNewDefault":
      return { case: "addNewBuildIdInNewDefaultSet", value: operation.buildId };
    case "addNewCompatible": {
      const { buildId: newBuildId, existingCompatibleBuildId, promoteSet: makeSetDefault = false } = operation;
      return { case: "addNewCompatibleBuildId", value: { newBuildId, existingCompatibleBuildId, makeSetDefault } };
    }
    case "promoteSetByBuildId":
      return { case: "promoteSetByBuildId", value: operation.buildId };
    case "promoteBuildIdWithinSet":
      return { case: "promoteBuildIdWithinSet", value: operation.buildId };
    case "mergeSets": {
      const { primaryBuildId: primarySetBuildId, secondaryBuildId: secondarySetBuildId } = operation;
      return { case: "mergeSets", value: { primarySetBuildId, secondarySetBuildId } };
    }
  }
}
