import { Outcome } from "../../../proto/gen/update.ts";

function failureOutcome(type: string, message: string): Outcome {
  const failureInfo = {
    case: "applicationFailureInfo",
    value: { type, nonRetryable: true },
  } as const;
  return Outcome.create({
    value: { case: "failure", value: { message, source: "Server", failureInfo } },
  });
}

/** The outcome of an update that a run took on but did not finish before it closed. */
export const UNFINISHED_OUTCOME: Outcome = failureOutcome(
  "AcceptedUpdateCompletedWorkflow",
  "Workflow Update failed because the Workflow completed before the Update completed.",
);

/** The outcome of an update that a worker does not know. */
export const UNPROCESSED_OUTCOME: Outcome = failureOutcome(
  "UnprocessedUpdate",
  "Workflow Update is rejected because it wasn't processed by worker. Probably, Workflow Update is not supported by the worker.",
);
