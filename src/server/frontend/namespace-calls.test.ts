import { expect, test } from "vitest";
import { TaskQueueType } from "../../proto/gen/enums.ts";
import { NamespaceNotFoundFailure } from "../../proto/gen/errordetails.ts";
import { Health } from "../../proto/gen/grpc/health.ts";
import { OperatorService } from "../../proto/gen/operatorservice.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { pollWorkflow, start, startTestServer, testServerOfEach } from "../calls.test-support.ts";
import { MemoryStore } from "../store/memory-store.ts";

const { methods } = WorkflowService;
const retention = { seconds: 3 * 86_400, nanos: 0 };
const service = testServerOfEach();

test("a namespace is registered once, described, changed and listed", async () => {
  const register = { namespace: "mine", workflowExecutionRetentionPeriod: retention, ownerEmail: "me@example.com" };
  await service.call(methods.RegisterNamespace, register);
  await expect(service.call(methods.RegisterNamespace, register)).rejects.toMatchObject({
    status: 6,
    message: 'Namespace "mine" already exists',
  });
  await service.call(methods.UpdateNamespace, { namespace: "mine", updateInfo: { description: "changed" } });
  const { config, namespaceInfo } = await service.call(methods.DescribeNamespace, { namespace: "mine" });
  expect(config?.workflowExecutionRetentionTtl).toEqual(retention);
  expect(namespaceInfo).toMatchObject({ name: "mine", description: "changed", ownerEmail: "me@example.com" });
  const { namespaces } = await service.call(methods.ListNamespaces, {});
  const names = namespaces.map((each) => each.namespaceInfo?.name);
  expect(new Set(names)).toEqual(new Set(["default", "mine"]));
});

test("a namespace says what it can do and what its limits are", async () => {
  const { namespaceInfo } = await service.call(methods.DescribeNamespace, { namespace: "default" });
  expect(namespaceInfo).toMatchObject({
    supportsSchedules: true,
    capabilities: {
      eagerWorkflowStart: true,
      syncUpdate: true,
      asyncUpdate: true,
      reportedProblemsSearchAttribute: true,
      pollerAutoscaling: true,
      // Pages of a completion are refused, and nobody is enrolled in what was not asked for.
      workflowTaskCompletionPagination: false,
      pollerAutoscalingAutoEnroll: false,
    },
    limits: {
      blobSizeLimitError: 2 * 1024 * 1024,
      memoSizeLimitError: 2 * 1024 * 1024,
      workflowTaskCompletionSizeLimitError: 0,
    },
  });
});

test("the server says that it has schedules, and that it starts no workers", async () => {
  const { capabilities } = await service.call(methods.GetSystemInfo, {});
  expect(capabilities).toMatchObject({ supportsSchedules: true, serverScaledDeployments: false });
});

test("workflows of one namespace are not seen in another", async () => {
  await service.call(methods.RegisterNamespace, { namespace: "mine", workflowExecutionRetentionPeriod: retention });
  await start(service);
  await expect(
    service.call(methods.DescribeWorkflowExecution, { namespace: "mine", execution: { workflowId: "workflow" } }),
  ).rejects.toMatchObject({ status: 5 });
});

test("an unknown namespace is named in the error and its detail", async () => {
  const error = await service.call(methods.DescribeNamespace, { namespace: "nope" }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ status: 5, message: "Namespace nope is not found." });
  const [detail] = (error as RPCError).details;
  expect(NamespaceNotFoundFailure.decode(detail?.value ?? new Uint8Array(0)).namespace).toBe("nope");
});

test("a server that is started again finds its namespaces", async () => {
  const store = new MemoryStore();
  const before = await startTestServer({ store });
  const described = await before.call(methods.DescribeNamespace, { namespace: "default" });
  const after = await startTestServer({ store });
  const again = await after.call(methods.DescribeNamespace, { namespace: "default" });
  expect(again.namespaceInfo?.id).toBe(described.namespaceInfo?.id);
});

test("a deleted namespace is gone with its runs, and its name may be used again", async () => {
  await start(service);
  const { deletedNamespace } = await service.call(OperatorService.methods.DeleteNamespace, { namespace: "default" });
  expect(deletedNamespace).toMatch(/^default-deleted-/);
  await expect(start(service)).rejects.toMatchObject({ status: 5 });
  await service.call(methods.RegisterNamespace, {
    namespace: "default",
    workflowExecutionRetentionPeriod: retention,
  });
  expect((await start(service)).started).toBe(true);
});

test("a worker that shuts down gets no more tasks, and its polls end", async () => {
  const workerVersionCapabilities = { buildId: "built" };
  const waiting = pollWorkflow(service, { workerInstanceKey: "w1", workerVersionCapabilities });
  const { pollers } = await service.call(methods.DescribeTaskQueue, {
    namespace: "default",
    taskQueue: { name: "queue" },
    taskQueueType: TaskQueueType.WORKFLOW,
  });
  expect(pollers).toMatchObject([{ identity: "worker", workerVersionCapabilities }]);
  await service.call(methods.ShutdownWorker, {
    namespace: "default",
    identity: "worker",
    workerInstanceKey: "w1",
    taskQueue: "queue",
    stickyTaskQueue: "sticky",
  });
  expect((await waiting).taskToken.length).toBe(0);
  await start(service);
  // What the worker sent before it heard of its end must not take the task.
  expect((await pollWorkflow(service, { workerInstanceKey: "w1" })).taskToken.length).toBe(0);
  expect((await pollWorkflow(service)).taskToken.length).toBeGreaterThan(0);
});

test("what is not built says so by name, health says that the server serves", async () => {
  await expect(service.call(methods.ValidateWorkerDeploymentVersionComputeConfig, {})).rejects.toMatchObject({
    status: 12,
    message: expect.stringContaining('"ValidateWorkerDeploymentVersionComputeConfig"') as string,
  });
  expect((await service.call(Health.methods.Check, {})).status).toBe(1);
});
