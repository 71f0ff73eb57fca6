import { HandlerStartOperationResult, OperationError } from "nexus-rpc";
import { toNexusFailure } from "../../nexus/nexus-failure.ts";
import type { DataConverter } from "../../payload/data-converter.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type { HandlerError as HandlerErrorMessage, Link, Response } from "../../proto/gen/nexus.ts";
import type { Init } from "../../proto/message.ts";
import { toHandlerFailure, toOperationFailure } from "./handler-error.ts";

/** What is told to the service of a Nexus request. */
export type NexusAnswer =
  | {
      readonly kind: "completed";
      readonly response: Init<Response>;
      /** How the operation failed, in the reference SDK's words for metrics; absent if it did not. */
      readonly failureReason: string | undefined;
    }
  | {
      readonly kind: "failed";
      readonly failureReason: string;
      readonly failure: { readonly failure: Failure } | { readonly error: Init<HandlerErrorMessage> };
    };

/** The answer to a start that went well. */
export async function toStartedAnswer(
  result: unknown,
  links: readonly Init<Link>[],
  converter: DataConverter,
): Promise<NexusAnswer> {
  if (!isStartResult(result)) {
    throw new TypeError(
      "Operation's start gave no result of a start, return HandlerStartOperationResult.sync(value) or .async(token)",
    );
  }
  if (result.isAsync) {
    return started({ case: "asyncSuccess", value: { operationToken: result.token, operationId: result.token, links } });
  }
  const [payload] = await converter.encode([result.value]);
  return started({ case: "syncSuccess", value: { payload, links } });
}

/** The answer to a cancellation that went well. */
export function toCancelledAnswer(): NexusAnswer {
  return { kind: "completed", response: { variant: { case: "cancelOperation", value: {} } }, failureReason: undefined };
}

/** The answer for an error of the handler: how the operation ended, or why the request has no answer. */
export async function toErrorAnswer(
  error: unknown,
  converter: DataConverter,
  { takesFailures, isStart }: { readonly takesFailures: boolean; readonly isStart: boolean },
): Promise<NexusAnswer> {
  if (isStart && error instanceof OperationError) {
    const failure = await converter.encodeFailure(toOperationFailure(error));
    const variant = takesFailures
      ? ({ case: "failure", value: failure } as const)
      : ({
          case: "operationError",
          value: { operationState: error.state, failure: toNexusFailure(failure) },
        } as const);
    return { ...started(variant), failureReason: `operation_${error.state}` };
  }
  const handlerFailure = toHandlerFailure(error);
  const failure = await converter.encodeFailure(handlerFailure);
  const { type: errorType, retryBehavior } = handlerFailure;
  const failureReason = `handler_error_${errorType}`;
  if (takesFailures) return { kind: "failed", failureReason, failure: { failure } };
  return {
    kind: "failed",
    failureReason,
    failure: { error: { errorType, retryBehavior, failure: toNexusFailure(failure) } },
  };
}

type StartVariant = Extract<Init<Response>["variant"], { readonly case: "startOperation" }>["value"]["variant"];

function started(variant: NonNullable<StartVariant>): Extract<NexusAnswer, { kind: "completed" }> {
  return {
    kind: "completed",
    response: { variant: { case: "startOperation", value: { variant } } },
    failureReason: undefined,
  };
}

function isStartResult(value: unknown): value is HandlerStartOperationResult {
  return typeof value === "object" && value !== null && value instanceof HandlerStartOperationResult;
}
