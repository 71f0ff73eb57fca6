import { expect, test } from "vitest";
import {
  SignalWithStartWorkflowExecutionRequest,
  SignalWithStartWorkflowExecutionResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Payload } from "../../proto/gen/common.ts";
import { complete, historyOf, namesOf, pollWorkflow, start, startTestServer } from "../calls.test-support.ts";
import { describe, scheduleOperation } from "./nexus-calls.test-support.ts";

const encoder = new TextEncoder();
const enabled = { dynamicConfig: { "history.enableSignalWithStartFromWorkflow": true } };

const target = {
  endpoint: "__temporal_system",
  service: "temporal.api.workflowservice.v1.WorkflowService",
  operation: "SignalWithStartWorkflowExecution",
};

function input(request: Parameters<typeof SignalWithStartWorkflowExecutionRequest.encode>[0]): Payload {
  return {
    metadata: { encoding: encoder.encode("binary/protobuf") },
    data: SignalWithStartWorkflowExecutionRequest.encode(request),
    externalPayloads: [],
  };
}

const request = {
  workflowId: "target",
  workflowType: { name: "work" },
  taskQueue: { name: "others" },
  signalName: "hello",
};

test("a workflow signals another one, which is started, by way of the system's own endpoint", async () => {
  const server = await startTestServer(enabled);
  await start(server);
  await complete(server, await pollWorkflow(server), [scheduleOperation({ ...target, input: input(request) })]);
  await pollWorkflow(server);
  const events = await historyOf(server);
  const [completed] = events.filter(({ attributes }) => attributes?.case === "nexusOperationCompletedEventAttributes");
  const result =
    completed?.attributes?.case === "nexusOperationCompletedEventAttributes"
      ? completed.attributes.value.result
      : undefined;
  expect(result?.metadata).toMatchObject({ __temporal_system_payload: encoder.encode("true") });
  expect(SignalWithStartWorkflowExecutionResponse.decode(result?.data ?? new Uint8Array(0))).toMatchObject({
    started: true,
  });
  expect(completed?.links[0]?.variant?.value).toMatchObject({ workflowId: "target" });
  const signaled = await historyOf(server, { workflowId: "target" });
  expect(namesOf(signaled).slice(0, 2)).toEqual(["WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_SIGNALED"]);
  expect(signaled[1]?.links[0]?.variant?.value).toMatchObject({ workflowId: "workflow" });
});

test.each([
  [enabled, { ...target, service: "none" }, 'service "none" not found'],
  [enabled, { ...target, input: input({ ...request, requestId: "mine" }) }, "RequestID should not be set"],
  [enabled, { ...target, input: input({ ...request, signalName: "" }) }, "signal not set"],
  [{}, { ...target, input: input(request) }, "SignalWithStart operation is disabled"],
])("what the system cannot do fails the workflow task (%#)", async (options, attributes, message) => {
  const server = await startTestServer(options);
  await start(server);
  const task = await pollWorkflow(server);
  await expect(complete(server, task, [scheduleOperation(attributes)])).rejects.toThrow(message);
  expect((await describe(server)).pendingNexusOperations).toEqual([]);
});
