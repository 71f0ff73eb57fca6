import type { CancelTimerCommandAttributes, Command, StartTimerCommandAttributes } from "../../../proto/gen/command.ts";
import { WorkflowTaskFailedCause as Cause } from "../../../proto/gen/enums.ts";
import { utf8Length } from "../../text/utf8.ts";
import { addCommandEvent, type CommandBatch } from "./batch.ts";
import { cappedDuration, durationFault } from "./check.ts";
import { type CommandFault, fault } from "./fault.ts";

/** Starts a timer. */
export function startTimer(
  batch: CommandBatch,
  command: Command,
  { timerId, startToFireTimeout }: StartTimerCommandAttributes,
): CommandFault | undefined {
  const wrongId = timerIdFault(batch, timerId, "StartTimerCommand");
  if (wrongId !== undefined) return fault(Cause.BAD_START_TIMER_ATTRIBUTES, wrongId);
  const wrong = durationFault(startToFireTimeout);
  if (wrong !== undefined) {
    return fault(
      Cause.BAD_START_TIMER_ATTRIBUTES,
      `An invalid StartToFireTimeout is set on StartTimerCommand: ${wrong}. TimerId=${timerId}`,
    );
  }
  if (batch.state.timers.has(timerId)) {
    return fault(
      Cause.START_TIMER_DUPLICATE_ID,
      `invalid history builder state for action: add-timer-started-event, TimerID: ${timerId}`,
    );
  }
  addCommandEvent(batch, command, {
    case: "timerStartedEventAttributes",
    value: {
      timerId,
      startToFireTimeout: cappedDuration(startToFireTimeout),
      workflowTaskCompletedEventId: batch.completedEventId,
    },
  });
  return undefined;
}

/** Cancels a timer, even one that has fired but of whose firing the workflow does not know yet. */
export function cancelTimer(
  batch: CommandBatch,
  command: Command,
  { timerId }: CancelTimerCommandAttributes,
): CommandFault | undefined {
  const { t, state } = batch;
  const wrongId = timerIdFault(batch, timerId, "CancelTimerCommand");
  if (wrongId !== undefined) return fault(Cause.BAD_CANCEL_TIMER_ATTRIBUTES, wrongId);
  const startedEventId = state.timers.get(timerId)?.startedEventId ?? firedTimer(batch, timerId);
  if (startedEventId === undefined) {
    return fault(
      Cause.BAD_CANCEL_TIMER_ATTRIBUTES,
      `invalid history builder state for action: add-timer-canceled-event, TimerID: ${timerId}`,
    );
  }
  if (!state.timers.has(timerId)) t.do({ op: "withdrawTimerFired", timerId });
  addCommandEvent(batch, command, {
    case: "timerCanceledEventAttributes",
    value: {
      timerId,
      startedEventId,
      workflowTaskCompletedEventId: batch.completedEventId,
      identity: batch.identity,
    },
  });
  batch.unseenNews &&= state.buffered.length > 0;
  return undefined;
}

function firedTimer({ state }: CommandBatch, timerId: string): number | undefined {
  for (const { event } of state.buffered) {
    const { attributes } = event;
    if (attributes?.case === "timerFiredEventAttributes" && attributes.value.timerId === timerId)
      return attributes.value.startedEventId;
  }
  return undefined;
}

function timerIdFault(batch: CommandBatch, timerId: string, command: string): string | undefined {
  const { idLengthMax } = batch.t.context.limits;
  if (timerId === "") return `TimerId is not set on ${command}.`;
  const length = utf8Length(timerId);
  return length > idLengthMax
    ? `TimerId on ${command} exceeds length limit. TimerId=${timerId} Length=${length} Limit=${idLengthMax}`
    : undefined;
}
