import { utf8Text } from "../../core/text/utf8.ts";
import {
  PollNexusTaskQueueResponse,
  WorkflowService,
  type PollNexusTaskQueueRequest,
  type RespondNexusTaskCompletedRequest,
  type RespondNexusTaskFailedRequest,
} from "../../proto/gen/workflowservice.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import { invalidArgument, notFound } from "../failures.ts";
import type { WorkerAnswer } from "../nexus/nexus-requests.ts";
import type { Services } from "../services.ts";
import { serve, serveBytes, type CallRow } from "./calls.ts";
import { pollerVersion, registerPoller } from "./poller-version.ts";
import { scaledPoll, toPoll } from "./polling.ts";
import { limitLength, requireNamespace, requireTaskQueue } from "./requests.ts";
import { requireClaim } from "./task-claims.ts";
import { encodeTaskToken } from "./task-token.ts";

const noTask = PollNexusTaskQueueResponse.encode({});

/** What workers call that serve Nexus operations. */
export function nexusTaskCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serveBytes(methods.PollNexusTaskQueue, (request, call) => poll(services, request, call)),
    serve(methods.RespondNexusTaskCompleted, (request) => complete(services, request)),
    serve(methods.RespondNexusTaskFailed, (request) => fail(services, request)),
  ];
}

async function poll(services: Services, request: PollNexusTaskQueueRequest, call: IncomingCall): Promise<Uint8Array> {
  const queue = requireTaskQueue(services, request.taskQueue);
  limitLength(services, request.identity, "Identity length exceeds limit.");
  const namespace = requireNamespace(services, request.namespace);
  const { identity, workerInstanceKey, deploymentOptions, workerVersionCapabilities } = request;
  const address = { namespaceId: namespace.id, type: "nexus", name: queue.name } as const;
  const version = pollerVersion(deploymentOptions, workerVersionCapabilities);
  if (version !== undefined) registerPoller(services, address, version);
  const worker = toPoll(services, call, {
    identity,
    workerInstanceKey,
    deploymentOptions,
    workerVersionCapabilities,
  });
  const { onScaling, withScaling } = scaledPoll(PollNexusTaskQueueResponse);
  const taken = await services.matching.poll(address, { ...worker, version, onScaling }, (task) => {
    if (task.kind !== "nexus") return undefined;
    const wanted = services.nexusRequests.take(task.id);
    if (wanted === undefined) return undefined;
    const taskToken = encodeTaskToken({ kind: "nexus", namespaceId: namespace.id, id: task.id });
    return PollNexusTaskQueueResponse.encode({ taskToken, request: wanted });
  });
  return taken === undefined ? noTask : withScaling(taken);
}

function complete(services: Services, request: RespondNexusTaskCompletedRequest): Record<string, never> {
  const { taskToken, response } = request;
  const variant = response?.variant;
  const started = variant?.case === "startOperation" ? variant.value.variant : undefined;
  if (started?.case === "asyncSuccess") checkToken(services, started.value.operationToken || started.value.operationId);
  const claim = requireClaim(services, "nexus", taskToken, request.namespace);
  if (started?.case === "operationError") checkDetails(started.value.failure?.details);
  answer(services, claim.id, { kind: "response", response: response ?? { variant: undefined } });
  return {};
}

function checkToken({ settings }: Services, operationToken: string): void {
  const max = settings.nexus.limits.operationTokenMaxBytes;
  const length = Buffer.byteLength(operationToken);
  if (length === 0) throw invalidArgument("missing opration token in response");
  if (length > max) throw invalidArgument(`operation token length exceeds allowed limit (${length}/${max})`);
}

function checkDetails(details: Uint8Array | undefined): void {
  if (details === undefined || details.length === 0) return;
  try {
    JSON.parse(utf8Text(details));
  } catch {
    throw invalidArgument("failure details must be JSON serializable");
  }
}

function fail(services: Services, request: RespondNexusTaskFailedRequest): Record<string, never> {
  const { error, failure } = request;
  const claim = requireClaim(services, "nexus", request.taskToken, request.namespace);
  if (error === undefined && failure === undefined) throw invalidArgument("request must contain error or failure");
  checkDetails(error?.failure?.details);
  if (failure !== undefined && failure.failureInfo?.case !== "nexusHandlerFailureInfo") {
    throw invalidArgument("request Failure must contain error or failure with NexusHandlerFailureInfo");
  }
  if (error !== undefined) answer(services, claim.id, { kind: "handlerError", error });
  else if (failure !== undefined) answer(services, claim.id, { kind: "failure", failure });
  return {};
}

function answer({ nexusRequests }: Services, id: string, given: WorkerAnswer): void {
  if (!nexusRequests.answer(id, given)) throw notFound("Nexus task not found or already expired");
}
