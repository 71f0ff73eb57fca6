import { type WorkflowTaskFailedCause, WorkflowTaskFailedCause$names } from "../../../proto/gen/enums.ts";
import { pascalCase } from "../../schedule/retry.ts";

/** The service's name of a cause in messages, such as `UnhandledCommand`. */
export function causeName(cause: WorkflowTaskFailedCause): string {
  const name = WorkflowTaskFailedCause$names[cause] ?? "";
  return pascalCase(name.replace("WORKFLOW_TASK_FAILED_CAUSE_", ""));
}
