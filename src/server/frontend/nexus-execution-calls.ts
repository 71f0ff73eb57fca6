import { isNexusClosed } from "../../core/nexus-execution/state.ts";
import { nexusExecutionInfo } from "../../core/nexus-execution/view.ts";
import { NexusOperationWaitStage } from "../../proto/gen/enums.ts";
import {
  WorkflowService,
  type DescribeNexusOperationExecutionRequest,
  type DescribeNexusOperationExecutionResponse,
  type PollNexusOperationExecutionRequest,
  type PollNexusOperationExecutionResponse,
  type StartNexusOperationExecutionRequest,
  type StartNexusOperationExecutionResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import { invalidArgument, notFound } from "../failures.ts";
import { typedAttributes } from "../history/visibility-row.ts";
import type { LiveNexusExecution } from "../nexus-executions/nexus-executions.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { decodePollToken, encodePollToken } from "./execution-poll-token.ts";
import { waitForExecution } from "./execution-wait.ts";
import {
  checkNexusReference,
  prepareNexusStart,
  requireStandaloneOperations,
  type NexusExecutionReference,
} from "./nexus-execution-request.ts";
import { requireNamespace } from "./requests.ts";

const DELETE_REASON = "Delete nexus operation execution";
const { STARTED, CLOSED } = NexusOperationWaitStage;

/** Starting standalone Nexus operations, looking at them and ending them. */
export function nexusExecutionCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.StartNexusOperationExecution, (request) => start(services, request)),
    serve(methods.DescribeNexusOperationExecution, (request, call) => describe(services, request, call)),
    serve(methods.PollNexusOperationExecution, (request, call) => poll(services, request, call)),
    serve(methods.RequestCancelNexusOperationExecution, (request) => end(services, "requestCancel", request)),
    serve(methods.TerminateNexusOperationExecution, (request) => end(services, "terminate", request)),
    serve(methods.DeleteNexusOperationExecution, async (request) => {
      await deleteOperation(services, requireOperation(services, request));
      return {};
    }),
  ];
}

type Reference = NexusExecutionReference & { readonly namespace: string };

function requireOperation(services: Services, request: Reference): LiveNexusExecution {
  requireStandaloneOperations(services);
  const namespace = requireNamespace(services, request.namespace);
  checkNexusReference(services, request);
  const operation = services.nexusExecutions.find(namespace.id, request.operationId, request.runId);
  if (operation === undefined) throw operationNotFound(request.operationId);
  return operation;
}

function operationNotFound(operationId: string): Error {
  return notFound(`operation not found for ID: ${operationId}`);
}

async function start(
  services: Services,
  request: StartNexusOperationExecutionRequest,
): Promise<Init<StartNexusOperationExecutionResponse>> {
  requireStandaloneOperations(services);
  const namespace = requireNamespace(services, request.namespace);
  const prepared = prepareNexusStart(services, namespace, request);
  const endpoint = services.nexusEndpoints.findByName(prepared.endpoint);
  if (endpoint === undefined) throw notFound(`could not find Nexus endpoint by name: ${prepared.endpoint}`);
  const { value, committed } = services.nexusExecutions.start(namespace, endpoint.id, prepared);
  await committed;
  return value;
}

async function describe(
  services: Services,
  request: DescribeNexusOperationExecutionRequest,
  call: IncomingCall,
): Promise<Init<DescribeNexusOperationExecutionResponse>> {
  const { longPollToken, runId } = request;
  if (longPollToken.length > 0 && runId === "") {
    throw invalidArgument("run_id is required when long_poll_token is provided");
  }
  const found = requireOperation(services, request);
  if (longPollToken.length === 0) {
    await services.engine.durable;
    return toDescription(services, found, request);
  }
  const token = decodePollToken(longPollToken);
  if (token === undefined) throw invalidArgument("invalid long poll token");
  if (token.key !== found.key) throw invalidArgument("long poll token does not match execution");
  const changed = await waitFor(services, found, call, ({ state }) => state.transitions > token.transitions);
  return changed === undefined ? {} : toDescription(services, changed, request);
}

async function poll(
  services: Services,
  request: PollNexusOperationExecutionRequest,
  call: IncomingCall,
): Promise<Init<PollNexusOperationExecutionResponse>> {
  const wanted = request.waitStage || CLOSED;
  if (wanted !== STARTED && wanted !== CLOSED) throw invalidArgument(`unsupported wait_stage: ${String(wanted)}`);
  const found = requireOperation(services, request);
  const reached = await waitFor(
    services,
    found,
    call,
    ({ state }) => isNexusClosed(state) || (wanted === STARTED && state.phase === "started"),
  );
  if (reached === undefined) return {};
  const { runId, state } = reached;
  const { operationToken, outcome } = state;
  return {
    runId,
    operationToken,
    waitStage: isNexusClosed(state) ? CLOSED : STARTED,
    ...(outcome === undefined ? {} : { outcome }),
  };
}

/** The operation when it is as wanted; `undefined` if that does not come about in time. */
function waitFor(
  services: Services,
  found: LiveNexusExecution,
  call: IncomingCall,
  isWanted: (operation: LiveNexusExecution) => boolean,
): Promise<LiveNexusExecution | undefined> {
  const load = (key: LiveNexusExecution["key"]): LiveNexusExecution | undefined => services.nexusExecutions.load(key);
  return waitForExecution(services, found, call, { load, isWanted, gone: operationNotFound });
}

function toDescription(
  services: Services,
  operation: LiveNexusExecution,
  { includeInput, includeOutcome }: DescribeNexusOperationExecutionRequest,
): Init<DescribeNexusOperationExecutionResponse> {
  const { nexusExecutions, clock, namespaces } = services;
  const { key, namespaceId, runId, state } = operation;
  const started = nexusExecutions.readStart(operation);
  const info = nexusExecutionInfo(state, started, runId, clock.now());
  const indexedFields = typedAttributes(state.searchAttributes, namespaces.findById(namespaceId));
  return {
    runId,
    info: { ...info, searchAttributes: { indexedFields } },
    longPollToken: encodePollToken({ key, transitions: state.transitions }),
    ...(includeInput && started.input !== undefined ? { input: started.input } : {}),
    ...(includeOutcome && state.outcome !== undefined ? { outcome: state.outcome } : {}),
  };
}

async function end(
  services: Services,
  kind: "requestCancel" | "terminate",
  request: Reference & { readonly reason: string; readonly identity: string; readonly requestId: string },
): Promise<Record<string, never>> {
  const operation = requireOperation(services, request);
  const { reason, identity } = request;
  const requestId = request.requestId || services.newId();
  await services.nexusExecutions.apply(operation, { kind, reason, identity, requestId }).committed;
  return {};
}

/** Ends the operation, so that those who wait for it hear of it, and forgets it. */
async function deleteOperation(services: Services, operation: LiveNexusExecution): Promise<void> {
  const { nexusExecutions, engine, newId } = services;
  if (!isNexusClosed(operation.state)) {
    const request = { kind: "terminate", reason: DELETE_REASON, identity: "", requestId: newId() } as const;
    await nexusExecutions.apply(operation, request).committed;
  }
  const last = nexusExecutions.load(operation.key);
  await (last === undefined ? engine.durable : nexusExecutions.delete(last).committed);
}
