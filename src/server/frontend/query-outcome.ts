import { QueryResultType } from "../../proto/gen/enums.ts";
import type { WorkflowQueryResult } from "../../proto/gen/query.ts";
import type { RespondQueryTaskCompletedRequest } from "../../proto/gen/workflowservice.ts";
import type { QueryOutcome } from "../history/queries.ts";
import type { Services } from "../services.ts";
import { BLOB_TOO_LARGE, isTooLarge } from "./blob-size.ts";

/** What the answers that came with a workflow task make of their queries, by id. */
export function bufferedOutcomes(
  services: Services,
  results: Readonly<Record<string, WorkflowQueryResult>>,
): Record<string, QueryOutcome> {
  return Object.fromEntries(
    Object.entries(results).map(([id, { resultType, answer, errorMessage: message, failure }]) => {
      if (isTooLarge(services, answer)) return [id, { kind: "tooLarge" }];
      if (resultType === QueryResultType.ANSWERED) return [id, { kind: "answered", result: answer }];
      return [id, { kind: "failed", message, failure }];
    }),
  );
}

/** What the answer to a query that a worker was asked directly makes of it. */
export function directOutcome(services: Services, request: RespondQueryTaskCompletedRequest): QueryOutcome {
  const { completedType, queryResult: result, errorMessage: message, failure } = request;
  if (isTooLarge(services, result)) return { kind: "failed", message: BLOB_TOO_LARGE, failure: undefined };
  return completedType === QueryResultType.ANSWERED
    ? { kind: "answered", result }
    : { kind: "failed", message, failure };
}
