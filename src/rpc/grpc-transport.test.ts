import { describe } from "vitest";
import { GrpcServer } from "./grpc-server.ts";
import { GrpcTransport } from "./grpc-transport.ts";
import { transportSuite } from "./transport.suite.ts";

describe("GrpcTransport", () => {
  transportSuite(async (handler) => {
    const server = new GrpcServer(handler, { requestBytesMax: 8 * 1024 * 1024 });
    const { host, port } = await server.listen();
    const transport = new GrpcTransport({ address: `${host}:${port}` });
    return { transport, stop: () => server.stop() };
  });
});
