import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import { durationMs, toDuration } from "../../core/execution/duration.ts";
import { ArchivalState, NamespaceState, ReplicationState } from "../../proto/gen/enums.ts";
import type { Duration } from "../../proto/gen/google/protobuf.ts";
import {
  WorkflowService,
  type DescribeNamespaceResponse,
  type UpdateNamespaceRequest,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { invalidArgument, namespaceAlreadyExists } from "../failures.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { requireNamespace } from "./requests.ts";

const HOUR_MS = 3_600_000;
const PAGE_SIZE_DEFAULT = 100;

/** Namespaces: register, describe, list, update, deprecate. */
export function namespaceCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  const { namespaces } = services;
  return [
    serve(methods.RegisterNamespace, async (request) => {
      const { namespace: name, isGlobalNamespace } = request;
      if (name === "") throw invalidArgument("Namespace not set on request.");
      if (isGlobalNamespace) throw invalidArgument("Cannot register global namespace when not enabled");
      const retentionMs = requireRetentionMs(request.workflowExecutionRetentionPeriod);
      if (namespaces.find(name) !== undefined) {
        throw namespaceAlreadyExists(`Namespace "${name}" already exists`);
      }
      const { description, ownerEmail, data } = request;
      await namespaces.register(name, { description, ownerEmail, data, retentionMs });
      return {};
    }),
    serve(methods.DescribeNamespace, (request) => {
      const { namespace: name, id } = request;
      if (name !== "" && id !== "") {
        throw invalidArgument("Only one of namespace name or Id should be set on request.");
      }
      if (name === "" && id === "") throw invalidArgument("Namespace not set on request.");
      return describe(services, id === "" ? requireNamespace(services, name) : namespaces.getById(id));
    }),
    serve(methods.ListNamespaces, ({ pageSize, nextPageToken }) => {
      const all = namespaces.list();
      const after = utf8Text(nextPageToken);
      const rest = after === "" ? all : all.filter(({ id }) => id > after);
      const page = rest.slice(0, pageSize > 0 ? pageSize : PAGE_SIZE_DEFAULT);
      const last = page.at(-1);
      return {
        namespaces: page.map((namespace) => describe(services, namespace)),
        ...(last !== undefined && page.length < rest.length ? { nextPageToken: utf8Bytes(last.id) } : {}),
      };
    }),
    serve(methods.UpdateNamespace, async (request) => {
      const namespace = await update(services, request);
      const { namespaceInfo, config, replicationConfig, failoverVersion, isGlobalNamespace } = describe(
        services,
        namespace,
      );
      return { namespaceInfo, config, replicationConfig, failoverVersion, isGlobalNamespace };
    }),
    serve(methods.DeprecateNamespace, async (request) => {
      const namespace = requireNamespace(services, request.namespace);
      await namespaces.update({ ...namespace, state: NamespaceState.DEPRECATED });
      return {};
    }),
  ];
}

function describe({ settings }: Services, namespace: Namespace): Init<DescribeNamespaceResponse> {
  const { id, name, state, description, ownerEmail, data, retentionMs, isGlobal } = namespace;
  return {
    namespaceInfo: {
      id,
      name,
      state,
      description,
      ownerEmail,
      data,
      // Only what this server really does: SDKs choose their ways by it.
      capabilities: {
        eagerWorkflowStart: settings.eagerWorkflowStart,
        pollerAutoscaling: true,
        syncUpdate: true,
        asyncUpdate: true,
        reportedProblemsSearchAttribute: true,
        workflowPause: true,
        workerHeartbeats: true,
        workerPollCompleteOnShutdown: settings.cancelPollsOnShutdown,
        workerCommands: settings.workerCommands,
        workflowUpdateCallbacks: settings.nexus.updateCallbacks,
        standaloneActivities: settings.standaloneActivities,
        standaloneActivityStartDelay: settings.standaloneActivities && settings.activityStartDelay,
        standaloneActivityOperatorCommands: settings.standaloneActivities && settings.activityOperatorCommands,
        standaloneNexusOperation: settings.nexus.standaloneOperations,
      },
      limits: {
        blobSizeLimitError: settings.blobSizeMaxBytes,
        memoSizeLimitError: settings.memoSizeMaxBytes,
      },
      supportsSchedules: true,
    },
    config: {
      workflowExecutionRetentionTtl: toDuration(retentionMs),
      historyArchivalState: ArchivalState.DISABLED,
      visibilityArchivalState: ArchivalState.DISABLED,
      badBinaries: { binaries: {} },
    },
    replicationConfig: {
      activeClusterName: "active",
      clusters: [{ clusterName: "active" }],
      state: ReplicationState.NORMAL,
    },
    isGlobalNamespace: isGlobal,
  };
}

async function update(services: Services, request: UpdateNamespaceRequest): Promise<Namespace> {
  const namespace = requireNamespace(services, request.namespace);
  const { updateInfo, config } = request;
  const { state = NamespaceState.UNSPECIFIED } = updateInfo ?? {};
  if (state !== NamespaceState.UNSPECIFIED && state < namespace.state) {
    throw invalidArgument("Invalid namespace state update.");
  }
  const retention = config?.workflowExecutionRetentionTtl;
  return services.namespaces.update({
    ...namespace,
    description: updateInfo?.description || namespace.description,
    ownerEmail: updateInfo?.ownerEmail || namespace.ownerEmail,
    data: { ...namespace.data, ...updateInfo?.data },
    state: state === NamespaceState.UNSPECIFIED ? namespace.state : state,
    retentionMs: retention === undefined ? namespace.retentionMs : requireRetentionMs(retention),
  });
}

function requireRetentionMs(retention: Duration | undefined): number {
  const retentionMs = durationMs(retention);
  if (retention === undefined || retentionMs < HOUR_MS) {
    throw invalidArgument("A valid retention period is not set on request.");
  }
  return retentionMs;
}
