import { HealthCheckResponse_ServingStatus, Health } from "../../proto/gen/grpc/health.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import { systemSearchAttributes } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";

/** Version of the Temporal Service whose behaviour this server follows; SDKs look at it. */
export const SERVER_VERSION = "1.32.0";

const supportedClients = {
  "temporal-cli": "<2.0.0",
  "temporal-go": "<2.0.0",
  "temporal-java": "<2.0.0",
  "temporal-php": "<3.0.0",
  "temporal-python": "<2.0.0",
  "temporal-ruby": "<2.0.0",
  "temporal-server": "<2.0.0",
  "temporal-typescript": "<2.0.0",
  "temporal-ui": "<3.0.0",
};

/** What the server says of itself. */
export function systemCalls({ clusterId, namespaces }: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.GetSystemInfo, () => ({
      serverVersion: SERVER_VERSION,
      capabilities: {
        signalAndQueryHeader: true,
        internalErrorDifferentiation: true,
        activityFailureIncludeHeartbeat: true,
        supportsSchedules: true,
        encodedFailureAttributes: true,
        upsertMemo: true,
        eagerWorkflowStart: true,
        sdkMetadata: true,
        // Asks workers for their version, which goes into histories; without it they send a checksum of old.
        buildIdBasedVersioning: true,
        countGroupByExecutionStatus: true,
        nexus: true,
      },
    })),
    serve(methods.GetClusterInfo, () => ({
      supportedClients,
      serverVersion: SERVER_VERSION,
      clusterId,
      clusterName: "active",
      historyShardCount: 1,
      persistenceStore: "sqlite",
      visibilityStore: "sqlite",
      initialFailoverVersion: 1,
      failoverVersionIncrement: 10,
    })),
    serve(methods.GetSearchAttributes, () => ({
      keys: Object.assign(
        {},
        systemSearchAttributes,
        ...namespaces.list().map(({ searchAttributes }) => searchAttributes),
      ) as Record<string, never>,
    })),
    serve(Health.methods.Check, () => ({ status: HealthCheckResponse_ServingStatus.SERVING })),
  ];
}
