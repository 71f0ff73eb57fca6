import type { RPCError } from "../../rpc/rpc-error.ts";
import { notFound, workflowAlreadyStarted } from "../failures.ts";

/** There is no schedule with this id. */
export function scheduleNotFound(): RPCError {
  return notFound("schedule not found");
}

/** The schedule's id is taken. Clients know that by the detail of a workflow that is started twice. */
export function alreadyRegistered(scheduleId: string): RPCError {
  return workflowAlreadyStarted(`schedule ${JSON.stringify(scheduleId)} is already registered`, {
    startRequestId: "",
    runId: "",
    firstExecutionRunId: "",
  });
}
