import type { Message } from "../../../proto/gen/protocol.ts";
import { Request } from "../../../proto/gen/update.ts";
import type { ExecutionState } from "../state.ts";
import type { Transition } from "../transition.ts";
import type { UpdateState } from "./update-state.ts";

/** Whether updates wait to be sent to the worker. */
export function hasWaitingUpdates(state: ExecutionState): boolean {
  for (const { phase } of state.updates.values()) if (phase === "admitted") return true;
  return false;
}

/** Sends waiting updates with the workflow task that was just started, in the order of their admission. */
export function sendUpdates(t: Transition): Message[] {
  const { state } = t;
  if (!hasWaitingUpdates(state)) return [];
  const waiting = [...state.updates.values()]
    .filter(({ phase }) => phase === "admitted")
    .toSorted((a, b) => a.order - b.order);
  t.do({ op: "sendUpdates", updateIds: waiting.map(({ updateId }) => updateId) });
  return waiting.flatMap((update) => requestMessage(state, update));
}

/** The messages that went to the worker with the started workflow task. */
export function sentMessages(state: ExecutionState): Message[] {
  const sent = [...state.updates.values()].filter(({ phase }) => phase === "sent");
  return sent.toSorted((a, b) => a.order - b.order).flatMap((update) => requestMessage(state, update));
}

/** Id of the message that carries an update's request. */
export function requestMessageId(updateId: string): string {
  return `${updateId}/request`;
}

function requestMessage(state: ExecutionState, { updateId, request }: UpdateState): Message[] {
  if (request === undefined) return [];
  return [
    {
      id: requestMessageId(updateId),
      protocolInstanceId: updateId,
      body: { typeUrl: `type.googleapis.com/${Request.typeName}`, value: Request.encode(request) },
      // Workers apply it after all events before the started one.
      sequencingId: { case: "eventId", value: (state.workflowTask?.startedEventId ?? 1) - 1 },
    },
  ];
}
