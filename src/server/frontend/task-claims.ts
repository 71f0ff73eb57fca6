import { invalidArgument, notFound } from "../failures.ts";
import type { Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import {
  decodeTaskToken,
  type ActivityTaskClaim,
  type StandaloneActivityTaskClaim,
  type TaskClaim,
  type WorkflowTaskClaim,
} from "./task-token.ts";

/** Reads the token of an attempt of an activity, a workflow's or a standalone one. */
export function requireActivityClaim(
  services: Services,
  token: Uint8Array,
  namespace: string,
): ActivityTaskClaim | StandaloneActivityTaskClaim {
  const isStandalone = decodeTaskToken(token)?.kind === "standaloneActivity";
  return requireClaim(services, isStandalone ? "standaloneActivity" : "activity", token, namespace);
}

/** Reads the token of a request and checks that it is of the wanted sort and of the request's namespace. */
export function requireClaim<Kind extends TaskClaim["kind"]>(
  services: Services,
  kind: Kind,
  token: Uint8Array,
  namespace: string,
): Extract<TaskClaim, { kind: Kind }> {
  if (token.length === 0) throw invalidArgument("Task token not set on request.");
  const claim = decodeTaskToken(token);
  if (claim === undefined || claim.kind !== kind) {
    throw invalidArgument("Error deserializing task token.");
  }
  const { name } = services.namespaces.getById(claim.namespaceId);
  if (namespace !== "" && namespace !== name) {
    throw invalidArgument("Operation requested with a token from a different namespace.");
  }
  return claim as Extract<TaskClaim, { kind: Kind }>;
}

/** The run that a claim is about. */
export function requireClaimedRun({ engine }: Services, claim: WorkflowTaskClaim | ActivityTaskClaim): Run {
  const run = engine.load(claim.runKey);
  // Keys are small numbers: the rest of the token must fit as well.
  if (run !== undefined && run.runId === claim.runId && run.namespaceId === claim.namespaceId) return run;
  throw notFound(`workflow execution not found for workflow ID "${claim.workflowId}" and run ID "${claim.runId}"`);
}
