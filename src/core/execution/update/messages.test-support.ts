import { Acceptance, Rejection, Request, Response } from "../../../proto/gen/update.ts";
import type { Message } from "../../../proto/gen/protocol.ts";
import type { Init } from "../../../proto/message.ts";
import type { ExecutionState } from "../state.ts";

function message(updateId: string, name: string, typeName: string, value: Uint8Array): Init<Message> {
  return {
    id: `${updateId}/${name}`,
    protocolInstanceId: updateId,
    body: { typeUrl: `type.googleapis.com/${typeName}`, value },
  };
}

/** A worker accepts an update. With its request, one that the server may have forgotten. */
export function accept(updateId: string, acceptedRequest?: Request): Init<Message> {
  const value = Acceptance.encode({
    acceptedRequestMessageId: `${updateId}/request`,
    acceptedRequestSequencingEventId: 1,
    ...(acceptedRequest === undefined ? {} : { acceptedRequest }),
  });
  return message(updateId, "accept", Acceptance.typeName, value);
}

/** A worker refuses an update. */
export function reject(updateId: string): Init<Message> {
  return message(updateId, "reject", Rejection.typeName, Rejection.encode({ failure: { message: "no" } }));
}

/** A worker has done what an update asked for. */
export function respond(updateId: string): Init<Message> {
  const value = Response.encode({
    meta: { updateId },
    outcome: { value: { case: "success", value: {} } },
  });
  return message(updateId, "response", Response.typeName, value);
}

/** What a worker may answer to the updates that it has: 0 refuses, 1 accepts, 2 accepts and completes, 3 says nothing to new ones. */
export function messagesFor(state: ExecutionState, answer: number): Init<Message>[] {
  return [...state.updates.values()].flatMap(({ updateId, phase }) => {
    if (phase === "accepted") return answer > 1 ? [respond(updateId)] : [];
    if (phase !== "sent" || answer === 3) return [];
    if (answer === 0) return [reject(updateId)];
    return answer === 1 ? [accept(updateId)] : [accept(updateId), respond(updateId)];
  });
}
