import type { LogAttributes } from "../../core/telemetry/logger.ts";
import type { Run } from "./run.ts";

/** What names a workflow in a line of log that is not its own code's. */
export function attributesOf({ init }: Run): LogAttributes {
  const { workflowId, runId, workflowType } = init;
  return { workflowId, runId, workflowType };
}
