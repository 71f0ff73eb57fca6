import { connect, type ClientHttp2Session } from "node:http2";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { afterEach, expect, test } from "vitest";
import { ServerReflectionRequest, ServerReflectionResponse } from "../proto/gen/grpc/reflection.ts";
import type { Init } from "../proto/message.ts";
import { frameMessage } from "../rpc/grpc-frame.ts";
import { startServer } from "./server.ts";

type Asked = Init<ServerReflectionRequest>["messageRequest"];

const PATH = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function openSession(apiKeys?: readonly string[]): Promise<ClientHttp2Session> {
  const server = await startServer({ listen: apiKeys === undefined ? {} : { apiKeys } });
  const { host = "", port = 0 } = server.address ?? {};
  const session = connect(`http://${host}:${port}`);
  closing.push(
    () => server.stop(),
    () => session.close(),
  );
  return session;
}

/** A stream that sends its next question only when the one before is answered, as tools do. */
async function converse(
  session: ClientHttp2Session,
  frames: readonly Uint8Array[],
  path = PATH,
): Promise<{ readonly answers: readonly ServerReflectionResponse[]; readonly trailers: Record<string, unknown> }> {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
  });
  const answers: ServerReflectionResponse[] = [];
  const left = frames.values();
  const send = (): void => {
    const { value } = left.next();
    if (value === undefined) stream.end();
    else stream.write(value);
  };
  let received = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (received.length < 5 || received.length < 5 + received.readUInt32BE(1)) return;
    answers.push(ServerReflectionResponse.decode(received.subarray(5)));
    received = Buffer.alloc(0);
    send();
  });
  send();
  const trailers = await new Promise<Record<string, unknown>>((resolve, reject) => {
    stream.on("trailers", resolve);
    stream.on("error", reject);
  });
  return { answers, trailers };
}

const ask = (...asked: Asked[]): Uint8Array[] =>
  asked.map((messageRequest) =>
    frameMessage({
      compressed: false,
      bytes: ServerReflectionRequest.encode({ host: "h", ...(messageRequest === undefined ? {} : { messageRequest }) }),
    }),
  );

test("a tool is told which services there are, and what they are made of", async () => {
  const session = await openSession();
  const { answers, trailers } = await converse(
    session,
    ask(
      { case: "listServices", value: "" },
      { case: "fileContainingSymbol", value: "temporal.api.workflowservice.v1.WorkflowService" },
      { case: "fileContainingSymbol", value: "temporal.api.workflowservice.v1.WorkflowService.StartWorkflowExecution" },
      {
        case: "fileContainingSymbol",
        value: "temporal.api.deployment.v1.WorkerDeploymentInfo.WorkerDeploymentVersionSummary",
      },
      { case: "fileByFilename", value: "grpc/health/v1/health.proto" },
    ),
  );
  expect(trailers["grpc-status"]).toBe("0");
  const [services, ...files] = answers.map(({ messageResponse }) => messageResponse);
  expect(services?.case === "listServicesResponse" ? services.value.service.map(({ name }) => name) : []).toEqual([
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "temporal.api.operatorservice.v1.OperatorService",
    "temporal.api.workflowservice.v1.WorkflowService",
  ]);
  const found = files.map((file) => {
    if (file?.case !== "fileDescriptorResponse") throw new Error("no files");
    const described = file.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
    // All that the first one needs comes with it.
    const names = new Set(described.map(({ name }) => name));
    expect(described.flatMap(({ dependency }) => dependency).filter((name) => !names.has(name))).toEqual([]);
    return described[0]?.name;
  });
  expect(found).toEqual([
    "temporal/api/workflowservice/v1/service.proto",
    "temporal/api/workflowservice/v1/service.proto",
    "temporal/api/deployment/v1/message.proto",
    "grpc/health/v1/health.proto",
  ]);
});

test("what is not known is an answer and no end of the stream", async () => {
  const session = await openSession();
  const { answers, trailers } = await converse(
    session,
    ask({ case: "fileContainingSymbol", value: "no.Such" }, { case: "fileByFilename", value: "no.proto" }, undefined),
    PATH.replace("v1", "v1alpha"),
  );
  expect(answers.map(({ messageResponse }) => messageResponse)).toMatchObject([
    { case: "errorResponse", value: { errorCode: 5, errorMessage: 'symbol "no.Such" is not known' } },
    { case: "errorResponse", value: { errorCode: 5, errorMessage: 'file "no.proto" is not known' } },
    { case: "errorResponse", value: { errorCode: 3, errorMessage: "nothing is asked" } },
  ]);
  expect(trailers["grpc-status"]).toBe("0");
});

test("a stream that cannot be read or may not be is ended with the reason", async () => {
  const endOf = async (session: ClientHttp2Session, ...frames: Uint8Array[]): Promise<unknown> =>
    (await converse(session, frames)).trailers["grpc-status"];
  const session = await openSession();
  expect(await endOf(session, Buffer.from([0, 255, 0, 0, 0]))).toBe("8");
  expect(await endOf(session, Buffer.from([1, 0, 0, 0, 0]))).toBe("12");
  expect(await endOf(session, Buffer.from([0, 0, 0, 0, 1, 255]))).toBe("13");
  expect(await endOf(await openSession(["secret"]), ...ask({ case: "listServices", value: "" }))).toBe("16");
});
