import type { Command } from "../../src/proto/gen/command.ts";
import { CommandType, EventType } from "../../src/proto/gen/enums.ts";
import type { HistoryEvent } from "../../src/proto/gen/history.ts";
import type { Init } from "../../src/proto/message.ts";

/** The task queue of the scripted worker. */
export const queue = { name: "sim" };

/** Text as the one payload of a list. */
export function toPayloads(text: string): { payloads: { data: Uint8Array }[] } {
  return { payloads: [{ data: new TextEncoder().encode(text) }] };
}

/** Reads what {@link toPayloads} made; an empty text if there is nothing. */
export function fromPayloads(
  payloads: { readonly payloads: readonly { readonly data: Uint8Array }[] } | undefined,
): string {
  return new TextDecoder().decode(payloads?.payloads[0]?.data);
}

/**
 * What the workflow does next, given its history.
 *
 * It waits for a timer and an activity, both started at once, and continues as new as often as its input says. When asked
 * to stop it cancels both, and ends as cancelled once the activity has ended somehow.
 */
export function decide(events: readonly HistoryEvent[]): Init<Command>[] {
  const has = (type: EventType): boolean => events.some((event) => event.eventType === type);
  const scheduled = events.find((event) => event.eventType === EventType.ACTIVITY_TASK_SCHEDULED);
  if (scheduled === undefined)
    return has(EventType.WORKFLOW_EXECUTION_CANCEL_REQUESTED) ? [cancelWorkflow] : [startTimer, scheduleActivity];
  const isDone = has(EventType.ACTIVITY_TASK_COMPLETED);
  const isTimeUp = has(EventType.TIMER_FIRED);
  if (has(EventType.WORKFLOW_EXECUTION_CANCEL_REQUESTED)) {
    // An attempt that times out is not followed by another once the activity is to stop.
    if (
      isDone ||
      [EventType.ACTIVITY_TASK_CANCELED, EventType.ACTIVITY_TASK_FAILED, EventType.ACTIVITY_TASK_TIMED_OUT].some(has)
    )
      return [cancelWorkflow];
    if (has(EventType.ACTIVITY_TASK_CANCEL_REQUESTED)) return [];
    return [...(isTimeUp ? [] : [cancelTimer]), cancelActivity(scheduled.eventId)];
  }
  return isDone && isTimeUp ? [end(events)] : [];
}

function end(events: readonly HistoryEvent[]): Init<Command> {
  const started = events[0]?.attributes;
  const left =
    started?.case === "workflowExecutionStartedEventAttributes" ? Number(fromPayloads(started.value.input)) : 0;
  if (left === 0)
    return {
      commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION,
      attributes: { case: "completeWorkflowExecutionCommandAttributes", value: { result: toPayloads("ok") } },
    };
  const value = { workflowType: { name: "Sim" }, taskQueue: queue, input: toPayloads(String(left - 1)) };
  return {
    commandType: CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
    attributes: { case: "continueAsNewWorkflowExecutionCommandAttributes", value },
  };
}

const startTimer: Init<Command> = {
  commandType: CommandType.START_TIMER,
  attributes: { case: "startTimerCommandAttributes", value: { timerId: "1", startToFireTimeout: { seconds: 3 } } },
};

const cancelTimer: Init<Command> = {
  commandType: CommandType.CANCEL_TIMER,
  attributes: { case: "cancelTimerCommandAttributes", value: { timerId: "1" } },
};

const scheduleActivity: Init<Command> = {
  commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
  attributes: {
    case: "scheduleActivityTaskCommandAttributes",
    value: {
      activityId: "1",
      activityType: { name: "work" },
      taskQueue: queue,
      startToCloseTimeout: { seconds: 10 },
      heartbeatTimeout: { seconds: 5 },
      retryPolicy: { initialInterval: { seconds: 1 }, maximumInterval: { seconds: 5 } },
    },
  },
};

function cancelActivity(scheduledEventId: number): Init<Command> {
  return {
    commandType: CommandType.REQUEST_CANCEL_ACTIVITY_TASK,
    attributes: { case: "requestCancelActivityTaskCommandAttributes", value: { scheduledEventId } },
  };
}

const cancelWorkflow: Init<Command> = {
  commandType: CommandType.CANCEL_WORKFLOW_EXECUTION,
  attributes: { case: "cancelWorkflowExecutionCommandAttributes", value: {} },
};
