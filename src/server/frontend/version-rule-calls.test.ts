import { expect, test } from "vitest";
import { CommandType } from "../../proto/gen/enums.ts";
import {
  WorkflowService,
  type GetWorkerVersioningRulesResponse,
  type UpdateWorkerVersioningRulesRequest,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import {
  complete,
  historyOf,
  pollActivity,
  pollWorkflow,
  start,
  startTestServer,
  type TestServer,
} from "../calls.test-support.ts";
import { MemoryStore } from "../store/memory-store.ts";

const { methods } = WorkflowService;
const namespace = "default";
const taskQueue = "queue";
const enabled = {
  dynamicConfig: {
    "frontend.workerVersioningRuleAPIs": true,
    "frontend.workerVersioningDataAPIs": true,
    "limit.wv.AssignmentRuleLimitPerQueue": 4,
    "limit.wv.RedirectRuleLimitPerQueue": 4,
    "limit.wv.RedirectRuleMaxUpstreamBuildIDsPerQueue": 2,
  },
};

type Rules = Pick<GetWorkerVersioningRulesResponse, "assignmentRules" | "compatibleRedirectRules" | "conflictToken">;
type Operation = Init<UpdateWorkerVersioningRulesRequest>["operation"];

const rulesOf = ({ call }: TestServer): Promise<Rules> =>
  call(methods.GetWorkerVersioningRules, { namespace, taskQueue });

async function change(service: TestServer, operation: Operation, queue = taskQueue): Promise<Rules> {
  const { conflictToken } = await service.call(methods.GetWorkerVersioningRules, { namespace, taskQueue: queue });
  return service.call(methods.UpdateWorkerVersioningRules, { namespace, taskQueue: queue, conflictToken, operation });
}

const ramped = (targetBuildId: string, rampPercentage?: number) => ({
  targetBuildId,
  ...(rampPercentage === undefined ? {} : { ramp: { case: "percentageRamp", value: { rampPercentage } } as const }),
});
const insert = (ruleIndex: number, targetBuildId: string, percentage?: number) =>
  ({ case: "insertAssignmentRule", value: { ruleIndex, rule: ramped(targetBuildId, percentage) } }) as const;
const replace = (ruleIndex: number, targetBuildId: string, percentage?: number, force = false) =>
  ({ case: "replaceAssignmentRule", value: { ruleIndex, rule: ramped(targetBuildId, percentage), force } }) as const;
const remove = (ruleIndex: number, force = false) =>
  ({ case: "deleteAssignmentRule", value: { ruleIndex, force } }) as const;
const redirect = (sourceBuildId: string, targetBuildId: string) =>
  ({ case: "addCompatibleRedirectRule", value: { rule: { sourceBuildId, targetBuildId } } }) as const;
const redirectElsewhere = (sourceBuildId: string, targetBuildId: string) =>
  ({ case: "replaceCompatibleRedirectRule", value: { rule: { sourceBuildId, targetBuildId } } }) as const;
const commit = (targetBuildId: string, force = false) =>
  ({ case: "commitBuildId", value: { targetBuildId, force } }) as const;

const assignmentsOf = ({ assignmentRules }: Rules): string[] =>
  assignmentRules.map(({ rule }) => `${rule?.targetBuildId}@${rule?.ramp?.value.rampPercentage}`);
const redirectsOf = ({ compatibleRedirectRules }: Rules): string[] =>
  compatibleRedirectRules.map(({ rule }) => `${rule?.sourceBuildId}>${rule?.targetBuildId}`);

test("rules are added, replaced and taken away, and kept in order", async () => {
  const service = await startTestServer(enabled);
  await change(service, insert(0, "1"));
  await change(service, insert(0, "2", 30));
  expect(assignmentsOf(await change(service, insert(99, "3")))).toEqual(["2@30", "1@100", "3@100"]);
  expect(assignmentsOf(await change(service, replace(1, "4", 10)))).toEqual(["2@30", "4@10", "3@100"]);
  expect(assignmentsOf(await change(service, remove(0)))).toEqual(["4@10", "3@100"]);
  expect(assignmentsOf(await change(service, commit("4", true)))).toEqual(["4@100"]);
  await change(service, redirect("1", "2"));
  expect(redirectsOf(await change(service, redirect("2", "3")))).toEqual(["2>3", "1>2"]);
  expect(redirectsOf(await change(service, redirectElsewhere("1", "3")))).toEqual(["1>3", "2>3"]);
  const left = await change(service, { case: "deleteCompatibleRedirectRule", value: { sourceBuildId: "2" } });
  expect(redirectsOf(left)).toEqual(["1>3"]);
  expect(await rulesOf(service)).toEqual(left);
});

test("a rule that cannot be is refused in the service's words", async () => {
  const service = await startTestServer(enabled);
  const { INVALID_ARGUMENT, FAILED_PRECONDITION, ALREADY_EXISTS, NOT_FOUND } = RPCStatusCode;
  const refuses = (operation: Operation, status: number, message: string | RegExp) =>
    expect(change(service, operation)).rejects.toMatchObject({
      status,
      message: typeof message === "string" ? message : expect.stringMatching(message),
    });
  await refuses(insert(-1, "1"), INVALID_ARGUMENT, "rule index cannot be negative");
  await refuses(insert(0, "1", 101), INVALID_ARGUMENT, "ramp percentage must be in range [0, 100]");
  await refuses(insert(0, "x".repeat(256)), INVALID_ARGUMENT, "BuildId must be <= 255 characters, was 256");
  await refuses(undefined, INVALID_ARGUMENT, "operation is not set on request.");
  await refuses(remove(0), INVALID_ARGUMENT, "rule index 0 is out of bounds for assignment rule list of length 0");
  await change(service, insert(0, "1"));
  await refuses(remove(0), FAILED_PRECONDITION, /^at least one fully-ramped assignment rule must exist/);
  await refuses(replace(0, "1", 50), FAILED_PRECONDITION, /^at least one fully-ramped/);
  await change(service, insert(0, "2", 50));
  await refuses(
    redirect("2", "1"),
    FAILED_PRECONDITION,
    /cannot be the target of any partially-ramped assignment rule$/,
  );
  await change(service, redirect("3", "4"));
  await refuses(insert(0, "3", 10), FAILED_PRECONDITION, /because it is the source of a redirect rule$/);
  await refuses(redirect("3", "5"), ALREADY_EXISTS, "source 3 already redirects to target 4");
  await refuses(redirect("4", "3"), FAILED_PRECONDITION, "update would break acyclic requirement");
  await refuses(
    redirect("4", ""),
    INVALID_ARGUMENT,
    "the unversioned build ID cannot be the target of a redirect rule",
  );
  await refuses(redirectElsewhere("9", "4"), NOT_FOUND, "no redirect rule found with source ID 9");
  await change(service, redirect("4", "5"));
  await refuses(
    redirect("5", "6"),
    FAILED_PRECONDITION,
    "update exceeds number of upstream build ids permitted in namespace (3/2)",
  );
  await refuses(commit("7"), FAILED_PRECONDITION, /^no versioned poller with build ID '7' seen within the last 1m10s/);
  await change(service, insert(0, "8"));
  await change(service, insert(0, "9"));
  await refuses(
    insert(0, "10"),
    FAILED_PRECONDITION,
    "update exceeds number of assignment rules permitted in namespace (5/4)",
  );
  await service.call(methods.UpdateWorkerBuildIdCompatibility, {
    namespace,
    taskQueue,
    operation: { case: "addNewBuildIdInNewDefaultSet", value: "member" },
  });
  await refuses(replace(0, "member"), FAILED_PRECONDITION, /target build ID is already a member of a version set$/);
  await refuses(redirect("member", "5"), FAILED_PRECONDITION, /source build ID is already a member of a version set$/);
});

test("a change that was made without knowing of another is refused", async () => {
  const service = await startTestServer(enabled);
  const { conflictToken } = await rulesOf(service);
  const request = { namespace, taskQueue, conflictToken, operation: insert(0, "1") };
  await service.call(methods.UpdateWorkerVersioningRules, request);
  await expect(service.call(methods.UpdateWorkerVersioningRules, request)).rejects.toMatchObject({
    status: RPCStatusCode.FAILED_PRECONDITION,
    message: "provided conflict token '[48]' does not match existing one '[49]'",
  });
});

const poll = (service: TestServer, buildId: string, timeoutMs = 60_000) =>
  pollWorkflow(service, { workerVersionCapabilities: { buildId, useVersioning: true } }, { timeoutMs });
const stamp = (buildId: string) => ({ workerVersionStamp: { buildId, useVersioning: true } });
const signal = ({ call }: TestServer) =>
  call(methods.SignalWorkflowExecution, { namespace, workflowExecution: { workflowId: "workflow" }, signalName: "go" });

test("new workflows go to the build that the rules name, and stay there until another takes over its work", async () => {
  const service = await startTestServer(enabled);
  await change(service, insert(0, "1"));
  await start(service);
  const first = await poll(service, "1");
  const stickyAttributes = { workerTaskQueue: { name: "sticky" }, scheduleToStartTimeout: { seconds: 5 } };
  await complete(service, first, [], { ...stamp("1"), stickyAttributes });
  await change(service, insert(0, "2"));
  await start(service, { workflowId: "other" });
  expect((await poll(service, "2")).workflowExecution?.workflowId).toBe("other");
  void pollWorkflow(service, { taskQueue: { name: "sticky" } }).catch(() => {});
  await change(service, redirect("1", "2"));
  await signal(service);
  const moved = await poll(service, "2");
  expect(moved.workflowExecution?.workflowId).toBe("workflow");
  expect(moved.history?.events.at(-1)?.attributes?.value).toMatchObject({
    workerVersion: { buildId: "2", useVersioning: true },
    buildIdRedirectCounter: 1,
  });
  const execution = { workflowId: "workflow" };
  const { workflowExecutionInfo } = await service.call(methods.DescribeWorkflowExecution, { namespace, execution });
  expect(workflowExecutionInfo).toMatchObject({
    assignedBuildId: "2",
    inheritedBuildId: "",
    mostRecentWorkerVersionStamp: { buildId: "1", useVersioning: true },
  });
  const buildIds = workflowExecutionInfo?.searchAttributes?.indexedFields["BuildIds"]?.data;
  expect(Buffer.from(buildIds ?? []).toString()).toBe('["assigned:2","versioned:1","versioned:2"]');
});

test("tasks that wait move when the rules change, also those of workers without a build", async () => {
  const service = await startTestServer(enabled);
  await start(service);
  await change(service, insert(0, "1"));
  expect((await poll(service, "1")).workflowExecution?.workflowId).toBe("workflow");
});

test("a workflow is on one side of a ramp, and a build that is committed has all of them", async () => {
  const service = await startTestServer(enabled);
  await change(service, insert(0, "none", 0));
  await change(service, insert(1, "all"));
  await start(service);
  expect((await poll(service, "all")).workflowExecution?.workflowId).toBe("workflow");
  void poll(service, "none").catch(() => {});
  expect(assignmentsOf(await change(service, commit("none")))).toEqual(["none@100"]);
  await start(service, { workflowId: "committed" });
  expect((await poll(service, "none")).workflowExecution?.workflowId).toBe("committed");
});

test("activities keep to their workflow's build or follow the rules of their queue", async () => {
  const service = await startTestServer(enabled);
  await change(service, insert(0, "1"));
  await start(service);
  const task = await poll(service, "1");
  await change(service, insert(0, "2"));
  const schedule = (activityId: string, useWorkflowBuildId: boolean) => ({
    commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
    attributes: {
      case: "scheduleActivityTaskCommandAttributes" as const,
      value: {
        activityId,
        activityType: { name: "act" },
        taskQueue: { name: taskQueue },
        startToCloseTimeout: { seconds: 10 },
        useWorkflowBuildId,
      },
    },
  });
  await complete(service, task, [schedule("kept", true), schedule("free", false)], stamp("1"));
  const take = async (buildId: string) =>
    (await pollActivity(service, { workerVersionCapabilities: { buildId, useVersioning: true } })).activityId;
  expect(await take("1")).toBe("kept");
  expect(await take("2")).toBe("free");
});

const command = (kind: "child" | "next", inheritBuildId: boolean) =>
  kind === "child"
    ? {
        commandType: CommandType.START_CHILD_WORKFLOW_EXECUTION,
        attributes: {
          case: "startChildWorkflowExecutionCommandAttributes" as const,
          value: { workflowId: `child-${inheritBuildId}`, workflowType: { name: "work" }, inheritBuildId },
        },
      }
    : {
        commandType: CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
        attributes: { case: "continueAsNewWorkflowExecutionCommandAttributes" as const, value: { inheritBuildId } },
      };
const startedOf = async (service: TestServer, workflowId: string) => {
  const [first] = await historyOf(service, { workflowId });
  if (first?.attributes?.case !== "workflowExecutionStartedEventAttributes") throw new Error("no started event");
  return first.attributes.value;
};

test("children and next runs keep to the build that rules have assigned, if they are told to", async () => {
  const service = await startTestServer(enabled);
  await change(service, insert(0, "1"));
  await start(service);
  const task = await poll(service, "1");
  await change(service, insert(0, "2"));
  await complete(service, task, [command("child", true), command("child", false)], stamp("1"));
  const first = await poll(service, "1");
  const news = await poll(service, "1");
  expect(new Set([first, news].map(({ workflowExecution }) => workflowExecution?.workflowId))).toEqual(
    new Set(["child-true", "workflow"]),
  );
  expect((await poll(service, "2")).workflowExecution?.workflowId).toBe("child-false");
  expect((await startedOf(service, "child-true")).inheritedBuildId).toBe("1");
  expect((await startedOf(service, "child-false")).inheritedBuildId).toBe("");
  const own = first.workflowExecution?.workflowId === "workflow" ? first : news;
  // Runs that end at once are slowed down.
  service.clock.advanceBy(1_000);
  await complete(service, own, [command("next", true)], stamp("1"));
  const again = await poll(service, "1");
  expect((await startedOf(service, "workflow")).inheritedBuildId).toBe("1");
  service.clock.advanceBy(1_000);
  await complete(service, again, [command("next", false)], stamp("1"));
  expect((await poll(service, "2")).workflowExecution?.workflowId).toBe("workflow");
});

test("children keep to the set of compatible builds of their parent, if they are told to", async () => {
  const service = await startTestServer(enabled);
  const addDefault = (value: string) =>
    service.call(methods.UpdateWorkerBuildIdCompatibility, {
      namespace,
      taskQueue,
      operation: { case: "addNewBuildIdInNewDefaultSet", value },
    });
  await addDefault("1");
  await start(service);
  const task = await poll(service, "1");
  await addDefault("2");
  await complete(service, task, [command("child", true), command("child", false)], stamp("1"));
  expect((await poll(service, "2")).workflowExecution?.workflowId).toBe("child-false");
  expect((await startedOf(service, "child-true")).sourceVersionStamp).toMatchObject({
    buildId: "1",
    useVersioning: true,
  });
});

test("without force the last rule for all workflows cannot go, nor what was left when it went", async () => {
  const service = await startTestServer(enabled);
  await change(service, insert(0, "1"));
  await change(service, replace(0, "1", 50, true));
  await expect(change(service, remove(0))).rejects.toThrow("at least one fully-ramped assignment rule must exist");
  expect(assignmentsOf(await change(service, remove(0, true)))).toEqual([]);
});

test("rules outlast the server", async () => {
  const store = new MemoryStore();
  const service = await startTestServer({ ...enabled, store });
  await change(service, insert(0, "1"));
  const rules = await change(service, redirect("1", "2"));
  const again = await startTestServer({ ...enabled, store: store.copy() });
  expect(await rulesOf(again)).toEqual(rules);
});
