import { utf8Bytes } from "../../core/text/utf8.ts";
import type { NexusCancelAnswer, NexusOutcome, NexusStartAnswer } from "../../core/execution/nexus/answer.ts";
import type { Payload } from "../../proto/gen/common.ts";
import { Failure } from "../../proto/gen/failure.ts";
import type { HandlerError, StartOperationResponse } from "../../proto/gen/nexus.ts";
import { fromNexusFailure } from "./failure-conversion.ts";
import { handlerError, isRetryableHandlerError, type HandlerErrorType } from "./handler-error.ts";
import { fromNexusLinks } from "./links.ts";
import type { WorkerAnswer } from "./nexus-requests.ts";

const nullPayload: Payload = {
  metadata: { encoding: utf8Bytes("binary/null") },
  data: new Uint8Array(0),
  externalPayloads: [],
};

/** What stands for no value at all where Nexus always has one. */
export function orNull(payload: Payload | undefined): Payload {
  return payload ?? nullPayload;
}

/** A handler error as the outcome of an attempt. */
export function refusal(failure: Failure): Extract<NexusStartAnswer, { kind: "failed" | "retry" }> {
  return { kind: isRetryableHandlerError(failure) ? "retry" : "failed", failure };
}

/** A worker's answer to a request to start an operation. */
export function toStartAnswer(answer: WorkerAnswer): NexusStartAnswer {
  if (answer.kind !== "response") return refusal(refusalFailure(answer));
  const variant = answer.response.variant;
  if (variant?.case !== "startOperation") return refusal(emptyOutcome());
  return toStartOutcome(variant.value) ?? refusal(emptyOutcome());
}

/** What a start response says; undefined if it says nothing. */
export function toStartOutcome({ variant }: StartOperationResponse): NexusStartAnswer | undefined {
  switch (variant?.case) {
    case "syncSuccess": {
      const outcome: NexusOutcome = { kind: "succeeded", result: orNull(variant.value.payload) };
      return { kind: "completed", outcome, links: fromNexusLinks(variant.value.links) };
    }
    case "asyncSuccess": {
      const { operationToken, operationId, links } = variant.value;
      return { kind: "started", operationToken: operationToken || operationId, links: fromNexusLinks(links) };
    }
    case "operationError": {
      const { operationState, failure } = variant.value;
      const cause = failure === undefined ? Failure.create() : fromNexusFailure(failure);
      return unsuccessful(cause, operationState === "canceled");
    }
    case "failure":
      return unsuccessful(variant.value, variant.value.failureInfo?.case === "canceledFailureInfo");
    default:
      return undefined;
  }
}

function unsuccessful(failure: Failure, canceled: boolean): NexusStartAnswer {
  return { kind: "completed", outcome: { kind: "unsuccessful", failure, canceled }, links: [] };
}

/** A worker's answer to a request to cancel an operation. */
export function toCancelAnswer(answer: WorkerAnswer): NexusCancelAnswer {
  return answer.kind === "response" ? { kind: "succeeded" } : refusal(refusalFailure(answer));
}

function refusalFailure(answer: Exclude<WorkerAnswer, { kind: "response" }>): Failure {
  switch (answer.kind) {
    case "failure":
      return answer.failure;
    case "handlerError":
      return oldHandlerError(answer.error);
    case "timedOut":
      return handlerError("UPSTREAM_TIMEOUT", "upstream timeout");
  }
}

function oldHandlerError({ errorType, retryBehavior, failure }: HandlerError): Failure {
  return {
    ...handlerError(errorType as HandlerErrorType, "", retryBehavior),
    cause: failure === undefined ? undefined : fromNexusFailure(failure),
  };
}

function emptyOutcome(): Failure {
  return handlerError("INTERNAL", "empty outcome");
}
