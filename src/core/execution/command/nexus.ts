import type {
  Command,
  RequestCancelNexusOperationCommandAttributes,
  ScheduleNexusOperationCommandAttributes,
} from "../../../proto/gen/command.ts";
import { Payload } from "../../../proto/gen/common.ts";
import { WorkflowTaskFailedCause as Cause } from "../../../proto/gen/enums.ts";
import type { Duration } from "../../../proto/gen/google/protobuf.ts";
import { durationMs, toDuration } from "../duration.ts";
import { hasNexusEnd } from "../nexus/buffered-end.ts";
import { offerNexusCancel, offerNexusStart } from "../nexus/retry.ts";
import { SYSTEM_NEXUS_ENDPOINT } from "../nexus/system-endpoint.ts";
import { utf8Length } from "../../text/utf8.ts";
import { addCommandEvent, type CommandBatch } from "./batch.ts";
import { cappedDuration, durationFault } from "./check.ts";
import { type CommandFault, fatalFault, fault } from "./fault.ts";

type Attributes = ScheduleNexusOperationCommandAttributes;

const SCHEDULE = Cause.BAD_SCHEDULE_NEXUS_OPERATION_ATTRIBUTES;
const CANCEL = Cause.BAD_REQUEST_CANCEL_NEXUS_OPERATION_ATTRIBUTES;
const NAME = "ScheduleNexusOperationCommandAttributes";

/** Schedules a Nexus operation. */
export function scheduleNexusOperation(
  batch: CommandBatch,
  command: Command,
  attributes: Attributes,
): CommandFault | undefined {
  const { t, state } = batch;
  const { nexus } = t.context.limits;
  const { endpoint, service, operation, input } = attributes;
  const system = endpoint === SYSTEM_NEXUS_ENDPOINT;
  const wrong = system ? systemFault(batch, attributes) : undefined;
  const endpointId = system ? "" : t.context.nexusEndpointId?.(endpoint);
  if (wrong !== undefined) return fault(SCHEDULE, wrong);
  if (endpointId === undefined) return fault(SCHEDULE, `endpoint ${JSON.stringify(endpoint)} not found`);
  const wrongOption = optionFault(batch, attributes);
  if (wrongOption !== undefined) return fault(SCHEDULE, wrongOption);
  if (!system && input !== undefined && Payload.encode(input).length > t.context.limits.blobSizeErrorBytes)
    return fatalFault(SCHEDULE, `${NAME}.Input exceeds size limit`);
  const wrongHeader = headerFault(batch, attributes.nexusHeader);
  if (wrongHeader !== undefined) return fault(SCHEDULE, wrongHeader);
  if (state.nexusOperations.size >= nexus.operationsMax) {
    return fault(
      Cause.PENDING_NEXUS_OPERATIONS_LIMIT_EXCEEDED,
      `workflow has reached the pending nexus operation limit of ${nexus.operationsMax} for this namespace`,
    );
  }
  const { eventId } = addCommandEvent(batch, command, {
    case: "nexusOperationScheduledEventAttributes",
    value: {
      endpoint,
      endpointId,
      service,
      operation,
      input,
      ...timeouts(batch, attributes),
      nexusHeader: lowerCaseKeys(attributes.nexusHeader),
      requestId: t.context.newId(),
      workflowTaskCompletedEventId: batch.completedEventId,
    },
  });
  offerNexusStart(t, eventId);
  return undefined;
}

function systemFault({ t, state }: CommandBatch, attributes: Attributes): string | undefined {
  if (Object.keys(attributes.nexusHeader).length > 0)
    return `${NAME}.NexusHeader must be empty when using ${SYSTEM_NEXUS_ENDPOINT} endpoint`;
  const { namespaceId } = state;
  const { service, operation, input } = attributes;
  return t.context.systemOperationFault?.({ namespaceId, service, operation, input });
}

