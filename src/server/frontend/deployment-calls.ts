import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import { WorkflowService, type ListWorkerDeploymentsResponse } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { newDeployment } from "../deployments/deployment-record.ts";
import { toDeploymentInfo, toDeploymentSummary } from "../deployments/deployment-view.ts";
import { failedPrecondition, invalidArgument } from "../failures.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { withDrainage } from "./deployment-drainage.ts";
import {
  checkDeploymentName,
  deploymentExists,
  encodeConflictToken,
  requireDeployment,
  requireDeploymentNamespace,
} from "./deployment-requests.ts";
import { changeCurrent, changeManager, changeRamping } from "./deployment-routing.ts";

/** Worker deployments as wholes. */
export function deploymentCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.SetWorkerDeploymentCurrentVersion, (request) => changeCurrent(services, request)),
    serve(methods.SetWorkerDeploymentRampingVersion, (request) => changeRamping(services, request)),
    serve(methods.SetWorkerDeploymentManager, (request) => changeManager(services, request)),
    serve(methods.DescribeWorkerDeployment, async (request) => {
      const { id } = requireDeploymentNamespace(services, request.namespace);
      checkDeploymentName(services, request.deploymentName);
      const deployment = await withDrainage(services, requireDeployment(services, id, request.deploymentName));
      return { workerDeploymentInfo: toDeploymentInfo(deployment), conflictToken: encodeConflictToken(deployment) };
    }),
    serve(methods.ListWorkerDeployments, (request) => {
      const { id } = requireDeploymentNamespace(services, request.namespace);
      return list(services, id, request);
    }),
    serve(methods.CreateWorkerDeployment, async (request) => {
      if (request.deploymentName === "") throw invalidArgument("deployment name cannot be empty");
      const { id } = requireDeploymentNamespace(services, request.namespace);
      checkDeploymentName(services, request.deploymentName);
      const requestId = request.requestId || services.newId();
      const known = services.deployments.find(id, request.deploymentName);
      if (known !== undefined && known.createRequestId !== requestId) throw deploymentExists(known);
      const deployment = known ?? {
        ...newDeployment(id, request.deploymentName, services.clock.now()),
        createRequestId: requestId,
        lastModifierIdentity: request.identity,
      };
      if (known === undefined) await services.deployments.put(deployment);
      return { conflictToken: encodeConflictToken(deployment) };
    }),
    serve(methods.DeleteWorkerDeployment, async (request) => {
      const { id } = requireDeploymentNamespace(services, request.namespace);
      checkDeploymentName(services, request.deploymentName);
      const deployment = services.deployments.find(id, request.deploymentName);
      if (deployment === undefined) return {};
      if (deployment.versions.length > 0) throw failedPrecondition("deployment has versions, can't be deleted");
      await services.deployments.remove(deployment);
      return {};
    }),
  ];
}

async function list(
  services: Services,
  namespaceId: string,
  { pageSize, nextPageToken }: { readonly pageSize: number; readonly nextPageToken: Uint8Array },
): Promise<Init<ListWorkerDeploymentsResponse>> {
  const { listPageSizeMax } = services.settings;
  const after = utf8Text(nextPageToken);
  const all = [...services.deployments.list(namespaceId)].sort((a, b) => (a.name < b.name ? -1 : 1));
  const rest = all.filter(({ name }) => name > after);
  const page = rest.slice(0, pageSize <= 0 ? listPageSizeMax : Math.min(pageSize, listPageSizeMax));
  const checked = await Promise.all(page.map((deployment) => withDrainage(services, deployment)));
  const last = page.at(-1);
  return {
    workerDeployments: checked.map((deployment) => toDeploymentSummary(deployment)),
    ...(last !== undefined && page.length < rest.length ? { nextPageToken: utf8Bytes(last.name) } : {}),
  };
}
