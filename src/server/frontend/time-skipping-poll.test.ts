import { expect, test } from "vitest";
import { timestampMs } from "../../core/execution/duration.ts";
import { CommandType, FastForwardPollingResult as Result } from "../../proto/gen/enums.ts";
import type { Command } from "../../proto/gen/command.ts";
import type { TimeSkippingConfig } from "../../proto/gen/common.ts";
import {
  WorkflowService,
  type PollWorkflowExecutionTimeSkippingResponse,
  type UpdateWorkflowExecutionOptionsResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import {
  complete,
  historyOf,
  namesOf,
  pollWorkflow,
  start,
  startTestServer,
  type TestServer,
} from "../calls.test-support.ts";

const { methods } = WorkflowService;
const namespace = "default";
const workflowExecution = { workflowId: "workflow" };
const HOUR_S = 3_600;
const enabled = { dynamicConfig: { "frontend.WorkflowTimeSkippingEnabled": true } };

const timer = (seconds: number): Init<Command> => ({
  commandType: CommandType.START_TIMER,
  attributes: {
    case: "startTimerCommandAttributes",
    value: { timerId: String(seconds), startToFireTimeout: { seconds } },
  },
});

const fastForward = (id: string, seconds: number): Init<TimeSkippingConfig> => ({
  enabled: true,
  fastForwardConfig: { id, duration: { seconds } },
});

function configure(
  service: TestServer,
  timeSkippingConfig: Init<TimeSkippingConfig> | undefined,
  path = "time_skipping_config",
): Promise<UpdateWorkflowExecutionOptionsResponse> {
  return service.call(methods.UpdateWorkflowExecutionOptions, {
    namespace,
    workflowExecution,
    workflowExecutionOptions: { ...(timeSkippingConfig === undefined ? {} : { timeSkippingConfig }) },
    updateMask: { paths: [path] },
  });
}

function waitFor(service: TestServer, fastForwardId: string): Promise<PollWorkflowExecutionTimeSkippingResponse> {
  return service.call(methods.PollWorkflowExecutionTimeSkipping, { namespace, workflowExecution, fastForwardId });
}

test("runs do not skip time by themselves unless that is switched on", async () => {
  const service = await startTestServer();
  const refused = {
    status: RPCStatusCode.UNIMPLEMENTED,
    message: "The Time-Skipping feature is not enabled for namespace.",
  };
  await expect(start(service, { timeSkippingConfig: { enabled: true } })).rejects.toMatchObject(refused);
  await start(service);
  await expect(configure(service, { enabled: true })).rejects.toMatchObject(refused);
  await expect(waitFor(service, "f")).rejects.toMatchObject(refused);
});

test("a configuration that makes no sense is refused in the service's words", async () => {
  const service = await startTestServer(enabled);
  const wrong: readonly (readonly [Init<TimeSkippingConfig>, string])[] = [
    [fastForward("f", 0), "Time skipping config invalid: fast_forward duration must be positive"],
    [fastForward(" ", 1), "Time skipping config invalid: fast_forward_id must be set"],
    [{ ...fastForward("f", 1), enabled: false }, "time_skipping_config: cannot set fast_forward when enabled is false"],
  ];
  for (const [timeSkippingConfig, message] of wrong) {
    const refused = { status: RPCStatusCode.INVALID_ARGUMENT, message };
    await expect(start(service, { timeSkippingConfig })).rejects.toMatchObject(refused);
    await expect(
      service.call(methods.SignalWithStartWorkflowExecution, {
        namespace,
        workflowId: "workflow",
        workflowType: { name: "work" },
        taskQueue: { name: "queue" },
        signalName: "go",
        timeSkippingConfig,
      }),
    ).rejects.toMatchObject(refused);
  }
  await start(service);
  await expect(configure(service, { enabled: true }, "time_skipping_config.enabled")).rejects.toThrow(
    "error applying update_options: time_skipping_config doesn't support partial update",
  );
});

test("a run skips its timers, and says how far ahead of the clock it is", async () => {
  const service = await startTestServer(enabled);
  await start(service, { timeSkippingConfig: { enabled: true } });
  await complete(service, await pollWorkflow(service), [timer(24 * HOUR_S)]);
  const task = await pollWorkflow(service);
  expect(namesOf(await historyOf(service)).slice(4)).toEqual([
    "TIMER_STARTED",
    "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED",
    "TIMER_FIRED",
    "WORKFLOW_TASK_SCHEDULED",
    "WORKFLOW_TASK_STARTED",
  ]);
  const { workflowExtendedInfo } = await service.call(methods.DescribeWorkflowExecution, {
    namespace,
    execution: workflowExecution,
  });
  const { currentTime, effectiveConfig } = workflowExtendedInfo?.timeSkippingInfo ?? {};
  expect(timestampMs(currentTime) - service.clock.now()).toBe(24 * HOUR_S * 1_000);
  expect(effectiveConfig).toMatchObject({ enabled: true, maxSessionSkipCount: 200 });
  await complete(service, task);
});

test("whoever waits for a fast-forward learns that it is over, was replaced or cannot come about", async () => {
  const service = await startTestServer(enabled);
  await start(service, { timeSkippingConfig: fastForward("f", HOUR_S) });
  const waiting = waitFor(service, "f");
  expect(await waitFor(service, "other")).toMatchObject({
    fastForwardPollingResult: Result.FAST_FORWARD_FAILED,
    failedReason: "the requested fast_forward_id does not match the execution's current fast-forward",
  });
  await complete(service, await pollWorkflow(service), [timer(2 * HOUR_S)]);
  expect(await waiting).toMatchObject({
    fastForwardPollingResult: Result.FAST_FORWARD_COMPLETED,
    fastForwardInfo: { fastForwardId: "f", hasCompleted: true },
  });
  await service.call(methods.SignalWorkflowExecution, { namespace, workflowExecution, signalName: "wake" });
  const task = await pollWorkflow(service);

  expect((await configure(service, fastForward("g", HOUR_S))).workflowExecutionOptions).toMatchObject({
    timeSkippingConfig: { enabled: true, maxSessionSkipCount: 200 },
  });
  const replaced = waitFor(service, "g");
  service.clock.advanceBy(1);
  await configure(service, fastForward("g", HOUR_S));
  expect(await replaced).toMatchObject({ failedReason: "the fast-forward was reset" });
  const stopped = waitFor(service, "g");
  await configure(service, { enabled: false });
  expect((await stopped).fastForwardPollingResult).toBe(Result.FAST_FORWARD_FAILED);

  await configure(service, fastForward("h", HOUR_S));
  const ended = waitFor(service, "h");
  await complete(service, task);
  await service.call(methods.TerminateWorkflowExecution, { namespace, workflowExecution });
  expect((await ended).failedReason).toBe("the execution ended before the fast-forward completed");
});

test("waiting for a fast-forward ends empty after a while, and goes on over the runs of a chain", async () => {
  const service = await startTestServer(enabled);
  await start(service, { timeSkippingConfig: fastForward("f", HOUR_S) });
  const empty = waitFor(service, "f");
  service.clock.advanceBy(20_000);
  expect((await empty).fastForwardPollingResult).toBe(Result.POLL_TIMEOUT);
  const waiting = waitFor(service, "f");
  await complete(service, await pollWorkflow(service), [
    {
      commandType: CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
      attributes: { case: "continueAsNewWorkflowExecutionCommandAttributes", value: {} },
    },
  ]);
  await complete(service, await pollWorkflow(service), [timer(2 * HOUR_S)]);
  expect((await waiting).fastForwardPollingResult).toBe(Result.FAST_FORWARD_COMPLETED);
});