function optionFault({ t }: CommandBatch, attributes: Attributes): string | undefined {
  const { serviceNameMaxBytes, operationNameMaxBytes } = t.context.limits.nexus;
  if (utf8Length(attributes.service) > serviceNameMaxBytes)
    return `${NAME}.Service exceeds length limit of ${serviceNameMaxBytes}`;
  if (utf8Length(attributes.operation) > operationNameMaxBytes)
    return `${NAME}.Operation exceeds length limit of ${operationNameMaxBytes}`;
  for (const [name, value] of [
    ["ScheduleToCloseTimeout", attributes.scheduleToCloseTimeout],
    ["ScheduleToStartTimeout", attributes.scheduleToStartTimeout],
    ["StartToCloseTimeout", attributes.startToCloseTimeout],
  ] as const) {
    const wrong = durationFault(value);
    if (wrong !== undefined) return `${NAME}.${name} is invalid: ${wrong}`;
  }
  return undefined;
}

function headerFault({ t }: CommandBatch, header: Readonly<Record<string, string>>): string | undefined {
  const { disallowedHeaders, headerMaxBytes } = t.context.limits.nexus;
  let size = 0;
  for (const [key, value] of Object.entries(header)) {
    if (disallowedHeaders.includes(key.toLowerCase()))
      return `${NAME}.NexusHeader contains a disallowed header key: ${JSON.stringify(key)}`;
    size += utf8Length(key) + utf8Length(value);
  }
  return size > headerMaxBytes ? `${NAME}.NexusHeader exceeds size limit` : undefined;
}

function lowerCaseKeys(header: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(header).map(([key, value]) => [key.toLowerCase(), value]));
}

type Timeouts = Pick<Attributes, "scheduleToCloseTimeout" | "scheduleToStartTimeout" | "startToCloseTimeout">;

/** No operation may outlast its run, and no part of it the whole. */
function timeouts({ t, state }: CommandBatch, attributes: Attributes): Timeouts {
  const { scheduleToCloseMaxMs } = t.context.limits.nexus;
  const runMs = durationMs(state.started?.workflowRunTimeout);
  let close = cappedDuration(attributes.scheduleToCloseTimeout);
  if (runMs > 0 && (durationMs(close) === 0 || durationMs(close) > runMs)) close = state.started?.workflowRunTimeout;
  if (scheduleToCloseMaxMs > 0 && durationMs(close) > scheduleToCloseMaxMs) close = toDuration(scheduleToCloseMaxMs);
  const closeMs = durationMs(close);
  const within = (duration: Duration | undefined): Duration | undefined =>
    closeMs > 0 && durationMs(duration) > closeMs ? close : cappedDuration(duration);
  return {
    scheduleToCloseTimeout: close,
    scheduleToStartTimeout: within(attributes.scheduleToStartTimeout),
    startToCloseTimeout: within(attributes.startToCloseTimeout),
  };
}

/** Asks for a Nexus operation's cancellation. One whose end the workflow does not know of yet may be asked for in vain. */
export function requestCancelNexusOperation(
  batch: CommandBatch,
  command: Command,
  { scheduledEventId }: RequestCancelNexusOperationCommandAttributes,
): CommandFault | undefined {
  const { t, state } = batch;
  const operation = state.nexusOperations.get(scheduledEventId);
  if (operation === undefined && !hasNexusEnd(t, scheduledEventId)) {
    return fault(
      CANCEL,
      `requested cancelation for a non-existing or already completed operation with scheduled event ID of ${scheduledEventId}`,
    );
  }
  if (operation?.cancel !== undefined) {
    return fault(
      CANCEL,
      `cancelation was already requested for an operation with scheduled event ID ${scheduledEventId}`,
    );
  }
  addCommandEvent(batch, command, {
    case: "nexusOperationCancelRequestedEventAttributes",
    value: { scheduledEventId, workflowTaskCompletedEventId: batch.completedEventId },
  });
  offerNexusCancel(t, scheduledEventId);
  return undefined;
}
