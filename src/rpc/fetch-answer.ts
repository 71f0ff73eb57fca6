import { Status } from "../proto/gen/google/rpc.ts";
import type { JsonValue } from "../proto/json-value.ts";
import { methodName } from "./pending-call.ts";
import { asRPCError, RPCError, toRPCError } from "./rpc-error.ts";
import { statusFromJson } from "./status-json.ts";
import { RPCStatusCode, statusOfHttp } from "./status.ts";
import type { UnaryCall } from "./transport.ts";

/** What {@link readAnswer} is told besides the answer. */
export interface AnswerContext {
  readonly call: UnaryCall;
  readonly answerBytesMax: number;
}

/** The JSON of an answer. @throws {RPCError} What the service refused the call with, or why the answer cannot be read. */
export async function readAnswer(response: Response, context: AnswerContext): Promise<JsonValue> {
  const json = parse(await readText(response, context));
  if (response.ok && json !== undefined) return json;
  const status = json === undefined ? undefined : statusFromJson(json);
  const method = methodName(context.call.path);
  if (status !== undefined && !response.ok) {
    // In these words the service says that it knows no such path: an older one, or an id with a slash.
    const isNoRoute = response.status === 404 && status.message === "Not Found" && status.details.length === 0;
    if (!isNoRoute) throw toRPCError({ code: status.code, message: status.message, grpcStatus: Status.encode(status) });
    throw new RPCError(
      RPCStatusCode.UNIMPLEMENTED,
      `Cannot call "${method}" over HTTP: the service knows no such path; an id with a slash, or a call that the service is too old for, needs gRPC`,
    );
  }
  const code = response.ok ? RPCStatusCode.INTERNAL : statusOfHttp(response.status);
  throw new RPCError(
    code,
    `Cannot read the answer to "${method}": it has HTTP status ${response.status} and no JSON of the HTTP API; see whether the URL is that of the HTTP API`,
  );
}

async function readText(response: Response, { call, answerBytesMax }: AnswerContext): Promise<string> {
  try {
    if (response.body === null) return await response.text();
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      size += value.byteLength;
      if (size > answerBytesMax) {
        void reader.cancel();
        throw new RPCError(
          RPCStatusCode.RESOURCE_EXHAUSTED,
          `grpc: received message larger than max ${answerBytesMax}`,
        );
      }
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    if (error instanceof RPCError) throw error;
    const message = `Cannot finish call "${methodName(call.path)}": its answer broke off (${asRPCError(error).message})`;
    throw new RPCError(RPCStatusCode.UNAVAILABLE, message, { cause: error });
  }
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
