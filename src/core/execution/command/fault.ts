import type { WorkflowTaskFailedCause } from "../../../proto/gen/enums.ts";

/** Why a command cannot be carried out, and its workflow task fails. */
export interface CommandFault {
  readonly cause: WorkflowTaskFailedCause;
  /** In the service's words; absent where the cause says it all. */
  readonly message?: string;
  /** Trying again would not help: the run is terminated. */
  readonly terminates?: true;
}

/** A fault that the workflow's code may have mended by the next attempt. */
export function fault(cause: WorkflowTaskFailedCause, message?: string): CommandFault {
  return message === undefined ? { cause } : { cause, message };
}

/** A fault that ends the run. */
export function fatalFault(cause: WorkflowTaskFailedCause, message: string): CommandFault {
  return { cause, message, terminates: true };
}
