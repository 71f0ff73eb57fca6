import { WorkflowService, type ResetWorkflowExecutionRequest } from "../../proto/gen/workflowservice.ts";
import type { BatchOperationReset } from "../../proto/gen/batch.ts";
import { ResetType } from "../../proto/gen/enums.ts";
import type { Init, Method } from "../../proto/message.ts";
import type { BatchRecord, BatchTarget } from "./batch-record.ts";

/** Makes one call of the service, as a client would. */
export type Invoke = (path: string, body: Uint8Array) => Promise<unknown>;

/** Which completed workflow task a run is to be reset to. */
export type FindResetPoint = (
  namespaceId: string,
  target: BatchTarget,
  at: "first" | "last" | { readonly eventId: number },
) => number;

/** Does to one run what a batch operation does to all. */
export async function carryOutStep(
  { namespaceId, request }: BatchRecord,
  workflowExecution: BatchTarget,
  invoke: Invoke,
  findResetPoint: FindResetPoint,
): Promise<void> {
  const { namespace, reason, operation } = request;
  const { methods } = WorkflowService;
  const call = <Request extends object, Response extends object>(
    { path, request: type }: Method<Request, Response>,
    message: Init<Request>,
  ): Promise<unknown> => invoke(path, type.encode(message));
  const execution = workflowExecution;
  switch (operation?.case) {
    case "terminationOperation":
      await call(methods.TerminateWorkflowExecution, { namespace, workflowExecution, reason, ...operation.value });
      return;
    case "signalOperation": {
      const { signal: signalName, input, header, identity } = operation.value;
      const message = { namespace, workflowExecution, signalName, input, header, identity };
      await call(methods.SignalWorkflowExecution, message);
      return;
    }
    case "cancellationOperation":
      await call(methods.RequestCancelWorkflowExecution, { namespace, workflowExecution, reason, ...operation.value });
      return;
    case "deletionOperation":
      await call(methods.DeleteWorkflowExecution, { namespace, workflowExecution });
      return;
    case "resetOperation":
      await call(methods.ResetWorkflowExecution, {
        namespace,
        workflowExecution,
        reason,
        ...toReset(operation.value, (at) => findResetPoint(namespaceId, workflowExecution, at)),
      });
      return;
    case "updateWorkflowOptionsOperation":
      await call(methods.UpdateWorkflowExecutionOptions, { namespace, workflowExecution, ...operation.value });
      return;
    case "unpauseActivitiesOperation": {
      const { activity, ...options } = operation.value;
      const selected = activity?.case === "matchAll" ? ({ case: "unpauseAll", value: true } as const) : activity;
      await call(methods.UnpauseActivity, { namespace, execution, ...options, activity: selected });
      return;
    }
    case "resetActivitiesOperation":
      await call(methods.ResetActivity, { namespace, execution, ...operation.value });
      return;
    case "updateActivityOptionsOperation":
      await call(methods.UpdateActivityOptions, { namespace, execution, ...operation.value });
      return;
    case "cancelActivitiesOperation":
    case "terminateActivitiesOperation":
    case "deleteActivitiesOperation":
    case undefined:
      throw new Error("Cannot carry out batch operation: it is none of workflows");
  }
}

type Reset = Pick<
  ResetWorkflowExecutionRequest,
  "workflowTaskFinishEventId" | "resetReapplyType" | "resetReapplyExcludeTypes" | "postResetOperations" | "identity"
>;

function toReset(reset: BatchOperationReset, find: (at: Parameters<FindResetPoint>[2]) => number): Reset {
  const { options, resetType, resetReapplyType, postResetOperations, identity } = reset;
  const asked = options?.target;
  const at =
    asked?.case === "workflowTaskId"
      ? { eventId: asked.value }
      : asked?.case === "firstWorkflowTask" || (asked === undefined && resetType === ResetType.FIRST_WORKFLOW_TASK)
        ? "first"
        : "last";
  return {
    workflowTaskFinishEventId: find(at),
    resetReapplyType: options?.resetReapplyType ?? resetReapplyType,
    resetReapplyExcludeTypes: options?.resetReapplyExcludeTypes ?? [],
    postResetOperations,
    identity,
  };
}
