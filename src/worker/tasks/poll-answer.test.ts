import { expect, test } from "vitest";
import { EventType } from "../../proto/gen/enums.ts";
import {
  PollActivityTaskQueueResponse,
  PollWorkflowTaskQueueResponse,
  RespondWorkflowTaskCompletedResponse,
} from "../../proto/gen/workflowservice.ts";
import { readActivityTask, readCompletionAnswer, readWorkflowTask } from "./poll-answer.ts";

const task = {
  taskToken: new Uint8Array([1, 2, 3]),
  workflowExecution: { workflowId: "order-7", runId: "run-1" },
  workflowType: { name: "Order" },
  previousStartedEventId: 3,
  startedEventId: 9,
  attempt: 1,
  backlogCountHint: 4,
  history: { events: [{ eventId: 1, eventType: EventType.WORKFLOW_EXECUTION_STARTED }] },
  nextPageToken: new Uint8Array([9]),
  queries: { q: { queryType: "state" } },
  pollerScalingDecision: { pollRequestDeltaSuggestion: -2 },
};

test("reads what routes a workflow task and keeps its bytes", () => {
  const bytes = PollWorkflowTaskQueueResponse.encode(task);
  expect(readWorkflowTask(bytes)).toEqual({
    task: { bytes, runId: "run-1", workflowType: "Order", backlogCountHint: 4 },
    pollsDelta: -2,
  });
});

test("an answer without a task token brings no task, but may bring a scaling decision", () => {
  expect(readWorkflowTask(new Uint8Array())).toEqual({ task: undefined, pollsDelta: undefined });
  const bytes = PollWorkflowTaskQueueResponse.encode({
    pollerScalingDecision: { pollRequestDeltaSuggestion: 3 },
  });
  expect(readWorkflowTask(bytes)).toEqual({ task: undefined, pollsDelta: 3 });
  expect(readActivityTask(new Uint8Array()).task).toBeUndefined();
});

test("reads an activity task whole", () => {
  const bytes = PollActivityTaskQueueResponse.encode({
    taskToken: new Uint8Array([1]),
    activityId: "5",
    attempt: 2,
  });
  expect(readActivityTask(bytes).task).toMatchObject({ activityId: "5", attempt: 2 });
});

test("reads the next workflow task and eager activities out of a completion's answer", () => {
  const answer = readCompletionAnswer(
    RespondWorkflowTaskCompletedResponse.encode({
      workflowTask: task,
      activityTasks: [{ taskToken: new Uint8Array([4]), activityId: "1" }],
      resetHistoryEventId: 12,
    }),
  );
  expect(answer.workflowTask?.runId).toBe("run-1");
  const inner = PollWorkflowTaskQueueResponse.decode(answer.workflowTask?.bytes ?? new Uint8Array());
  expect(inner).toMatchObject({ startedEventId: 9, attempt: 1 });
  expect(answer.activityTasks).toMatchObject([{ activityId: "1" }]);
  expect(answer.resetHistoryEventId).toBe(12);
});
