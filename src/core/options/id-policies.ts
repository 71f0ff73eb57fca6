import { enumNames } from "./enum-names.ts";
import {
  ActivityIdConflictPolicy as ActivityIdConflictPolicyCode,
  ActivityIdReusePolicy as ActivityIdReusePolicyCode,
  WorkflowIdConflictPolicy as WorkflowIdConflictPolicyCode,
  WorkflowIdReusePolicy as WorkflowIdReusePolicyCode,
} from "../../proto/gen/enums.ts";

/** What becomes of a start under the id of a workflow that has closed. `terminateIfRunning` is superseded by the conflict policy. */
export const WorkflowIDReusePolicy = {
  unspecified: "unspecified",
  allowDuplicate: "allowDuplicate",
  allowDuplicateFailedOnly: "allowDuplicateFailedOnly",
  rejectDuplicate: "rejectDuplicate",
  terminateIfRunning: "terminateIfRunning",
} as const;
export type WorkflowIDReusePolicy = keyof typeof WorkflowIDReusePolicy;

const workflowReuseCodes = enumNames(WorkflowIDReusePolicy, WorkflowIdReusePolicyCode);

/** The number of `temporal.api.enums.v1.WorkflowIdReusePolicy`. */
export function toWorkflowIDReuseCode(policy: WorkflowIDReusePolicy): WorkflowIdReusePolicyCode {
  return workflowReuseCodes.toCode(policy);
}

/** What becomes of a start under the id of a workflow that runs. */
export const WorkflowIDConflictPolicy = {
  unspecified: "unspecified",
  fail: "fail",
  useExisting: "useExisting",
  terminateExisting: "terminateExisting",
} as const;
export type WorkflowIDConflictPolicy = keyof typeof WorkflowIDConflictPolicy;

const workflowConflictCodes = enumNames(WorkflowIDConflictPolicy, WorkflowIdConflictPolicyCode);

/** The number of `temporal.api.enums.v1.WorkflowIdConflictPolicy`. */
export function toWorkflowIDConflictCode(policy: WorkflowIDConflictPolicy): WorkflowIdConflictPolicyCode {
  return workflowConflictCodes.toCode(policy);
}

/** What becomes of the start of an activity under the id of one that has closed. */
export const ActivityIDReusePolicy = {
  unspecified: "unspecified",
  allowDuplicate: "allowDuplicate",
  allowDuplicateFailedOnly: "allowDuplicateFailedOnly",
  rejectDuplicate: "rejectDuplicate",
} as const;
export type ActivityIDReusePolicy = keyof typeof ActivityIDReusePolicy;

/** What becomes of the start of an activity under the id of one that runs. */
export const ActivityIDConflictPolicy = {
  unspecified: "unspecified",
  fail: "fail",
  useExisting: "useExisting",
} as const;
export type ActivityIDConflictPolicy = keyof typeof ActivityIDConflictPolicy;

const activityReuseCodes = enumNames(ActivityIDReusePolicy, ActivityIdReusePolicyCode);

/** The number of `temporal.api.enums.v1.ActivityIdReusePolicy`. */
export function toActivityIDReuseCode(policy: ActivityIDReusePolicy): ActivityIdReusePolicyCode {
  return activityReuseCodes.toCode(policy);
}

const activityConflictCodes = enumNames(ActivityIDConflictPolicy, ActivityIdConflictPolicyCode);

/** The number of `temporal.api.enums.v1.ActivityIdConflictPolicy`. */
export function toActivityIDConflictCode(policy: ActivityIDConflictPolicy): ActivityIdConflictPolicyCode {
  return activityConflictCodes.toCode(policy);
}
