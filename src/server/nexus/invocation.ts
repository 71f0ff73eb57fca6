import type { NexusCancelAnswer, NexusStartAnswer } from "../../core/execution/nexus/answer.ts";
import { toTimestamp } from "../../core/execution/duration.ts";
import { Payload } from "../../proto/gen/common.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import {
  Request,
  type CancelOperationRequest,
  type Endpoint,
  type StartOperationRequest,
} from "../../proto/gen/nexus.ts";
import type { Init } from "../../proto/message.ts";
import type { Services } from "../services.ts";
import { callError } from "./call-error.ts";
import { SYSTEM_CALLBACK_URL } from "./callback-token.ts";
import { handlerError } from "./handler-error.ts";
import { cancelOverHttp, startOverHttp, USER_AGENT } from "./http-client.ts";
import { linkHeader } from "./http-content.ts";
import type { Invocation } from "./invocation-request.ts";
import type { WorkerTarget } from "./nexus-requests.ts";
import { orNull, refusal, toCancelAnswer, toStartAnswer } from "./worker-answers.ts";

/** What attempts need of the server. */
export type InvocationServices = Pick<
  Services,
  "nexusEndpoints" | "nexusRequests" | "namespaces" | "clock" | "settings"
>;

/** The endpoint that an operation was scheduled for. It may have been made anew under its name. */
export function findEndpoint(
  { nexusEndpoints }: InvocationServices,
  endpointId: string,
  name: string,
): Endpoint | undefined {
  return nexusEndpoints.findById(endpointId) ?? nexusEndpoints.findByName(name);
}

/** Asks an endpoint to start an operation, once. Needs no workflow. */
export async function startOperation(
  services: InvocationServices,
  invocation: Invocation<Init<StartOperationRequest>>,
): Promise<NexusStartAnswer> {
  const target = findTarget(services, invocation);
  if (target === undefined) return refusal(handlerError("NOT_FOUND", "endpoint not registered"));
  if (target.case === "external") return limitAnswer(services, await startOverHttp(target.value.url, invocation));
  const { namespace: namespaceId, taskQueue } = target.value;
  const { requestId = "", links = [] } = invocation.message;
  const named = links.map(({ url = "", type = "" }) => ({ url, type }));
  // Handlers see them as they would see those of a request over HTTP.
  const header = {
    "nexus-request-id": requestId,
    ...(named.length === 0 ? {} : { "nexus-link": linkHeader(named) }),
    ...invocation.header,
  };
  return startAtWorker(services, { namespaceId, taskQueue }, { ...invocation, header });
}

/** Asks the workers of a task queue to start an operation, once. */
export async function startAtWorker(
  services: InvocationServices,
  target: WorkerTarget,
  invocation: Invocation<Init<StartOperationRequest>>,
): Promise<NexusStartAnswer> {
  const { payload } = invocation.message;
  const message = { ...invocation.message, payload: payload ?? orNull(undefined) };
  const answer = await sendToWorker(services, target, invocation, { case: "startOperation", value: message });
  return limitAnswer(services, toStartAnswer(answer));
}

/** Asks an endpoint to cancel an operation, once. */
export async function cancelOperation(
  services: InvocationServices,
  invocation: Invocation<Init<CancelOperationRequest>>,
): Promise<NexusCancelAnswer> {
  const target = findTarget(services, invocation);
  if (target === undefined) return refusal(handlerError("NOT_FOUND", "endpoint not registered"));
  if (target.case === "external") return cancelOverHttp(target.value.url, invocation);
  const { namespace: namespaceId, taskQueue } = target.value;
  // As in the service, which asks for causes where it starts operations only.
  return cancelAtWorker(services, { namespaceId, taskQueue }, { ...invocation, takesCauses: false });
}

/** Asks the workers of a task queue to cancel an operation, once. */
export async function cancelAtWorker(
  services: InvocationServices,
  target: WorkerTarget,
  invocation: Invocation<Init<CancelOperationRequest>>,
): Promise<NexusCancelAnswer> {
  const variant = { case: "cancelOperation" as const, value: invocation.message };
  return toCancelAnswer(await sendToWorker(services, target, invocation, variant));
}

type Target = NonNullable<NonNullable<NonNullable<Endpoint["spec"]>["target"]>["variant"]>;

function findTarget(services: InvocationServices, { endpointId, endpoint }: Invocation<unknown>): Target | undefined {
  return findEndpoint(services, endpointId, endpoint)?.spec?.target?.variant;
}

async function sendToWorker(
  { nexusRequests, clock, settings }: InvocationServices,
  target: WorkerTarget,
  { endpoint, header, timeoutMs, takesCauses = true }: Invocation<unknown>,
  variant: NonNullable<Init<Request>["variant"]>,
): ReturnType<typeof nexusRequests.send> {
  const nowMs = clock.now();
  const told = Object.entries(header).filter(([name]) => !settings.nexus.hiddenHeaders.test(name));
  const request = Request.create({
    header: { "user-agent": USER_AGENT, ...Object.fromEntries(told) },
    scheduledTime: toTimestamp(nowMs),
    capabilities: { temporalFailureResponses: takesCauses },
    endpoint,
    variant,
  });
  const untilMs = nowMs + Math.max(0, timeoutMs - settings.nexus.dispatchBufferMs);
  return nexusRequests.send(target, request, untilMs);
}

/** Answers that are too large to keep end the operation. */
function limitAnswer({ settings }: InvocationServices, answer: NexusStartAnswer): NexusStartAnswer {
  if (answer.kind === "started") {
    const max = settings.nexus.limits.operationTokenMaxBytes;
    const length = Buffer.byteLength(answer.operationToken);
    if (length > max) {
      return tooLarge(`invalid operation token: length exceeds allowed limit (${length}/${max})`);
    }
  }
  if (answer.kind === "completed" && answer.outcome.kind === "succeeded") {
    const { result } = answer.outcome;
    if (result !== undefined && Payload.encode(result).length > settings.blobSizeMaxBytes)
      return tooLarge("http: response body too large");
  }
  return answer;
}

function tooLarge(message: string): NexusStartAnswer {
  return { kind: "failed", failure: callError(message, false) };
}

/** Where the handler of an endpoint sends completions; a failure says why there is no such address. */
export function callbackUrl(
  services: InvocationServices,
  endpoint: Endpoint | undefined,
  namespaceId: string,
): string | Failure {
  const { callbackUrlTemplate: template, useSystemCallback } = services.settings.nexus;
  const external = endpoint?.spec?.target?.variant?.case === "external";
  if (endpoint === undefined || (useSystemCallback && !external)) return SYSTEM_CALLBACK_URL;
  if (template === "unset") {
    return handlerError("INTERNAL", 'dynamic config "component.nexusoperations.callback.endpoint.template" is unset');
  }
  const name = services.namespaces.findById(namespaceId)?.name ?? "";
  return template.replaceAll("{{.NamespaceName}}", () => name).replaceAll("{{.NamespaceID}}", () => namespaceId);
}
