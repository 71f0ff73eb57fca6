import { expect, test } from "vitest";
import { Command } from "../../proto/gen/command.ts";
import { HistoryEvent } from "../../proto/gen/history.ts";
import { PayloadContexts } from "./payload-contexts.ts";

const run = { namespace: "ns", workflowId: "w", runId: "r", workflowType: "W" };
const own = {
  context: { kind: "workflow", namespace: "ns", workflowId: "w" },
  target: { kind: "workflow", namespace: "ns", id: "w", runId: "r", type: "W" },
};

test("commands and events of a Nexus operation have the operation's context, those of no command the workflow's", () => {
  const contexts = new PayloadContexts();
  const operation = { endpoint: "e", service: "s", operation: "o" };
  const command = Command.create({ attributes: { case: "scheduleNexusOperationCommandAttributes", value: operation } });
  const scheduled = HistoryEvent.create({
    eventId: 5,
    attributes: { case: "nexusOperationScheduledEventAttributes", value: operation },
  });
  const completed = HistoryEvent.create({
    eventId: 6,
    attributes: { case: "nexusOperationCompletedEventAttributes", value: { scheduledEventId: 5 } },
  });
  const expected = { ...own, context: { kind: "nexus", ...operation } };
  expect([command, scheduled, completed].map((owner) => contexts.placeOf(run, owner))).toEqual([
    expected,
    expected,
    expected,
  ]);
  expect(contexts.placeOf(run, undefined)).toEqual(own);
});

test("a child's result is stored for its parent, that of a later run of the child for itself", () => {
  const contexts = new PayloadContexts();
  const started = (continuedExecutionRunId: string): HistoryEvent =>
    HistoryEvent.create({
      eventId: 1,
      attributes: {
        case: "workflowExecutionStartedEventAttributes",
        value: {
          parentWorkflowExecution: { workflowId: "p", runId: "pr" },
          parentWorkflowNamespace: "ns",
          continuedExecutionRunId,
        },
      },
    });
  const complete = Command.create({ attributes: { case: "completeWorkflowExecutionCommandAttributes", value: {} } });
  contexts.placeOf(run, started(""));
  const target = { kind: "workflow", namespace: "ns", id: "p", runId: "pr" };
  expect(contexts.placeOf(run, complete)).toEqual({ ...own, target });
  contexts.placeOf(run, started("before"));
  expect(contexts.placeOf(run, complete)).toEqual(own);
});
