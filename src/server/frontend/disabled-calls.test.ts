import { expect, test } from "vitest";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import { startTestServer } from "../calls.test-support.ts";

const { methods } = WorkflowService;
const namespace = "default";

test("what the service does not serve is refused in its words", async () => {
  const server = await startTestServer();
  const { UNIMPLEMENTED, INVALID_ARGUMENT } = RPCStatusCode;
  const refusals = [
    [methods.ListWorkflowRules, UNIMPLEMENTED, "method ListWorkflowRules not supported"],
    [methods.FetchWorkerConfig, UNIMPLEMENTED, "FetchWorkerConfig command is not enabled."],
    [methods.ListArchivedWorkflowExecutions, INVALID_ARGUMENT, "Cluster is not configured for visibility archival."],
    [
      methods.ListDeployments,
      UNIMPLEMENTED,
      "Deployments are deprecated and no longer supported, use Worker Deployments instead",
    ],
    [methods.ListTaskQueuePartitions, INVALID_ARGUMENT, "taskQueue is not set"],
  ] as const;
  for (const [method, status, message] of refusals) {
    await expect(server.call<object, object>(method as never, { namespace })).rejects.toMatchObject({
      status,
      message,
    });
  }
});
