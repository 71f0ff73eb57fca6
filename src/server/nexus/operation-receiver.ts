import type { NexusStartAnswer } from "../../core/execution/nexus/answer.ts";
import { NexusHandlerErrorRetryBehavior as RetryBehavior } from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import { Payload } from "../../proto/gen/common.ts";
import type { Failure as NexusFailure } from "../../proto/gen/nexus.ts";
import type { Services } from "../services.ts";
import { failureJson, toNexusFailure } from "./failure-conversion.ts";
import { handlerError } from "./handler-error.ts";
import { linkHeader, parseLinkHeader, toHttpContent } from "./http-content.ts";
import {
  callbackHeaders,
  operationHeaders,
  readContent,
  refuseOverHttp,
  understandsCauses,
  type HttpRequest,
  type HttpResponse,
} from "./http-request.ts";
import type { Invocation } from "./invocation-request.ts";
import { cancelAtWorker, startAtWorker } from "./invocation.ts";
import { toNexusLink } from "./links.ts";
import type { WorkerTarget } from "./nexus-requests.ts";

const REQUEST_TIMEOUT_MAX_MS = 60_000;

/** Where a request goes, by its path. */
interface Addressed {
  readonly endpoint: string;
  readonly target: WorkerTarget;
  readonly service: string;
  readonly operation: string;
  readonly cancels: boolean;
}

/** One outside asks an endpoint, or the workers of a task queue, to start or cancel an operation. */
export async function receiveOperation(
  services: Services,
  request: HttpRequest,
  path: readonly string[],
): Promise<HttpResponse> {
  const addressed = findAddressed(services, path);
  if ("failureInfo" in addressed) return refuseOverHttp(addressed);
  const timeoutMs = timeoutOf(request);
  if (timeoutMs === undefined) return refuseOverHttp(handlerError("BAD_REQUEST", "invalid request timeout header"));
  const { endpoint, target, service, operation, cancels } = addressed;
  const invocation: Omit<Invocation<never>, "message"> = {
    endpointId: "",
    endpoint,
    header: operationHeaders(request),
    timeoutMs,
    takesCauses: understandsCauses(request),
  };
  if (cancels) {
    const operationToken = String(
      request.headers["nexus-operation-token"] ?? request.url.searchParams.get("token") ?? "",
    );
    if (operationToken === "") return refuseOverHttp(handlerError("BAD_REQUEST", "missing operation token"));
    const { "nexus-operation-token": _told, ...header } = invocation.header;
    const message = { service, operation, operationToken, operationId: operationToken };
    const answer = await cancelAtWorker(services, target, { ...invocation, header, message });
    return answer.kind === "succeeded" ? { status: 202 } : refuseOverHttp(answer.failure, request);
  }
  const links = parseLinkHeader(String(request.headers["nexus-link"] ?? ""));
  if (links === undefined) return refuseOverHttp(handlerError("BAD_REQUEST", 'invalid "Nexus-Link" header'));
  const payload = readContent(request);
  if (payload === undefined) return refuseOverHttp(handlerError("BAD_REQUEST", "invalid input"));
  if (Payload.encode(payload).length > services.settings.blobSizeMaxBytes)
    return refuseOverHttp(handlerError("BAD_REQUEST", "input exceeds size limit"));
  const message = {
    service,
    operation,
    requestId: String(request.headers["nexus-request-id"] ?? services.newId()),
    callback: request.url.searchParams.get("callback") ?? "",
    callbackHeader: callbackHeaders(request),
    payload,
    links,
  };
  return toResponse(await startAtWorker(services, target, { ...invocation, message }), request);
}

/** `undefined` if it cannot be read. */
function timeoutOf({ headers }: HttpRequest): number | undefined {
  const text = String(headers["request-timeout"] ?? "");
  if (text === "") return REQUEST_TIMEOUT_MAX_MS;
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  return amount === "" ? undefined : Math.min(Number(amount) * (unitsMs[unit] ?? 1), REQUEST_TIMEOUT_MAX_MS);
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

function notFound(message: string): Failure {
  return handlerError("NOT_FOUND", message);
}

/** By endpoint or by namespace and task queue; a failure says what is not there. */
function findAddressed(services: Services, path: readonly string[]): Addressed | Failure {
  const [first, second = "", third, fourth = "", fifth] = path;
  if (first === "nexus" && second === "endpoints" && fourth === "services") {
    const endpoint = services.nexusEndpoints.findById(third ?? "");
    const variant = endpoint?.spec?.target?.variant;
    if (endpoint === undefined)
      return handlerError("NOT_FOUND", "nexus endpoint not found", RetryBehavior.NON_RETRYABLE);
    if (variant?.case !== "worker") return handlerError("BAD_REQUEST", "invalid endpoint target");
    const { namespace: namespaceId, taskQueue } = variant.value;
    return withOperation(endpoint.spec?.name ?? "", { namespaceId, taskQueue }, path.slice(4));
  }
  if (first === "namespaces" && third === "task-queues" && fifth === "nexus-services") {
    const namespace = services.namespaces.find(second);
    if (namespace === undefined) return notFound(`namespace not found: ${JSON.stringify(second)}`);
    return withOperation("", { namespaceId: namespace.id, taskQueue: fourth }, path.slice(5));
  }
  return notFound("not found");
}

function withOperation(endpoint: string, target: WorkerTarget, rest: readonly string[]): Addressed | Failure {
  const [service = "", operation = "", verb] = rest;
  if (service === "" || operation === "" || rest.length > 3) return notFound("not found");
  if (verb !== undefined && verb !== "cancel") return notFound("not found");
  return { endpoint, target, service, operation, cancels: verb === "cancel" };
}

const json = { "content-type": "application/json" };

function toResponse(answer: NexusStartAnswer, request: HttpRequest): HttpResponse {
  switch (answer.kind) {
    case "started":
      return {
        status: 201,
        headers: { ...json, ...linksOf(answer) },
        body: Buffer.from(JSON.stringify({ token: answer.operationToken, state: "running" })),
      };
    case "completed":
      return completedResponse(answer, request);
    case "timedOut":
      return refuseOverHttp(handlerError("UPSTREAM_TIMEOUT", "upstream timeout"));
    default:
      return refuseOverHttp(answer.failure, request);
  }
}

function completedResponse(
  answer: Extract<NexusStartAnswer, { kind: "completed" }>,
  request: HttpRequest,
): HttpResponse {
  const { outcome } = answer;
  if (outcome.kind === "succeeded") {
    const { body, contentType, others } = toHttpContent(outcome.result);
    const headers = Object.fromEntries(Object.entries(others).map(([name, value]) => [`content-${name}`, value]));
    if (contentType !== undefined) headers["content-type"] = contentType;
    return { status: 200, headers: { ...headers, ...linksOf(answer) }, body };
  }
  const state = outcome.canceled ? "canceled" : "failed";
  const cause = toNexusFailure(outcome.failure);
  const wrapper: NexusFailure = {
    message: "operation error",
    stackTrace: "",
    metadata: { type: "nexus.OperationError", "unwrap-error": "true" },
    details: Buffer.from(JSON.stringify({ state })),
    cause,
  };
  return {
    status: 424,
    headers: { ...json, "nexus-operation-state": state },
    body: Buffer.from(JSON.stringify(failureJson(understandsCauses(request) ? wrapper : cause))),
  };
}

function linksOf({ links }: Extract<NexusStartAnswer, { kind: "started" | "completed" }>): Record<string, string> {
  const named = links.flatMap((link) => toNexusLink(link) ?? []);
  return named.length === 0 ? {} : { "nexus-link": linkHeader(named) };
}
