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

const workflowReuseCodes: Readonly<Record<WorkflowIDReusePolicy, WorkflowIdReusePolicyCode>> = {
  unspecified: WorkflowIdReusePolicyCode.UNSPECIFIED,
  allowDuplicate: WorkflowIdReusePolicyCode.ALLOW_DUPLICATE,
  allowDuplicateFailedOnly: WorkflowIdReusePolicyCode.ALLOW_DUPLICATE_FAILED_ONLY,
  rejectDuplicate: WorkflowIdReusePolicyCode.REJECT_DUPLICATE,
  terminateIfRunning: WorkflowIdReusePolicyCode.TERMINATE_IF_RUNNING,
};

/** The number of `temporal.api.enums.v1.WorkflowIdReusePolicy`. */
export function toWorkflowIDReuseCode(policy: WorkflowIDReusePolicy): WorkflowIdReusePolicyCode {
  return workflowReuseCodes[policy];
}

/** What becomes of a start under the id of a workflow that runs. */
export const WorkflowIDConflictPolicy = {
  unspecified: "unspecified",
  fail: "fail",
  useExisting: "useExisting",
  terminateExisting: "terminateExisting",
} as const;
export type WorkflowIDConflictPolicy = keyof typeof WorkflowIDConflictPolicy;

const workflowConflictCodes: Readonly<Record<WorkflowIDConflictPolicy, WorkflowIdConflictPolicyCode>> = {
  unspecified: WorkflowIdConflictPolicyCode.UNSPECIFIED,
  fail: WorkflowIdConflictPolicyCode.FAIL,
  useExisting: WorkflowIdConflictPolicyCode.USE_EXISTING,
  terminateExisting: WorkflowIdConflictPolicyCode.TERMINATE_EXISTING,
};

/** The number of `temporal.api.enums.v1.WorkflowIdConflictPolicy`. */
export function toWorkflowIDConflictCode(policy: WorkflowIDConflictPolicy): WorkflowIdConflictPolicyCode {
  return workflowConflictCodes[policy];
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

const activityReuseCodes: Readonly<Record<ActivityIDReusePolicy, ActivityIdReusePolicyCode>> = {
  unspecified: ActivityIdReusePolicyCode.UNSPECIFIED,
  allowDuplicate: ActivityIdReusePolicyCode.ALLOW_DUPLICATE,
  allowDuplicateFailedOnly: ActivityIdReusePolicyCode.ALLOW_DUPLICATE_FAILED_ONLY,
  rejectDuplicate: ActivityIdReusePolicyCode.REJECT_DUPLICATE,
};

/** The number of `temporal.api.enums.v1.ActivityIdReusePolicy`. */
export function toActivityIDReuseCode(policy: ActivityIDReusePolicy): ActivityIdReusePolicyCode {
  return activityReuseCodes[policy];
}

const activityConflictCodes: Readonly<Record<ActivityIDConflictPolicy, ActivityIdConflictPolicyCode>> = {
  unspecified: ActivityIdConflictPolicyCode.UNSPECIFIED,
  fail: ActivityIdConflictPolicyCode.FAIL,
  useExisting: ActivityIdConflictPolicyCode.USE_EXISTING,
};

/** The number of `temporal.api.enums.v1.ActivityIdConflictPolicy`. */
export function toActivityIDConflictCode(policy: ActivityIDConflictPolicy): ActivityIdConflictPolicyCode {
  return activityConflictCodes[policy];
}
