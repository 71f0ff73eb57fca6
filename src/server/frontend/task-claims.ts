import { invalidArgument, notFound } from "../failures.ts";
import type { Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import {
  decodeTaskToken,
  type ActivityTaskClaim,
  type ClaimOf,
  type TokenUse,
  type WorkflowTaskClaim,
} from "./task-token.ts";

/** Reads the token of a request and checks that it is of the request's namespace. */
export function requireClaim<Use extends TokenUse>(
  services: Services,
  use: Use,
  token: Uint8Array,
  namespace: string,
): ClaimOf<Use> {
  // The service looks at the namespace of the request before it looks at the token.
  if (namespace !== "") services.namespaces.get(namespace);
  if (token.length === 0) throw invalidArgument("Task token not set on request.");
  const claim = decodeTaskToken(use, token);
  if (claim === undefined) throw invalidArgument("Error deserializing task token.");
  if (claim.namespaceId === "") throw invalidArgument("Namespace not set on request.");
  const { name } = services.namespaces.getById(claim.namespaceId);
  if (namespace !== "" && namespace !== name) {
    throw invalidArgument("Operation requested with a token from a different namespace.");
  }
  return claim;
}

/** The run that a claim is about. */
export function requireClaimedRun({ engine }: Services, claim: WorkflowTaskClaim | ActivityTaskClaim): Run {
  const { namespaceId, workflowId, runId, runKey } = claim;
  const run = runKey === undefined ? engine.find(namespaceId, workflowId, runId) : engine.load(runKey);
  // Keys are small numbers: the rest of the token must fit as well.
  if (run !== undefined && run.runId === runId && run.namespaceId === namespaceId) return run;
  throw notFound(`workflow execution not found for workflow ID "${workflowId}" and run ID "${runId}"`);
}
