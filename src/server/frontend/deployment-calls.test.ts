import { expect, test } from "vitest";
import type { WorkerDeploymentOptions } from "../../proto/gen/deployment.ts";
import {
  CommandType,
  VersioningBehavior,
  WorkerDeploymentVersionStatus as Status,
  WorkerVersioningMode,
} from "../../proto/gen/enums.ts";
import { VersioningOverride_PinnedOverrideBehavior } from "../../proto/gen/workflow.ts";
import {
  WorkflowService,
  type PollWorkflowTaskQueueResponse,
  type StartWorkflowExecutionRequest,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import {
  complete,
  historyOf,
  pollActivity,
  pollWorkflow,
  scheduleActivity,
  start,
  testServerOfEach,
} from "../calls.test-support.ts";

const { methods } = WorkflowService;
const namespace = "default";
const deploymentName = "shop";
const service = testServerOfEach();

function version(buildId: string): { deploymentName: string; buildId: string } {
  return { deploymentName, buildId };
}

function optionsOf(buildId: string): Init<WorkerDeploymentOptions> {
  return { deploymentName, buildId, workerVersioningMode: WorkerVersioningMode.VERSIONED };
}

/** A poll that has ended makes a version known. */
async function register(...buildIds: readonly string[]): Promise<void> {
  for (const buildId of buildIds) expect((await poll(buildId)).taskToken.length).toBe(0);
}

/** Whether a version's workers get a task at once. */
async function poll(buildId: string): Promise<PollWorkflowTaskQueueResponse> {
  const stop = new AbortController();
  setImmediate(() => stop.abort());
  return pollWorkflow(service, { deploymentOptions: optionsOf(buildId) }, { signal: stop.signal });
}

function finish(
  task: PollWorkflowTaskQueueResponse,
  buildId: string,
  versioningBehavior: VersioningBehavior,
  commands: Parameters<typeof complete>[2] = [],
): Promise<unknown> {
  return complete(service, task, commands, { deploymentOptions: optionsOf(buildId), versioningBehavior });
}

function setCurrent(buildId: string, ignoreMissingTaskQueues = false): Promise<{ readonly previousVersion: string }> {
  return service.call(methods.SetWorkerDeploymentCurrentVersion, {
    namespace,
    deploymentName,
    buildId,
    identity: "me",
    ignoreMissingTaskQueues,
  });
}

async function describeVersions(): Promise<Record<string, Status>> {
  const { workerDeploymentInfo } = await service.call(methods.DescribeWorkerDeployment, { namespace, deploymentName });
  return Object.fromEntries(
    (workerDeploymentInfo?.versionSummaries ?? []).map(({ version: name, status }) => [name, status]),
  );
}

function signal(): Promise<unknown> {
  return service.call(methods.SignalWorkflowExecution, {
    namespace,
    workflowExecution: { workflowId: "workflow" },
    signalName: "go",
  });
}

test("new workflows go to the current version, and the one before it drains", async () => {
  await register("1", "2");
  expect(await describeVersions()).toEqual({ "shop.1": Status.INACTIVE, "shop.2": Status.INACTIVE });
  expect((await setCurrent("1")).previousVersion).toBe("__unversioned__");
  await setCurrent("2");
  expect(await describeVersions()).toEqual({ "shop.1": Status.DRAINING, "shop.2": Status.CURRENT });
  await start(service);
  expect((await poll("1")).taskToken.length).toBe(0);
  expect((await poll("2")).taskToken.length).toBeGreaterThan(0);
});

test("a pinned workflow stays with its version, one that follows upgrades moves to the current one", async () => {
  await register("1", "2");
  await setCurrent("1");
  await start(service);
  await finish(await poll("1"), "1", VersioningBehavior.PINNED);
  await setCurrent("2");
  await signal();
  const pinned = await poll("1");
  expect((await poll("2")).taskToken.length).toBe(0);
  await finish(pinned, "1", VersioningBehavior.AUTO_UPGRADE);
  await signal();
  expect((await poll("1")).taskToken.length).toBe(0);
  await finish(await poll("2"), "2", VersioningBehavior.AUTO_UPGRADE);
  const { workflowExecutionInfo } = await service.call(methods.DescribeWorkflowExecution, {
    namespace,
    execution: { workflowId: "workflow" },
  });
  expect(workflowExecutionInfo?.versioningInfo).toMatchObject({
    behavior: VersioningBehavior.AUTO_UPGRADE,
    deploymentVersion: version("2"),
    versionTransition: undefined,
  });
});

test("tasks that wait move along when the current version changes", async () => {
  await register("1", "2");
  await setCurrent("1");
  await start(service);
  await setCurrent("2");
  expect((await poll("1")).taskToken.length).toBe(0);
  expect((await poll("2")).taskToken.length).toBeGreaterThan(0);
});

test("all workflows go to a version that ramps with a hundred percent, and none with zero", async () => {
  await register("1", "2");
  await setCurrent("1");
  const ramp = (percentage: number): Promise<unknown> =>
    service.call(methods.SetWorkerDeploymentRampingVersion, { namespace, deploymentName, buildId: "2", percentage });
  await ramp(100);
  await start(service, { workflowId: "a" });
  expect((await poll("2")).taskToken.length).toBeGreaterThan(0);
  await ramp(0);
  await start(service, { workflowId: "b" });
  expect((await poll("2")).taskToken.length).toBe(0);
  expect((await poll("1")).taskToken.length).toBeGreaterThan(0);
});

test("an override pins a workflow to a version that serves its queue, and to no other", async () => {
  await register("1", "2");
  await setCurrent("1");
  const pinnedTo = (buildId: string): Init<StartWorkflowExecutionRequest> => ({
    versioningOverride: {
      override: {
        case: "pinned",
        value: { version: version(buildId), behavior: VersioningOverride_PinnedOverrideBehavior.PINNED },
      },
    },
  });
  await expect(start(service, pinnedTo("9"))).rejects.toMatchObject({
    message: "Pinned version 'shop:9' is not present in task queue 'queue' of type 'Workflow'",
  });
  await start(service, pinnedTo("2"));
  expect((await poll("1")).taskToken.length).toBe(0);
  expect((await poll("2")).taskToken.length).toBeGreaterThan(0);
});

test("a pinned workflow is told of another version, and takes its own along when it continues as new", async () => {
  await register("1", "2");
  await setCurrent("1");
  await start(service);
  await finish(await poll("1"), "1", VersioningBehavior.PINNED);
  await setCurrent("2");
  await signal();
  const task = await poll("1");
  const startedEvent = (await historyOf(service)).find(({ eventId }) => eventId === task.startedEventId);
  expect(startedEvent?.attributes?.value).toMatchObject({ targetWorkerDeploymentVersionChanged: true });
  await finish(task, "1", VersioningBehavior.PINNED, [
    {
      commandType: CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
      attributes: { case: "continueAsNewWorkflowExecutionCommandAttributes", value: {} },
    },
  ]);
  const [first] = await historyOf(service);
  expect(first?.attributes?.value).toMatchObject({
    inheritedPinnedVersion: version("1"),
    declinedTargetVersionUpgrade: { deploymentVersion: version("2") },
  });
});

test("activities of a pinned workflow go to its version where that serves their queue", async () => {
  await register("1", "2");
  const stop = new AbortController();
  setImmediate(() => stop.abort());
  await service.call(
    methods.PollActivityTaskQueue,
    { namespace, taskQueue: { name: "queue" }, deploymentOptions: optionsOf("1") },
    { signal: stop.signal },
  );
  await setCurrent("1");
  await start(service);
  await finish(await poll("1"), "1", VersioningBehavior.PINNED, [scheduleActivity()]);
  await expect(setCurrent("2")).rejects.toMatchObject({
    message: expect.stringContaining("is missing active task queues") as string,
  });
  await setCurrent("2", true);
  const { activityId } = await pollActivity(service, { deploymentOptions: optionsOf("1") });
  expect(activityId).toBe("a");
});

test("changes are refused to those who have not seen the last one or do not manage the deployment", async () => {
  await register("1");
  await setCurrent("1");
  const change = { namespace, deploymentName, buildId: "", identity: "me" };
  const conflictToken = new TextEncoder().encode("old");
  await expect(
    service.call(methods.SetWorkerDeploymentCurrentVersion, { ...change, conflictToken }),
  ).rejects.toMatchObject({ message: "conflict token mismatch" });
  await service.call(methods.SetWorkerDeploymentManager, {
    namespace,
    deploymentName,
    identity: "boss",
    newManagerIdentity: { case: "self", value: true },
  });
  await expect(setCurrent("")).rejects.toMatchObject({ message: expect.stringContaining("'boss'") as string });
});

test("a version that drains is deleted only when no workflow is pinned to it any more", async () => {
  await register("1", "2");
  await setCurrent("1");
  await start(service);
  await finish(await poll("1"), "1", VersioningBehavior.PINNED);
  await setCurrent("2");
  service.clock.advanceBy(10 * 60_000);
  const remove = { namespace, deploymentVersion: version("1"), identity: "me" };
  await expect(service.call(methods.DeleteWorkerDeploymentVersion, remove)).rejects.toMatchObject({
    message: "version 'shop:1' cannot be deleted since it is draining",
  });
  await service.call(methods.TerminateWorkflowExecution, { namespace, workflowExecution: { workflowId: "workflow" } });
  service.clock.advanceBy(10 * 60_000);
  expect(await describeVersions()).toMatchObject({ "shop.1": Status.DRAINED });
  await service.call(methods.DeleteWorkerDeploymentVersion, remove);
  expect(await describeVersions()).toEqual({ "shop.2": Status.CURRENT });
});

test.each([
  { deploymentVersion: version(""), text: "shop." },
  { deploymentVersion: { deploymentName: "", buildId: "1" }, text: ".1" },
  { deploymentVersion: { deploymentName: "", buildId: "" }, text: "." },
  { version: "shop.", text: "shop." },
])("a version that lacks a part of its name, such as $text, is not deleted", async ({ text, ...named }) => {
  await expect(service.call(methods.DeleteWorkerDeploymentVersion, { namespace, ...named })).rejects.toMatchObject({
    status: RPCStatusCode.INVALID_ARGUMENT,
    message: `invalid version string "${text}", expected format is "<deployment_name>.<build_id>"`,
  });
});
