import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import type { JsonValue } from "../../proto/json-value.ts";
import { fromJson, toJson } from "../../proto/json.ts";
import { Payload } from "../../proto/gen/common.ts";
import { NexusHandlerErrorRetryBehavior as RetryBehavior } from "../../proto/gen/enums.ts";
import { Failure } from "../../proto/gen/failure.ts";
import type { Failure as NexusFailure } from "../../proto/gen/nexus.ts";

const HANDLER_ERROR = "nexus.HandlerError";
const OPERATION_ERROR = "nexus.OperationError";

/** A failure in the words of the Nexus protocol as one of Temporal's. What cannot be read is kept as it is. */
export function fromNexusFailure(failure: NexusFailure): Failure {
  const { message, stackTrace, cause } = failure;
  return {
    ...readDetails(failure),
    message,
    stackTrace,
    ...(cause === undefined ? {} : { cause: fromNexusFailure(cause) }),
  };
}

function readDetails(failure: NexusFailure): Failure {
  const type = failure.metadata["type"];
  if (Object.keys(failure.metadata).length === 0 && failure.details.length === 0) return Failure.create();
  try {
    const details: unknown = failure.details.length === 0 ? {} : JSON.parse(utf8Text(failure.details));
    if (type === Failure.typeName) return fromJson(Failure, details as JsonValue);
    if (type === OPERATION_ERROR) return operationError(details as { readonly state?: string });
    if (type === HANDLER_ERROR) return handlerErrorOf(details as SerializedHandlerError);
  } catch {
    return unknownFailure(failure);
  }
  return unknownFailure(failure);
}

function operationError({ state }: { readonly state?: string }): Failure {
  return Failure.create({
    failureInfo:
      state === "canceled"
        ? { case: "canceledFailureInfo", value: {} }
        : { case: "applicationFailureInfo", value: { nonRetryable: true, type: "OperationError" } },
  });
}

interface SerializedHandlerError {
  readonly type?: string;
  readonly retryableOverride?: boolean | null;
  readonly encodedAttributes?: string;
}

function handlerErrorOf({ type = "", retryableOverride, encodedAttributes = "" }: SerializedHandlerError): Failure {
  const retryBehavior =
    typeof retryableOverride !== "boolean"
      ? RetryBehavior.UNSPECIFIED
      : retryableOverride
        ? RetryBehavior.RETRYABLE
        : RetryBehavior.NON_RETRYABLE;
  const attributes =
    encodedAttributes === ""
      ? {}
      : {
          encodedAttributes: fromJson(
            Payload,
            JSON.parse(Buffer.from(encodedAttributes, "base64url").toString()) as JsonValue,
          ),
        };
  return Failure.create({
    ...attributes,
    failureInfo: { case: "nexusHandlerFailureInfo", value: { type, retryBehavior } },
  });
}

/** All that is known of a failure of no known sort, as details. */
function unknownFailure({ metadata, details, cause }: NexusFailure): Failure {
  const readable = details.length === 0 ? undefined : readableDetails(details);
  const data = utf8Bytes(
    JSON.stringify({
      ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
      details: readable,
      ...(cause === undefined ? {} : { cause: failureJson(cause) }),
    }),
  );
  return Failure.create({
    failureInfo: {
      case: "applicationFailureInfo",
      value: {
        type: "NexusFailure",
        details: { payloads: [{ metadata: { encoding: utf8Bytes("json/plain") }, data }] },
      },
    },
  });
}

function readableDetails(details: Uint8Array): unknown {
  try {
    return JSON.parse(utf8Text(details)) as unknown;
  } catch {
    return Buffer.from(details).toString("base64");
  }
}

/** The state that an operation error tells itself; `undefined` if the failure is of another sort. */
export function operationStateOf({ metadata, details }: NexusFailure): string | undefined {
  if (metadata["type"] !== OPERATION_ERROR) return undefined;
  const { state } = (readableDetails(details) ?? {}) as { readonly state?: unknown };
  return typeof state === "string" ? state : "";
}

/** Why a failure, or a cause of it, is not what it says it is; `undefined` if it is. */
export function malformedFailure({ metadata, details, cause }: NexusFailure): string | undefined {
  const type = metadata["type"];
  if (type === HANDLER_ERROR || type === OPERATION_ERROR) {
    const name = type.slice("nexus.".length);
    if (details.length === 0) return `failed to deserialize ${name}: unexpected end of JSON input`;
    const isObject = typeof readableDetails(details) === "object";
    if (!isObject) return `failed to deserialize ${name}: its details are no JSON object`;
  }
  return cause === undefined ? undefined : malformedFailure(cause);
}

/** A failure of Temporal's in the words of the Nexus protocol. */
export function toNexusFailure(failure: Failure): NexusFailure {
  const { message, stackTrace, cause, failureInfo } = failure;
  const handler = failureInfo?.case === "nexusHandlerFailureInfo";
  const details = handler
    ? serializedHandlerError(failure)
    : toJson(Failure, { ...failure, message: "", stackTrace: "", cause: undefined });
  return {
    message,
    stackTrace,
    metadata: { type: handler ? HANDLER_ERROR : Failure.typeName },
    details: utf8Bytes(JSON.stringify(details)),
    cause: cause === undefined ? undefined : toNexusFailure(cause),
  };
}

function serializedHandlerError({ failureInfo, encodedAttributes }: Failure): SerializedHandlerError {
  if (failureInfo?.case !== "nexusHandlerFailureInfo") return {};
  const { type, retryBehavior } = failureInfo.value;
  return {
    type,
    ...(retryBehavior === RetryBehavior.UNSPECIFIED
      ? {}
      : { retryableOverride: retryBehavior === RetryBehavior.RETRYABLE }),
    ...(encodedAttributes === undefined
      ? {}
      : {
          encodedAttributes: Buffer.from(JSON.stringify(toJson(Payload, encodedAttributes))).toString("base64url"),
        }),
  };
}

/** A failure of the Nexus protocol as JSON. */
export function failureJson({ message, stackTrace, metadata, details, cause }: NexusFailure): object {
  return {
    message,
    ...(stackTrace === "" ? {} : { stackTrace }),
    metadata,
    ...(details.length === 0 ? {} : { details: readableDetails(details) }),
    ...(cause === undefined ? {} : { cause: failureJson(cause) }),
  };
}
