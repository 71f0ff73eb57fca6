import { utf8Bytes } from "../core/text/utf8.ts";
import { toJson } from "../proto/json.ts";
import { Failure } from "../proto/gen/failure.ts";
import type { Failure as NexusFailure } from "../proto/gen/nexus.ts";
import type { Init } from "../proto/message.ts";

/** A failure as a service takes it that knows only Nexus's own failures: packed as JSON. */
export function toNexusFailure(failure: Failure): Init<NexusFailure> {
  const { message, ...rest } = failure;
  return {
    message,
    stackTrace: failure.stackTrace,
    metadata: { type: Failure.typeName },
    details: utf8Bytes(JSON.stringify(toJson(Failure, { ...rest, message: "" }))),
  };
}
