import { utf8Length } from "../../core/text/utf8.ts";
import { cappedDuration, durationFault } from "../../core/execution/command/check.ts";
import { durationMs, toDuration } from "../../core/execution/duration.ts";
import { NexusOperationIdConflictPolicy, NexusOperationIdReusePolicy } from "../../proto/gen/enums.ts";
import { Payload } from "../../proto/gen/common.ts";
import type { Duration } from "../../proto/gen/google/protobuf.ts";
import type { StartNexusOperationExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { invalidArgument, unimplemented } from "../failures.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { checkLength, checkUserMetadata } from "./activity-execution-request.ts";
import { isUuid } from "./requests.ts";
import { checkSearchAttributes } from "./start-request.ts";

/** What every request about one standalone Nexus operation says. */
export interface NexusExecutionReference {
  readonly operationId: string;
  readonly runId: string;
  readonly identity?: string;
  readonly requestId?: string;
  readonly reason?: string;
}

/** Refuses calls about standalone Nexus operations where there are none. */
export function requireStandaloneOperations({ settings }: Services): void {
  if (!settings.nexus.standaloneOperations) throw unimplemented("Standalone Nexus operation is disabled");
}

/** Checks the ids of a request about one standalone Nexus operation. */
export function checkNexusReference(services: Services, reference: NexusExecutionReference): void {
  const { operationId, runId, identity = "", requestId = "", reason = "" } = reference;
  checkLength(services, "request_id", requestId);
  checkOperationId(services, operationId);
  if (runId !== "" && !isUuid(runId)) throw invalidArgument("run_id is not a valid UUID");
  checkLength(services, "identity", identity);
  const length = utf8Length(reason);
  const { reasonMaxBytes } = services.settings.nexus;
  if (length > reasonMaxBytes) {
    throw invalidArgument(`reason exceeds length limit. Length=${length} Limit=${reasonMaxBytes}`);
  }
}

function checkOperationId(services: Services, operationId: string): void {
  if (operationId === "") throw invalidArgument("operation_id is required");
  checkLength(services, "operation_id", operationId);
}

/**
 * Checks a request to start an operation and sets what it leaves to the server.
 *
 * @throws {RPCError} `INVALID_ARGUMENT`, in the service's words.
 */
export function prepareNexusStart(
  services: Services,
  namespace: Namespace,
  request: StartNexusOperationExecutionRequest,
): StartNexusOperationExecutionRequest {
  checkLength(services, "request_id", request.requestId);
  checkOperationId(services, request.operationId);
  checkLength(services, "identity", request.identity);
  checkTarget(services, request);
  const timeouts = cappedTimeouts(services, request);
  const { blobSizeMaxBytes } = services.settings;
  const inputSize = request.input === undefined ? 0 : Payload.encode(request.input).length;
  if (inputSize > blobSizeMaxBytes) {
    throw invalidArgument(`input exceeds size limit. Length=${inputSize} Limit=${blobSizeMaxBytes}`);
  }
  checkUserMetadata(services, request.userMetadata);
  const nexusHeader = checkHeader(services, request.nexusHeader);
  checkSearchAttributes(namespace, request.searchAttributes);
  return {
    ...request,
    ...timeouts,
    nexusHeader,
    requestId: request.requestId || services.newId(),
    idReusePolicy: request.idReusePolicy || NexusOperationIdReusePolicy.ALLOW_DUPLICATE,
    idConflictPolicy: request.idConflictPolicy || NexusOperationIdConflictPolicy.FAIL,
  };
}

function checkTarget(
  { settings }: Services,
  { endpoint, service, operation }: StartNexusOperationExecutionRequest,
): void {
  if (endpoint === "") throw invalidArgument("endpoint is required");
  const { serviceNameMaxBytes, operationNameMaxBytes } = settings.nexus.limits;
  for (const [name, text, limit] of [
    ["service", service, serviceNameMaxBytes],
    ["operation", operation, operationNameMaxBytes],
  ] as const) {
    if (text === "") throw invalidArgument(`${name} is required`);
    const length = utf8Length(text);
    if (length > limit) throw invalidArgument(`${name} exceeds length limit. Length=${length} Limit=${limit}`);
  }
}

type Timeouts = Pick<
  StartNexusOperationExecutionRequest,
  "scheduleToCloseTimeout" | "scheduleToStartTimeout" | "startToCloseTimeout"
>;

function cappedTimeouts({ settings }: Services, asked: Timeouts): Timeouts {
  for (const [name, timeout] of [
    ["schedule_to_close_timeout", asked.scheduleToCloseTimeout],
    ["schedule_to_start_timeout", asked.scheduleToStartTimeout],
    ["start_to_close_timeout", asked.startToCloseTimeout],
  ] as const) {
    const fault = durationFault(timeout);
    if (fault !== undefined) throw invalidArgument(`${name} is invalid: ${fault}`);
  }
  const maxMs = settings.nexus.limits.scheduleToCloseMaxMs;
  let whole = cappedDuration(asked.scheduleToCloseTimeout);
  if (maxMs > 0 && (durationMs(whole) === 0 || durationMs(whole) > maxMs)) whole = toDuration(maxMs);
  const within = (timeout: Duration | undefined): Duration | undefined =>
    durationMs(whole) > 0 && durationMs(timeout) > durationMs(whole) ? whole : cappedDuration(timeout);
  return {
    scheduleToCloseTimeout: whole,
    scheduleToStartTimeout: within(asked.scheduleToStartTimeout),
    startToCloseTimeout: within(asked.startToCloseTimeout),
  };
}

/** Headers with their names in lower case. */
function checkHeader({ settings }: Services, header: Readonly<Record<string, string>>): Record<string, string> {
  const { disallowedHeaders, headerMaxBytes } = settings.nexus.limits;
  const lowered: Record<string, string> = {};
  let length = 0;
  for (const [key, value] of Object.entries(header)) {
    const name = key.toLowerCase();
    length += utf8Length(name) + utf8Length(value);
    if (disallowedHeaders.includes(name)) {
      throw invalidArgument(`nexus_header contains a disallowed key: ${JSON.stringify(key)}`);
    }
    lowered[name] = value;
  }
  if (length > headerMaxBytes) throw invalidArgument("nexus_header exceeds size limit");
  return lowered;
}
