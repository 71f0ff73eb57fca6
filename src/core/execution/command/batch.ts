import type { Command } from "../../../proto/gen/command.ts";
import type { Message } from "../../../proto/gen/protocol.ts";
import type { EventAttributes, EventExtras } from "../event.ts";
import type { HistoryEvent } from "../../../proto/gen/history.ts";
import type { ExecutionState } from "../state.ts";
import type { Transition } from "../transition.ts";

/** The commands of one workflow task while they are carried out. */
export interface CommandBatch {
  readonly t: Transition;
  readonly state: ExecutionState;
  readonly identity: string;
  readonly completedEventId: number;
  /** Messages that no command has claimed yet, by id, in order. */
  readonly messages: Map<string, Message>;
  /** There is news that the workflow has not seen, so that it may not close yet. */
  unseenNews: boolean;
  /** An activity was cancelled before it had started; the workflow must hear of it. */
  canceledUnstarted: boolean;
  /** Workflow ids of children begun in this task. */
  readonly initiatedChildren: Set<string>;
  /** Activities to be started at once for the worker that completes the task. */
  readonly eagerActivities: number[];
}

/** Adds the event that a command leads to. */
export function addCommandEvent(
  batch: CommandBatch,
  command: Command,
  attributes: EventAttributes,
  extras: EventExtras = {},
): HistoryEvent {
  return batch.t.add(attributes, { ...extras, ...commandExtras(command) });
}

/** What an event takes over from its command beside the attributes. */
export function commandExtras(command: Command): EventExtras {
  return {
    userMetadata: command.userMetadata,
    eventGroupMarkers: command.eventGroupMarkers.length === 0 ? undefined : command.eventGroupMarkers,
  };
}
