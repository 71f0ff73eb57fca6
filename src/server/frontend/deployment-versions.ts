import { toBase64 } from "../../proto/base64.ts";
import { VersionMetadata, type WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import { TaskQueueType, WorkerDeploymentVersionStatus } from "../../proto/gen/enums.ts";
import {
  WorkflowService,
  type CreateWorkerDeploymentVersionRequest,
  type DeleteWorkerDeploymentVersionRequest,
  type DescribeWorkerDeploymentVersionRequest,
  type DescribeWorkerDeploymentVersionResponse,
  type UpdateWorkerDeploymentVersionMetadataRequest,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { oldVersionText, parseVersion, versionText } from "../../core/execution/versioning/version-text.ts";
import { newVersion } from "../deployments/deployment-change.ts";
import { findVersion, versionOf, withVersion, type DeploymentRecord } from "../deployments/deployment-record.ts";
import { decodeMetadata, toVersionInfo } from "../deployments/deployment-view.ts";
import { queueTypeCodes } from "../deployments/routing.ts";
import { failedPrecondition, invalidArgument, notFound } from "../failures.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { withDrainage } from "./deployment-drainage.ts";
import { hasPollers } from "./deployment-queues.ts";
import {
  checkBuildId,
  checkDeploymentName,
  checkManager,
  requireDeployment,
  requireDeploymentNamespace,
  requireVersionText,
} from "./deployment-requests.ts";
import { totalStats, totalStatsByPriority } from "./task-queue-stats.ts";

/** Single versions of worker deployments. */
export function deploymentVersionCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.DescribeWorkerDeploymentVersion, (request) => describe(services, request)),
    serve(methods.CreateWorkerDeploymentVersion, async (request) => {
      await create(services, request);
      return {};
    }),
    serve(methods.DeleteWorkerDeploymentVersion, async (request) => {
      await remove(services, request);
      return {};
    }),
    serve(methods.UpdateWorkerDeploymentVersionMetadata, async (request) => ({
      metadata: await changeMetadata(services, request),
    })),
  ];
}

async function describe(
  services: Services,
  request: DescribeWorkerDeploymentVersionRequest,
): Promise<Init<DescribeWorkerDeploymentVersionResponse>> {
  const { id } = requireDeploymentNamespace(services, request.namespace);
  if (request.version === "" && request.deploymentVersion === undefined)
    throw invalidArgument("deployment version cannot be empty");
  const { deploymentName, buildId } = request.deploymentVersion ?? requireVersionText(request.version);
  checkDeploymentName(services, deploymentName);
  checkBuildId(services, buildId);
  const found = services.deployments.find(id, deploymentName);
  const deployment = found === undefined ? undefined : await withDrainage(services, found);
  const version = deployment === undefined ? undefined : findVersion(deployment, buildId);
  if (deployment === undefined || version === undefined) throw notFound("Worker Deployment Version not found");
  const nowMs = services.clock.now();
  return {
    workerDeploymentVersionInfo: toVersionInfo(deployment, version),
    versionTaskQueues: version.queues.map(({ name, type }) => {
      const queue = services.matching.find({ namespaceId: id, name, type }, versionOf(deployment, buildId));
      const queues = queue === undefined ? [] : [queue];
      return {
        name,
        type: queueTypeCodes[type] as TaskQueueType,
        ...(request.reportTaskQueueStats
          ? { stats: totalStats(queues, nowMs), statsByPriorityKey: totalStatsByPriority(queues, nowMs) }
          : {}),
      };
    }),
  };
}

