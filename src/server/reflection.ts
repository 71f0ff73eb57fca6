import { ServerReflection, ServerReflectionRequest, ServerReflectionResponse } from "../proto/gen/grpc/reflection.ts";
import { Health } from "../proto/gen/grpc/health.ts";
import { OperatorService } from "../proto/gen/operatorservice.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { Init } from "../proto/message.ts";
import type { Conversation } from "../rpc/grpc-conversation.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import { ApiFiles } from "./api-files.ts";

/** As tools know the service that tells them of the others, the older ones by its first name. */
const PATHS = [
  "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
  "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

type Answer = NonNullable<Init<ServerReflectionResponse>["messageResponse"]>;

/** The streams on which tools ask what the server serves, by path. */
export function reflectionStreams(): ReadonlyMap<string, Conversation> {
  const files = new ApiFiles();
  const services = [WorkflowService, OperatorService, Health, ServerReflection].map(({ typeName }) => typeName);
  const converse: Conversation = (message) => {
    const request = ServerReflectionRequest.decode(message);
    return ServerReflectionResponse.encode({
      validHost: request.host,
      originalRequest: request,
      messageResponse: answer(files, services, request),
    });
  };
  return new Map(PATHS.map((path) => [path, converse]));
}

function answer(
  files: ApiFiles,
  services: readonly string[],
  { messageRequest: asked }: ServerReflectionRequest,
): Answer {
  switch (asked?.case) {
    case "listServices":
      return { case: "listServicesResponse", value: { service: services.toSorted().map((name) => ({ name })) } };
    case "fileByFilename":
      return describe(files, asked.value) ?? notFound(`file "${asked.value}" is not known`);
    case "fileContainingSymbol":
      return describe(files, files.fileOf(asked.value) ?? "") ?? notFound(`symbol "${asked.value}" is not known`);
    case "fileContainingExtension":
    case "allExtensionNumbersOfType":
      return notFound("the API has no extensions");
    case undefined:
      return failure(RPCStatusCode.INVALID_ARGUMENT, "nothing is asked");
  }
}

function describe(files: ApiFiles, name: string): Answer | undefined {
  const found = files.withDependencies(name);
  return found === undefined
    ? undefined
    : { case: "fileDescriptorResponse", value: { fileDescriptorProto: found.map(({ bytes }) => bytes) } };
}

function notFound(errorMessage: string): Answer {
  return failure(RPCStatusCode.NOT_FOUND, errorMessage);
}

function failure(errorCode: number, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
