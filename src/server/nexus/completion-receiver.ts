import { utf8Text } from "../../core/text/utf8.ts";
import type { NexusOutcome } from "../../core/execution/nexus/answer.ts";
import { ExecutionError } from "../../core/execution/execution-error.ts";
import { Payload } from "../../proto/gen/common.ts";
import type { Services } from "../services.ts";
import { CALLBACK_TOKEN_HEADER, decodeCallbackToken } from "./callback-token.ts";
import { completeOperation, type OperationCompletion } from "./completions.ts";
import { malformedFailure, operationStateOf } from "./failure-conversion.ts";
import { handlerError, type HandlerErrorType } from "./handler-error.ts";
import { parseNexusFailure, readOperationError } from "./http-answer.ts";
import { isJson, parseLinkHeader } from "./http-content.ts";
import { readContent, refuseOverHttp, type HttpRequest, type HttpResponse } from "./http-request.ts";
import { fromNexusLinks } from "./links.ts";

/** One outside tells how an operation has ended. */
export async function receiveCompletion(
  services: Services,
  request: HttpRequest,
  namespace: string | undefined,
): Promise<HttpResponse> {
  const target = decodeCallbackToken(String(request.headers[CALLBACK_TOKEN_HEADER] ?? ""));
  if (target === undefined) return refuse("BAD_REQUEST", "invalid callback token");
  const known = services.namespaces.findById(target.namespaceId);
  if (known === undefined) return refuse("NOT_FOUND", `namespace ${JSON.stringify(target.namespaceId)} not found`);
  if (namespace !== undefined && namespace !== known.name) return refuse("BAD_REQUEST", "invalid callback token");
  const completion = readCompletion(services, request);
  if (typeof completion === "string") return refuse("BAD_REQUEST", completion);
  try {
    const { committed } = services.engine.transact((transaction) => {
      if (target.kind === "workflow") completeOperation(transaction, target, completion);
      else services.nexusExecutions.complete(transaction, target, completion);
    });
    await committed;
    return { status: 200 };
  } catch (error) {
    if (error instanceof ExecutionError && error.status === "NOT_FOUND") return refuse("NOT_FOUND", error.message);
    return refuse("INTERNAL", "internal error");
  }
}

function refuse(type: HandlerErrorType, message: string): HttpResponse {
  return refuseOverHttp(handlerError(type, message));
}

/** What a request says; a string says what is wrong with it. */
function readCompletion(services: Services, request: HttpRequest): OperationCompletion | string {
  const { headers } = request;
  const operationToken = String(headers["nexus-operation-token"] ?? "");
  const { operationTokenMaxBytes } = services.settings.nexus.limits;
  const length = Buffer.byteLength(operationToken);
  if (length > operationTokenMaxBytes)
    return `operation token length exceeds allowed limit (${length}/${operationTokenMaxBytes})`;
  const startTime = headers["nexus-operation-start-time"];
  const startedMs = startTime === undefined ? undefined : Date.parse(String(startTime));
  if (startedMs !== undefined && Number.isNaN(startedMs)) return "failed to parse operation start time header";
  const outcome = readOutcome(services, request);
  if (typeof outcome === "string") return outcome;
  const links = parseLinkHeader(String(headers["nexus-link"] ?? ""));
  if (links === undefined) return "failed to decode links from request headers";
  return { outcome, operationToken, startedMs, links: fromNexusLinks(links) };
}

function readOutcome(services: Services, request: HttpRequest): NexusOutcome | string {
  const { headers, body } = request;
  const state = String(headers["nexus-operation-state"] ?? "");
  if (state === "succeeded") {
    const result = readContent(request);
    if (result === undefined) return "invalid result content";
    return Payload.encode(result).length > services.settings.blobSizeMaxBytes
      ? "result exceeds size limit"
      : { kind: "succeeded", result };
  }
  if (state !== "failed" && state !== "canceled") return `invalid request operation state: ${JSON.stringify(state)}`;
  const contentType = headers["content-type"] ?? "";
  if (!isJson(contentType)) return `invalid request content type: ${JSON.stringify(contentType)}`;
  try {
    const json: unknown = JSON.parse(utf8Text(body));
    if (typeof json !== "object" || json === null) return "failed to decode Failure from request body";
    const failure = parseNexusFailure(json);
    const told = operationStateOf(failure) ?? state;
    if (malformedFailure(failure) !== undefined || (told !== "failed" && told !== "canceled"))
      return "failed to decode Failure from request body";
    return readOperationError(failure, told);
  } catch {
    return "failed to decode Failure from request body";
  }
}
