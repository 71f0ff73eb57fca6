import type { HistoryEvent } from "../../proto/gen/history.ts";
import type { Message } from "../../proto/gen/protocol.ts";
import { Request } from "../../proto/gen/update.ts";
import { HistoryError } from "./history-error.ts";
import type { SparseMap } from "./sparse-map.ts";

/** A request to update the workflow: from a message of the live task, or as history kept it. */
export interface IncomingUpdate {
  readonly messageId: string;
  readonly protocolInstanceId: string;
  /** It takes its place after the event of this id. */
  readonly sequencingEventId: number;
  readonly request: Request;
  readonly meta: NonNullable<Request["meta"]>;
  readonly input: NonNullable<Request["input"]>;
}

/**
 * Reads a message of a workflow task.
 *
 * @throws {HistoryError} If it is no update request, or lacks its place among the events.
 */
export function fromMessage({ id, protocolInstanceId, sequencingId, body }: Message): IncomingUpdate {
  if (sequencingId?.case !== "eventId")
    throw new HistoryError(`Cannot read message "${id}": found no event id to order it by`);
  if (body?.typeUrl.endsWith(`/${Request.typeName}`) !== true)
    throw new HistoryError(
      `Cannot read message "${id}": found type "${body?.typeUrl ?? ""}", wanted an update request`,
    );
  return toUpdate(id, protocolInstanceId, sequencingId.value, Request.decode(body.value));
}

/** Reads an update that an event says was admitted; its place is that of the event. */
export function fromAdmitted({ eventId, attributes }: HistoryEvent): IncomingUpdate | undefined {
  if (attributes?.case !== "workflowExecutionUpdateAdmittedEventAttributes") return undefined;
  const instanceId = attributes.value.request?.meta?.updateId ?? "";
  return toUpdate(`${instanceId}/request`, instanceId, eventId, attributes.value.request);
}

/** Reads an update that an event says was accepted; the request is `admitted`'s if the event has none. */
export function fromAccepted(
  { attributes }: HistoryEvent,
  admitted: SparseMap<string, IncomingUpdate>,
): IncomingUpdate | undefined {
  if (attributes?.case !== "workflowExecutionUpdateAcceptedEventAttributes") return undefined;
  const { protocolInstanceId, acceptedRequestMessageId, acceptedRequestSequencingEventId, acceptedRequest } =
    attributes.value;
  return (
    admitted.get(protocolInstanceId) ??
    toUpdate(acceptedRequestMessageId, protocolInstanceId, acceptedRequestSequencingEventId, acceptedRequest)
  );
}

function toUpdate(
  messageId: string,
  protocolInstanceId: string,
  sequencingEventId: number,
  request: Request | undefined,
): IncomingUpdate {
  if (request?.meta === undefined || request.input === undefined)
    throw new HistoryError(`Cannot read update "${protocolInstanceId}": its request lacks its meta or its input`);
  return { messageId, protocolInstanceId, sequencingEventId, request, meta: request.meta, input: request.input };
}
