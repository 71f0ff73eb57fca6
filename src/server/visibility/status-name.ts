import { WorkflowExecutionStatus, WorkflowExecutionStatus$names } from "../../proto/gen/enums.ts";
import type { StatusNames } from "./vocabulary.ts";

/** Names of a status enum: full ones such as "WORKFLOW_EXECUTION_STATUS_TIMED_OUT", and "TimedOut" for short. */
export function namesOf(
  statuses: Readonly<Record<string, number>>,
  fullNames: Readonly<Record<number, string>>,
): StatusNames {
  const shortNames = new Map(Object.entries(statuses).map(([name, status]) => [status, toShortName(name)]));
  const byName = new Map(
    [...shortNames].flatMap(([status, shortName]) => [
      [shortName, status] as const,
      [fullNames[status] ?? shortName, status] as const,
    ]),
  );
  return {
    ofName: (name) => byName.get(name),
    isStatus: (status) => shortNames.has(status),
    nameOf: (status) => shortNames.get(status) ?? "Unspecified",
  };
}

/** Names of the statuses of workflows. */
export const workflowStatuses: StatusNames = namesOf(WorkflowExecutionStatus, WorkflowExecutionStatus$names);

function toShortName(name: string): string {
  return name
    .split("_")
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join("");
}
