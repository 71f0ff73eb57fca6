import { WorkflowExecutionStatus, WorkflowExecutionStatus$names } from "../../proto/gen/enums.ts";

const shortNames = new Map(
  Object.entries(WorkflowExecutionStatus).map(([name, status]) => [status, toShortName(name)]),
);
const statuses = new Map(
  [...shortNames].flatMap(([status, shortName]) => [
    [shortName, status] as const,
    [WorkflowExecutionStatus$names[status] ?? shortName, status] as const,
  ]),
);

/** The status with this name, full or short, such as "TimedOut"; `undefined` if there is none. */
export function statusOfName(name: string): WorkflowExecutionStatus | undefined {
  return statuses.get(name);
}

/** The name that clients show, such as "TimedOut" for `TIMED_OUT`. */
export function shortNameOf(status: WorkflowExecutionStatus): string {
  return shortNames.get(status) ?? "Unspecified";
}

function toShortName(name: string): string {
  return name
    .split("_")
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join("");
}
