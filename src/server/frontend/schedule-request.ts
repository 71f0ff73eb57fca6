import { canonicalSpec } from "../../core/schedule/spec-canonical.ts";
import { completeSchedule, type CompleteSchedule } from "../../core/schedule/schedule-state.ts";
import { WorkflowIdReusePolicy } from "../../proto/gen/enums.ts";
import { ScheduleSpec, type Schedule, type SchedulePatch } from "../../proto/gen/schedule.ts";
import type { NewWorkflowExecutionInfo } from "../../proto/gen/workflow.ts";
import { StartWorkflowExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { invalidArgument } from "../failures.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { isLongerThan } from "./requests.ts";
import { checkSearchAttributes, checkStartSizes, checkWorkflowId, prepareStart } from "./start-request.ts";

const NOTES_MAX_BYTES = 1000;
// What a schedule's start adds to the workflow id, and what the service puts before a schedule's.
const APPENDED_TIME = "-2009-11-10T23:00:00Z";
const ID_PREFIX = "temporal-sys-scheduler:";

/** Checks the id of a schedule that is to be made. */
export function checkScheduleId(services: Services, scheduleId: string): void {
  if (scheduleId === "") throw invalidArgument("ScheduleId is not set on request.");
  checkWorkflowId(services, ID_PREFIX + scheduleId);
}

/**
 * Checks a schedule and sets what it leaves to the server.
 *
 * @throws {RPCError} `INVALID_ARGUMENT`, in the service's words.
 */
export function prepareSchedule(
  services: Services,
  namespace: Namespace,
  schedule: Schedule | undefined,
): CompleteSchedule {
  const spec = prepareSpec(schedule?.spec ?? ScheduleSpec.create());
  const action = schedule?.action?.action?.value;
  return completeSchedule({
    spec,
    // As in the service, a schedule without an action is taken: when its time comes, it does nothing.
    action:
      action === undefined
        ? undefined
        : { action: { case: "startWorkflow", value: prepareAction(services, namespace, action) } },
    policies: schedule?.policies,
    state: schedule?.state,
  });
}

function prepareSpec(spec: ScheduleSpec): ScheduleSpec {
  try {
    return canonicalSpec(spec);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalidArgument(`Invalid schedule spec: ${error.message}`);
  }
}

function prepareAction(
  services: Services,
  namespace: Namespace,
  action: NewWorkflowExecutionInfo,
): NewWorkflowExecutionInfo {
  const { cronSchedule, workflowIdReusePolicy: reuse, searchAttributes, input, memo } = action;
  if (cronSchedule !== "") throw invalidArgument("Scheduled workflow must not contain CronSchedule");
  if (reuse !== WorkflowIdReusePolicy.UNSPECIFIED && reuse !== WorkflowIdReusePolicy.ALLOW_DUPLICATE) {
    throw invalidArgument("Scheduled workflow must not contain WorkflowIDReusePolicy");
  }
  const { taskQueue } = prepareStart(
    services,
    StartWorkflowExecutionRequest.create({
      workflowId: action.workflowId + APPENDED_TIME,
      workflowType: action.workflowType,
      taskQueue: action.taskQueue,
      workflowExecutionTimeout: action.workflowExecutionTimeout,
      workflowRunTimeout: action.workflowRunTimeout,
      workflowTaskTimeout: action.workflowTaskTimeout,
      retryPolicy: action.retryPolicy,
      priority: action.priority,
    }),
  );
  checkSearchAttributes(namespace, searchAttributes);
  checkStartSizes(services, { input, memo });
  // As in the service, the retry policy stays as it came, so that it is described as it was given: its runs fill it in.
  return { ...action, taskQueue };
}

/** Checks what is asked of a schedule besides a new definition. */
export function checkPatch({ pause, unpause }: SchedulePatch): void {
  if (isLongerThan(pause, NOTES_MAX_BYTES) || isLongerThan(unpause, NOTES_MAX_BYTES)) {
    throw invalidArgument("Schedule notes exceeds limit.");
  }
}
