import { WorkflowTaskFailedCause as Cause } from "../../../proto/gen/enums.ts";
import type { Message } from "../../../proto/gen/protocol.ts";
import { Acceptance, Rejection, Request, Response } from "../../../proto/gen/update.ts";
import type { CommandBatch } from "../command/batch.ts";
import { type CommandFault, fatalFault, fault } from "../command/fault.ts";
import { invalidArgument } from "../execution-error.ts";
import { addUpdateCallbacks } from "./attach.ts";
import { bodyTypeName } from "./message-type.ts";
import { requestMessageId } from "./send.ts";
import type { UpdateState } from "./update-state.ts";

const CAUSE = Cause.BAD_UPDATE_WORKFLOW_EXECUTION_MESSAGE;
const PROTOCOL = "temporal.api.update.v1";

/**
 * Takes a worker's answer to an update.
 *
 * @throws {ExecutionError} If the message has no body.
 */
export function handleMessage(batch: CommandBatch, message: Message): CommandFault | undefined {
  const { t, state } = batch;
  const type = bodyTypeName(message);
  if (message.body === undefined || type === "") throw invalidArgument("message body is not set");
  if (message.body.value.length > t.context.limits.blobSizeErrorBytes)
    return fatalFault(CAUSE, `Message type ${type} exceeds size limit.`);
  if (type.slice(0, type.lastIndexOf(".")) !== PROTOCOL) return fault(CAUSE, `unsupported protocol type ${type}`);
  const updateId = message.protocolInstanceId;
  const update = state.updates.get(updateId);
  const body = message.body.value;
  switch (type) {
    case Acceptance.typeName:
      return accept(batch, { updateId, update }, Acceptance.decode(body));
    case Rejection.typeName:
      return reject(batch, { updateId, update }, Rejection.decode(body));
    case Response.typeName:
      return complete(batch, { updateId, update }, Response.decode(body));
    default:
      return fault(CAUSE, `Message type ${type} not supported`);
  }
}

interface Named {
  readonly updateId: string;
  readonly update: UpdateState | undefined;
}

function unknown(updateId: string): CommandFault {
  return fault(
    CAUSE,
    `update ${updateId} wasn't found on the server. This is most likely a transient error which will be resolved automatically by retries`,
  );
}

function wrongState({ updateId, update }: Named, type: string): CommandFault {
  const state = (update?.phase ?? "absent").replace(/^./, (letter) => letter.toUpperCase());
  return fault(
    CAUSE,
    `invalid state transition attempted for Update ${updateId}: received *update.${type} message while in state ${state}`,
  );
}

/** An update that the server has forgotten is known again by the request that comes back with its answer. */
function accept(batch: CommandBatch, named: Named, acceptance: Acceptance): CommandFault | undefined {
  const { t, state } = batch;
  const { updateId, update } = named;
  if (state.phase !== "running") return undefined;
  if (update === undefined && acceptance.acceptedRequest === undefined) return unknown(updateId);
  if (update !== undefined && update.phase !== "sent" && update.phase !== "admitted")
    return wrongState(named, "Acceptance");
  if (acceptance.acceptedRequestSequencingEventId === 0)
    return fault(CAUSE, "invalid *update.Acceptance: accepted_request_sequencing_event_id is not set");
  if (acceptance.acceptedRequestMessageId === "")
    return fault(CAUSE, "invalid *update.Acceptance: accepted_request_message_id is not set");
  const acceptedRequest = update === undefined ? acceptance.acceptedRequest : update.request;
  const { eventId } = t.add(
    {
      case: "workflowExecutionUpdateAcceptedEventAttributes",
      value: {
        protocolInstanceId: updateId,
        acceptedRequestMessageId: requestMessageId(updateId),
        acceptedRequestSequencingEventId: acceptance.acceptedRequestSequencingEventId,
        acceptedRequest,
      },
    },
    { links: acceptedRequest?.links },
  );
  t.effect({ kind: "updateAccepted", updateId, acceptedEventId: eventId });
  for (const { requestId, callbacks } of update?.heldCallbacks ?? [])
    addUpdateCallbacks(t, updateId, requestId, callbacks);
  return undefined;
}

function reject(batch: CommandBatch, named: Named, { rejectedRequest, failure }: Rejection): CommandFault | undefined {
  const { t } = batch;
  const { updateId, update } = named;
  if (update === undefined && rejectedRequest === undefined) return unknown(updateId);
  if (update !== undefined && update.phase !== "sent" && update.phase !== "admitted")
    return wrongState(named, "Rejection");
  if (update !== undefined) t.do({ op: "rejectUpdate", updateId });
  if (failure !== undefined)
    t.effect({
      kind: "updateCompleted",
      updateId,
      outcome: { value: { case: "failure", value: failure } },
      rejected: true,
    });
  return undefined;
}

function complete(batch: CommandBatch, named: Named, { meta, outcome }: Response): CommandFault | undefined {
  const { t, state } = batch;
  const { updateId, update } = named;
  if (state.phase !== "running") return undefined;
  if (update === undefined) return unknown(updateId);
  if (update.phase !== "accepted") return wrongState(named, "Response");
  if (meta?.updateId !== updateId) return fault(CAUSE, `invalid *update.Response: meta.update_id != ${updateId}`);
  if (outcome === undefined) return fault(CAUSE, "invalid *update.Response: outcome is not set");
  t.add({
    case: "workflowExecutionUpdateCompletedEventAttributes",
    value: { meta, acceptedEventId: update.acceptedEventId, outcome },
  });
  t.effect({ kind: "updateCompleted", updateId, outcome, rejected: false });
  return undefined;
}

/** Why an update's request is not valid, in the service's words. */
export function requestFault(request: Request): string | undefined {
  const what = "invalid *update.Request";
  if (request.meta === undefined) return `${what}: meta is not set`;
  if (request.meta.updateId === "") return `${what}: meta.update_id is not set`;
  if (request.input === undefined) return `${what}: input is not set`;
  if (request.input.name === "") return `${what}: input.name is not set`;
  return request.completionCallbacks.length > 0 && request.requestId === ""
    ? `${what}: request_id is required when completion_callbacks are set`
    : undefined;
}
