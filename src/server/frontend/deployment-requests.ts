import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import { PermissionDeniedFailure } from "../../proto/gen/errordetails.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import { parseVersion } from "../../core/execution/versioning/version-text.ts";
import type { DeploymentRecord } from "../deployments/deployment-record.ts";
import { failedPrecondition, invalidArgument, notFound, withDetail } from "../failures.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { isLongerThan, requireNamespace } from "./requests.ts";

// The service makes an id of both names, with this much around them.
const ID_AROUND_BYTES = 39;

/** The namespace a request about worker deployments names, if they are allowed here. */
export function requireDeploymentNamespace(services: Services, name: string): Namespace {
  const namespace = requireNamespace(services, name);
  if (services.settings.deploymentVersions) return namespace;
  throw withDetail(
    RPCStatusCode.PERMISSION_DENIED,
    "Worker Deployment Versions are disabled on this namespace.",
    PermissionDeniedFailure,
    {},
  );
}

/** Refuses what cannot be the name of a deployment. */
export function checkDeploymentName(services: Services, name: string): void {
  checkField(services, "WorkerDeploymentName", name);
  for (const delimiter of [".", ":"])
    if (name.includes(delimiter)) throw invalidArgument(`worker deployment name cannot contain '${delimiter}'`);
  checkStart("WorkerDeploymentName", name);
}

/** Refuses what cannot be the build id of a version. */
export function checkBuildId(services: Services, buildId: string): void {
  checkField(services, "BuildID", buildId);
  checkStart("BuildID", buildId);
}

function checkField({ settings }: Services, field: string, value: string): void {
  if (value === "") throw invalidArgument(`${field} cannot be empty`);
  if (isLongerThan(value, Math.trunc((settings.idLengthMax - ID_AROUND_BYTES) / 2)))
    throw invalidArgument(`size of ${field} larger than the maximum allowed`);
}

function checkStart(field: string, value: string): void {
  if (value.startsWith("__")) throw invalidArgument(`${field} cannot start with '__'`);
}

/** A version out of a text in one of the forms that clients use. */
export function requireVersionText(text: string): WorkerDeploymentVersion {
  const version = parseVersion(text);
  if (version !== undefined) return version;
  throw invalidArgument(`invalid version string "${text}", expected format is "<deployment_name>.<build_id>"`);
}

/** The deployment that a request means. */
export function requireDeployment({ deployments }: Services, namespaceId: string, name: string): DeploymentRecord {
  const deployment = deployments.find(namespaceId, name);
  if (deployment !== undefined) return deployment;
  throw notFound(`no Worker Deployment found with name '${name}'; does your Worker Deployment have pollers?`);
}

/** Refuses a change by anyone but the deployment's manager, if it has one. */
export function checkManager({ managerIdentity }: DeploymentRecord, identity: string): void {
  if (managerIdentity === "" || managerIdentity === identity) return;
  throw failedPrecondition(
    `ManagerIdentity '${managerIdentity}' is set and does not match user identity '${identity}'; to proceed, set your own identity as the ManagerIdentity, remove the ManagerIdentity, or wait for the other client to do so`,
  );
}

/** Names the state of a deployment that a caller has seen. */
export function encodeConflictToken({ conflictToken }: DeploymentRecord): Uint8Array {
  return utf8Bytes(conflictToken);
}

/** Refuses a change by a caller who has not seen the one before; an empty token leaves that open. */
export function checkConflictToken({ conflictToken }: DeploymentRecord, shown: Uint8Array): void {
  if (shown.length > 0 && utf8Text(shown) !== conflictToken) throw failedPrecondition("conflict token mismatch");
}

/** The deployment after a caller's change. */
export function modified(deployment: DeploymentRecord, identity: string, nowMs: number): DeploymentRecord {
  const count = Number(deployment.conflictToken.split("-").at(-1)) + 1;
  return { ...deployment, lastModifierIdentity: identity, conflictToken: `${nowMs}-${count}` };
}

/** The name is taken. */
export function deploymentExists({ name, createRequestId }: DeploymentRecord): RPCError {
  const how = createRequestId === "" ? " (auto-created from worker polls)" : "";
  return new RPCError(RPCStatusCode.ALREADY_EXISTS, `Worker Deployment with name "${name}" already exists${how}`);
}
