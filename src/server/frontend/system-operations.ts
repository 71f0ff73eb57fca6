import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import { ExecutionError } from "../../core/execution/execution-error.ts";
import type { NexusStartAnswer } from "../../core/execution/nexus/answer.ts";
import type { NexusOperationState } from "../../core/execution/nexus/nexus-state.ts";
import { pascalCase } from "../../core/schedule/retry.ts";
import { Link, type Payload } from "../../proto/gen/common.ts";
import { EventType } from "../../proto/gen/enums.ts";
import { Failure } from "../../proto/gen/failure.ts";
import type { JsonValue } from "../../proto/json-value.ts";
import { fromJson } from "../../proto/json.ts";
import {
  SignalWithStartWorkflowExecutionRequest,
  SignalWithStartWorkflowExecutionResponse,
} from "../../proto/gen/workflowservice.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import { invalidArgument, toRPCError } from "../failures.ts";
import type { Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import { checkSignalWithStart, signalWithStart, type SignalWithStart } from "./signal-with-start.ts";

const SERVICE = "temporal.api.workflowservice.v1.WorkflowService";
const OPERATION = "SignalWithStartWorkflowExecution";
/** Marks what the system answers, for workers that treat it otherwise than what users made. */
const SYSTEM_PAYLOAD = "__temporal_system_payload";

/** What a workflow asks of the system. */
interface Asked {
  readonly namespaceId: string;
  readonly service: string;
  readonly operation: string;
  readonly input: Payload | undefined;
  readonly requestId: string;
  readonly links: readonly Link[];
}

/** Why an operation of the system's own endpoint cannot be, in the service's words; undefined if it can. */
export function systemOperationFault(
  services: Services,
  asked: Omit<Asked, "requestId" | "links">,
): string | undefined {
  try {
    prepare(services, { ...asked, requestId: services.newId(), links: [] });
    return undefined;
  } catch (error) {
    if (error instanceof RPCError) return error.message;
    throw error;
  }
}

function prepare(services: Services, asked: Asked): SignalWithStart {
  if (asked.service !== SERVICE) throw invalidArgument(`service ${JSON.stringify(asked.service)} not found`);
  if (asked.operation !== OPERATION) throw invalidArgument(`operation ${JSON.stringify(asked.operation)} not found`);
  const request = readInput(asked.input);
  if (!services.settings.nexus.signalWithStartFromWorkflow) {
    throw new RPCError(RPCStatusCode.UNIMPLEMENTED, "SignalWithStart operation is disabled");
  }
  const namespace = services.namespaces.getById(asked.namespaceId).name;
  if (request.namespace !== "" && request.namespace !== namespace) {
    throw invalidArgument(
      `Namespace in request ${JSON.stringify(request.namespace)} does not match namespace in context ${JSON.stringify(namespace)}`,
    );
  }
  if (request.requestId !== "") throw invalidArgument("RequestID should not be set on the request");
  if (request.links.length > 0) throw invalidArgument("Links should not be set on the request");
  const links = [...asked.links];
  return checkSignalWithStart(services, { ...request, namespace, requestId: asked.requestId, links });
}

function readInput(input: Payload | undefined): SignalWithStartWorkflowExecutionRequest {
  const encoding = utf8Text(input?.metadata["encoding"] ?? new Uint8Array(0));
  try {
    if (input !== undefined && encoding === "binary/protobuf")
      return SignalWithStartWorkflowExecutionRequest.decode(input.data);
    if (input !== undefined && (encoding === "json/protobuf" || encoding === "json/plain")) {
      const json = JSON.parse(utf8Text(input.data)) as JsonValue;
      return fromJson(SignalWithStartWorkflowExecutionRequest, json);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidArgument(`failed to decode input payload: ${reason}`);
  }
  throw invalidArgument(`failed to decode input payload: encoding ${JSON.stringify(encoding)} is not supported`);
}

/** Does what a workflow asks of the system itself. */
export async function startSystemOperation(
  services: Services,
  run: Run,
  { scheduled, scheduledEventId }: NexusOperationState,
): Promise<NexusStartAnswer> {
  try {
    const checked = prepare(services, {
      namespaceId: run.namespaceId,
      service: scheduled.service,
      operation: scheduled.operation,
      input: scheduled.input,
      requestId: scheduled.requestId,
      links: [scheduledLink(run, scheduledEventId)],
    });
    const { value, committed } = services.engine.transact((transaction) =>
      signalWithStart(transaction, services, checked),
    );
    await committed;
    if (value.error !== undefined) throw value.error;
    const { runId = "", started = false, signalLink = {} } = value.response;
    const result = toPayload({ runId, started, signalLink });
    return { kind: "completed", outcome: { kind: "succeeded", result }, links: [Link.create(signalLink)] };
  } catch (error) {
    if (!(error instanceof RPCError) && !(error instanceof ExecutionError)) throw error;
    return refused(toRPCError(error));
  }
}

function toPayload(response: Parameters<typeof SignalWithStartWorkflowExecutionResponse.encode>[0]): Payload {
  return {
    metadata: {
      encoding: utf8Bytes("binary/protobuf"),
      messageType: utf8Bytes(SignalWithStartWorkflowExecutionResponse.typeName),
      [SYSTEM_PAYLOAD]: utf8Bytes("true"),
    },
    data: SignalWithStartWorkflowExecutionResponse.encode(response),
    externalPayloads: [],
  };
}

const retryable: ReadonlySet<RPCStatusCode> = new Set<RPCStatusCode>([
  RPCStatusCode.UNAVAILABLE,
  RPCStatusCode.RESOURCE_EXHAUSTED,
  RPCStatusCode.DEADLINE_EXCEEDED,
  RPCStatusCode.ABORTED,
  RPCStatusCode.INTERNAL,
]);

const statusNames = new Map(Object.entries(RPCStatusCode).map(([name, status]) => [status, name]));

function refused({ status, message }: RPCError): NexusStartAnswer {
  const retries = retryable.has(status);
  const failure = Failure.create({
    message: `${pascalCase(statusNames.get(status) ?? "UNKNOWN")}: ${message}`,
    failureInfo: { case: "serverFailureInfo", value: { nonRetryable: !retries } },
  });
  return { kind: retries ? "retry" : "failed", failure };
}

function scheduledLink({ state, workflowId, runId }: Run, eventId: number): Link {
  const eventRef = { eventId, eventType: EventType.NEXUS_OPERATION_SCHEDULED };
  return {
    variant: {
      case: "workflowEvent",
      value: { namespace: state.namespace, workflowId, runId, reference: { case: "eventRef", value: eventRef } },
    },
  };
}
