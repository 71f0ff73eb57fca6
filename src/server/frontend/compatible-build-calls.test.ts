import { expect, test } from "vitest";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import { complete, pollWorkflow, start, startTestServer } from "../calls.test-support.ts";

const { methods } = WorkflowService;
const namespace = "default";

test("versioning by sets is refused unless it is switched on", async () => {
  const service = await startTestServer();
  await expect(
    service.call(methods.GetWorkerBuildIdCompatibility, { namespace, taskQueue: "queue" }),
  ).rejects.toMatchObject({
    message: "Worker versioning v0.1 (Version Set-based, deprecated) is disabled on this namespace.",
  });
});

test("versioning by rules is refused as the service refuses it, after a look for the namespace", async () => {
  const service = await startTestServer();
  for (const method of [methods.GetWorkerVersioningRules, methods.UpdateWorkerVersioningRules]) {
    const ask = (request: { readonly namespace?: string }) => service.call<object, object>(method, request);
    await expect(ask({})).rejects.toMatchObject({ status: RPCStatusCode.INVALID_ARGUMENT });
    await expect(ask({ namespace: "nowhere" })).rejects.toMatchObject({ status: RPCStatusCode.NOT_FOUND });
    await expect(ask({ namespace })).rejects.toMatchObject({
      status: RPCStatusCode.PERMISSION_DENIED,
      message: "Worker versioning v0.2 (Rules-based, deprecated) is disabled on this namespace.",
    });
  }
});

test("new workflows go to the default set, and stay with builds that are compatible", async () => {
  const service = await startTestServer({ dynamicConfig: { "frontend.workerVersioningDataAPIs": true } });
  const change = { namespace, taskQueue: "queue" };
  const addDefault = (value: string): Promise<unknown> =>
    service.call(methods.UpdateWorkerBuildIdCompatibility, {
      ...change,
      operation: { case: "addNewBuildIdInNewDefaultSet", value },
    });
  const poll = (buildId: string) =>
    pollWorkflow(service, { workerVersionCapabilities: { buildId, useVersioning: true } });
  await addDefault("1.0");
  await start(service);
  const task = await poll("1.0");
  await complete(service, task, [], { workerVersionStamp: { buildId: "1.0", useVersioning: true } });
  await addDefault("2.0");
  await service.call(methods.UpdateWorkerBuildIdCompatibility, {
    ...change,
    operation: {
      case: "addNewCompatibleBuildId",
      value: { newBuildId: "1.1", existingCompatibleBuildId: "1.0", makeSetDefault: false },
    },
  });
  await service.call(methods.SignalWorkflowExecution, {
    namespace,
    workflowExecution: { workflowId: "workflow" },
    signalName: "go",
  });
  expect((await poll("1.1")).workflowExecution?.workflowId).toBe("workflow");
  await start(service, { workflowId: "next" });
  expect((await poll("2.0")).workflowExecution?.workflowId).toBe("next");
  const { majorVersionSets } = await service.call(methods.GetWorkerBuildIdCompatibility, change);
  expect(majorVersionSets.map(({ buildIds }) => buildIds)).toEqual([["1.0", "1.1"], ["2.0"]]);
});
