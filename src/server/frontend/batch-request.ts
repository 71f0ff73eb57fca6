import { ExecutionType, ExecutionType$names, ResetType } from "../../proto/gen/enums.ts";
import type { StartBatchOperationRequest } from "../../proto/gen/workflowservice.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import { parseListFilter } from "../visibility/list-filter.ts";
import { invalidArgument } from "../failures.ts";

/** Refuses a batch operation that does not say what to do with which runs. */
export function checkBatchOperation(
  request: StartBatchOperationRequest,
  searchAttributes: Namespace["searchAttributes"],
): void {
  const { executions, targetExecutions, visibilityQuery, operation, reason, jobId } = request;
  const selectors = [visibilityQuery !== "", executions.length > 0, targetExecutions.length > 0];
  const selectorCount = selectors.filter(Boolean).length;
  if (operation === undefined || reason === "" || selectorCount === 0)
    throw invalidArgument(
      "must provide required parameters: BatchType,Reason,Namespace, AND one of (Query OR Executions OR TargetExecutions)",
    );
  if (jobId === "") throw invalidArgument("JobId is not set on request.");
  if (selectorCount > 1)
    throw invalidArgument("visibility query, executions, and target executions are mutually exclusive");
  targetExecutions.forEach(({ type }, index) => {
    if (type !== ExecutionType.WORKFLOW)
      throw invalidArgument(
        `target_executions[${index}] has type ${ExecutionType$names[type] ?? String(type)}, but the operation requires workflows`,
      );
  });
  if (visibilityQuery !== "") parseListFilter(visibilityQuery, searchAttributes);
  checkOperation(operation);
}

function checkOperation(operation: NonNullable<StartBatchOperationRequest["operation"]>): void {
  switch (operation.case) {
    case "signalOperation":
      if (operation.value.signal === "") throw invalidArgument("must provide signal name");
      return;
    case "updateWorkflowOptionsOperation":
      if (operation.value.workflowExecutionOptions === undefined) throw invalidArgument("must provide UpdateOptions");
      if (operation.value.updateMask === undefined) throw invalidArgument("must provide UpdateMask");
      return;
    case "resetOperation": {
      const { options, resetType } = operation.value;
      if (options?.target?.case === "buildId")
        throw invalidArgument("batch reset to a build ID is not supported: name a workflow task");
      if (options !== undefined && options.target === undefined) throw invalidArgument("batch reset missing target");
      if (options === undefined && resetType === ResetType.UNSPECIFIED)
        throw invalidArgument("unknown batch reset type Unspecified");
      return;
    }
    case "unpauseActivitiesOperation":
      if (operation.value.activity === undefined) throw invalidArgument("activity filter must be set");
      return checkActivity(operation.value.activity);
    case "resetActivitiesOperation":
      if (operation.value.activity === undefined) throw invalidArgument("must provide ActivityType or MatchAll");
      return checkActivity(operation.value.activity);
    case "updateActivityOptionsOperation": {
      const { activity, activityOptions, restoreOriginal } = operation.value;
      if (activityOptions !== undefined && restoreOriginal)
        throw invalidArgument("cannot set both activity options and restore original");
      if (activityOptions === undefined && !restoreOriginal)
        throw invalidArgument("Either activity type must be set, or restore original should be set to true");
      if (activity !== undefined) checkActivity(activity);
      return;
    }
    case "cancelActivitiesOperation":
    case "terminateActivitiesOperation":
    case "deleteActivitiesOperation":
      throw invalidArgument(`The operation type ${operation.case} is not supported for this namespace`);
    case "terminationOperation":
    case "cancellationOperation":
    case "deletionOperation":
  }
}

function checkActivity(
  activity: { readonly case: "type"; readonly value: string } | { readonly case: "matchAll"; readonly value: boolean },
): void {
  if (!activity.value) throw invalidArgument("Either activity type must be set, or match all should be set to true");
}