async function create(services: Services, request: CreateWorkerDeploymentVersionRequest): Promise<void> {
  const { deploymentName = "", buildId = "" } = request.deploymentVersion ?? {};
  if (deploymentName === "") throw invalidArgument("deployment name cannot be empty");
  if (buildId === "") throw invalidArgument("build ID cannot be empty");
  const { id } = requireDeploymentNamespace(services, request.namespace);
  checkDeploymentName(services, deploymentName);
  checkBuildId(services, buildId);
  if (request.computeConfig !== undefined)
    throw invalidArgument("compute configurations are not supported: this server starts no workers");
  const deployment = requireDeployment(services, id, deploymentName);
  const known = findVersion(deployment, buildId);
  const createRequestId = request.requestId || services.newId();
  if (known !== undefined) {
    if (known.createRequestId === createRequestId) return;
    const text = oldVersionText(versionOf(deployment, buildId));
    throw new RPCError(RPCStatusCode.ALREADY_EXISTS, `Worker Deployment Version "${text}" already exists`);
  }
  const version = newVersion(buildId, services.clock.now(), WorkerDeploymentVersionStatus.CREATED);
  await services.deployments.put(
    withVersion(deployment, { ...version, createRequestId, lastModifierIdentity: request.identity }),
  );
}

async function remove(services: Services, request: DeleteWorkerDeploymentVersionRequest): Promise<void> {
  const { id } = requireDeploymentNamespace(services, request.namespace);
  // As in the service, both forms are read as one text, which is refused where it lacks a part.
  const { deploymentVersion: asked, version: text } = request;
  const { deploymentName, buildId } = requireVersionText(asked === undefined ? text : oldVersionText(asked));
  checkDeploymentName(services, deploymentName);
  const found = services.deployments.find(id, deploymentName);
  if (found === undefined)
    throw notFound(`workflow not found for ID: temporal-sys-worker-deployment:${deploymentName}`);
  const deployment = await withDrainage(services, found);
  const version = findVersion(deployment, buildId);
  if (version === undefined) return;
  const { routing } = deployment;
  const refuse = (why: string): Error =>
    failedPrecondition(`version '${versionText({ deploymentName, buildId })}' cannot be deleted since it ${why}`);
  if (routing.currentBuildId === buildId || routing.rampingBuildId === buildId) throw refuse("is current or ramping");
  checkManager(deployment, request.identity);
  if (!request.skipDrainage && version.drainage?.drained === false) throw refuse("is draining");
  if (hasPollers(services, deployment, buildId)) throw refuse("has active pollers");
  await services.deployments.put({
    ...deployment,
    versions: deployment.versions.filter((other) => other !== version),
    lastModifierIdentity: request.identity,
  });
}

async function changeMetadata(
  services: Services,
  request: UpdateWorkerDeploymentVersionMetadataRequest,
): Promise<VersionMetadata | undefined> {
  const { upsertEntries, removeEntries, identity } = request;
  if (removeEntries.length === 0 && Object.keys(upsertEntries).length === 0)
    throw invalidArgument("At least one of remove_entries or upsert_entries must be provided");
  const { id } = requireDeploymentNamespace(services, request.namespace);
  const name: WorkerDeploymentVersion | undefined = request.deploymentVersion ?? parseVersion(request.version);
  const deployment = name === undefined ? undefined : services.deployments.find(id, name.deploymentName);
  const version = deployment === undefined ? undefined : findVersion(deployment, name?.buildId ?? "");
  if (deployment === undefined || version === undefined) throw versionUnknown(name);
  const entries = { ...decodeMetadata(version)?.entries, ...upsertEntries };
  const kept = Object.fromEntries(Object.entries(entries).filter(([key]) => !removeEntries.includes(key)));
  const metadata = VersionMetadata.create({ entries: kept });
  const changed = { ...version, metadata: toBase64(VersionMetadata.encode(metadata)), lastModifierIdentity: identity };
  await services.deployments.put(withVersion(deployment, changed) satisfies DeploymentRecord);
  return metadata;
}

function versionUnknown(version: WorkerDeploymentVersion | undefined): Error {
  const text = version === undefined ? "" : versionText(version);
  return notFound(`workflow not found for ID: temporal-sys-worker-deployment-version:${text}`);
}
