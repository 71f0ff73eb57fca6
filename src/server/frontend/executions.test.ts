import { expect, test } from "vitest";
import { CommandType, EventType } from "../../proto/gen/enums.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import { complete, historyOf, namesOf, pollWorkflow, start, testServerOfEach } from "../calls.test-support.ts";

const { methods } = WorkflowService;
const namespace = "default";
const workflowId = "workflow";
const service = testServerOfEach();

/** Starts a workflow and lets it continue as new; gives its first run. */
async function startChain(): Promise<string> {
  const { runId } = await start(service);
  await complete(service, await pollWorkflow(service), [
    {
      commandType: CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
      attributes: { case: "continueAsNewWorkflowExecutionCommandAttributes", value: {} },
    },
  ]);
  return runId;
}

async function newestNames(): Promise<readonly string[]> {
  return namesOf(await historyOf(service, { workflowId }));
}

test("who names a chain by its first run cancels and terminates its newest run, even if the first run is named besides", async () => {
  const runId = await startChain();
  const request = { namespace, workflowExecution: { workflowId, runId }, firstExecutionRunId: runId };
  await service.call(methods.RequestCancelWorkflowExecution, request);
  expect(await newestNames()).toContain("WORKFLOW_EXECUTION_CANCEL_REQUESTED");
  await service.call(methods.TerminateWorkflowExecution, request);
  expect((await newestNames()).at(-1)).toBe("WORKFLOW_EXECUTION_TERMINATED");
});

test("a run that has ended is not terminated, and its chain goes on", async () => {
  const runId = await startChain();
  const request = { namespace, workflowExecution: { workflowId, runId } };
  await expect(service.call(methods.TerminateWorkflowExecution, request)).rejects.toThrow(
    "workflow execution already completed",
  );
  expect(await newestNames()).not.toContain("WORKFLOW_EXECUTION_TERMINATED");
});

test("another chain than the one that is named is left alone", async () => {
  const runId = await startChain();
  const firstExecutionRunId = "00000000-0000-4000-8000-ffffffffffff";
  const request = { namespace, workflowExecution: { workflowId, runId }, firstExecutionRunId };
  await expect(service.call(methods.TerminateWorkflowExecution, request)).rejects.toThrow(
    "workflow execution not found",
  );
});

test.each(["request", ""])("a signal of the request %j is answered with a link to its event", async (requestId) => {
  const { runId } = await start(service);
  const { link } = await service.call(methods.SignalWorkflowExecution, {
    namespace,
    workflowExecution: { workflowId },
    signalName: "signal",
    requestId,
  });
  const eventType = EventType.WORKFLOW_EXECUTION_SIGNALED;
  expect(link?.variant).toEqual({
    case: "workflowEvent",
    value: { namespace, workflowId, runId, reference: { case: "requestIdRef", value: { requestId, eventType } } },
  });
});
