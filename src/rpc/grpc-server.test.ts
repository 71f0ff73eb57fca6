import { connect as connectHttp2, constants } from "node:http2";
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { EchoService, noise } from "./echo.test-support.ts";
import { frameMessage } from "./grpc-frame.ts";
import type { GrpcServerOptions } from "./grpc-server.ts";
import { GrpcServer, ListenError } from "./grpc-server.ts";
import type { GrpcTransportOptions } from "./grpc-transport.ts";
import { GrpcTransport } from "./grpc-transport.ts";
import { decodeMessage } from "./metadata.ts";
import { RPCStatusCode } from "./status.ts";
import { failureOf } from "./transport.suite.ts";
import type { RpcHandler } from "./transport.ts";

async function startServer(
  handler: RpcHandler,
  options: GrpcServerOptions = {},
): Promise<{ server: GrpcServer; address: string; port: number }> {
  const server = new GrpcServer(handler, options);
  onTestFinished(() => server.stop(0));
  const { port } = await server.listen();
  return { server, address: `127.0.0.1:${port}`, port };
}

function connect(options: GrpcTransportOptions): GrpcTransport {
  const transport = new GrpcTransport(options);
  onTestFinished(() => transport.close());
  return transport;
}

interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends what a gRPC client would not. */
function sendRaw(address: string, body: Uint8Array, headers: OutgoingHttpHeaders = {}): Promise<RawAnswer> {
  const session = connectHttp2(`http://${address}`);
  onTestFinished(() => session.destroy());
  const stream = session.request({
    ":method": "POST",
    ":path": "/test.Echo/Echo",
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  stream.end(body);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let answerHeaders: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    stream.on("response", (received) => (answerHeaders = received));
    stream.on("trailers", (received) => (trailers = received));
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("end", () => {
      resolve({ headers: answerHeaders, trailers, body: Buffer.concat(chunks) });
    });
  });
}

const plain = (bytes: Uint8Array): Buffer => frameMessage({ compressed: false, bytes });

test("gzip is used in both directions where it pays", async () => {
  const service = new EchoService();
  const { address } = await startServer(service, { compression: "gzip" });
  const transport = connect({ address });
  const body = new Uint8Array(100_000).fill(65);
  expect(await transport.call({ path: "/test.Echo/Echo", body })).toEqual(body);
  const packed = frameMessage({ compressed: true, bytes: gzipSync(body) });
  const answer = await sendRaw(address, packed, {
    "grpc-encoding": "gzip",
    "grpc-accept-encoding": "gzip",
  });
  expect(answer.headers["grpc-encoding"]).toBe("gzip");
  expect(answer.body.byteLength).toBeLessThan(1000);
  expect(answer.trailers["grpc-status"]).toBe("0");
});

test("answers are not compressed for callers that do not take it", async () => {
  const { address } = await startServer(new EchoService(), { compression: "gzip" });
  const transport = connect({ address, compression: "none" });
  const body = new Uint8Array(100_000).fill(65);
  expect(await transport.call({ path: "/test.Echo/Echo", body })).toEqual(body);
  const answer = await sendRaw(address, plain(body));
  expect(answer.headers["grpc-encoding"]).toBeUndefined();
  expect(answer.body).toEqual(plain(body));
});

test("a request larger than the limit is refused in the words that SDKs look for", async () => {
  const service = new EchoService();
  const { address } = await startServer(service, { requestBytesMax: 10_000 });
  const transport = connect({ address, compression: "none" });
  const whole = { path: "/test.Echo/Echo", body: noise(10_000) };
  expect(await transport.call(whole)).toHaveLength(10_000);
  const error = await failureOf(transport.call({ path: "/test.Echo/Echo", body: noise(3_000_000) }));
  expect(error.status).toBe(RPCStatusCode.RESOURCE_EXHAUSTED);
  expect(error.message).toBe("grpc: received message larger than max (3000000 vs. 10000)");
  expect(service.count).toBe(1);
  expect(await transport.call(whole)).toHaveLength(10_000);
});

test("a request that is too large when unpacked is refused", async () => {
  const service = new EchoService();
  const { address } = await startServer(service, { requestBytesMax: 100_000 });
  const transport = connect({ address });
  const bomb = { path: "/test.Echo/Echo", body: new Uint8Array(10_000_000) };
  const error = await failureOf(transport.call(bomb));
  expect(error.status).toBe(RPCStatusCode.RESOURCE_EXHAUSTED);
  expect(error.message).toMatch(/^grpc: received message after decompression larger than max/);
  expect(service.count).toBe(0);
});

test("an answer larger than the caller takes is refused by the caller", async () => {
  const { address } = await startServer(new EchoService());
  const transport = connect({ address, answerBytesMax: 1000 });
  const error = await failureOf(transport.call({ path: "/test.Echo/Echo", body: new Uint8Array(1001) }));
  expect(error.status).toBe(RPCStatusCode.RESOURCE_EXHAUSTED);
});

test.each<[string, Uint8Array, OutgoingHttpHeaders, number, string]>([
  ["nothing at all", new Uint8Array(), {}, 13, "there is no message"],
  ["half a prefix", new Uint8Array([0, 0]), {}, 13, "the message ends after 2 bytes"],
  ["half a message", plain(noise(10)).subarray(0, 9), {}, 13, "the message ends after 9 bytes"],
  ["two messages", Buffer.concat([plain(noise(3)), plain(noise(3))]), {}, 13, "more bytes follow"],
  ["a strange flag", new Uint8Array([9, 0, 0, 0, 0]), {}, 13, "its flag is 9"],
  ["gzip unannounced", frameMessage({ compressed: true, bytes: noise(9) }), {}, 13, 'no "grpc-enc'],
  [
    "an unknown encoding",
    frameMessage({ compressed: true, bytes: noise(9) }),
    { "grpc-encoding": "zstd" },
    12,
    'its encoding is "zstd"',
  ],
  [
    "corrupt gzip",
    frameMessage({ compressed: true, bytes: noise(9) }),
    { "grpc-encoding": "gzip" },
    13,
    "its gzip data is corrupt",
  ],
  ["a malformed timeout", plain(noise(1)), { "grpc-timeout": "soon" }, 13, "grpc-timeout"],
])("a request with %s is answered with a clear status", async (_n, body, headers, code, words) => {
  const service = new EchoService();
  const { address } = await startServer(service);
  const answer = await sendRaw(address, body, headers);
  expect(answer.headers["grpc-status"]).toBe(String(code));
  expect(decodeMessage(String(answer.headers["grpc-message"]))).toContain(words);
  expect(service.count).toBe(0);
});

test.each<[string, OutgoingHttpHeaders, number]>([
  ["another method than POST", { ":method": "PUT" }, 405],
  ["another content type", { "content-type": "application/json" }, 415],
  ["gRPC-Web", { "content-type": "application/grpc-web+proto" }, 415],
])("a request with %s is no gRPC and gets an HTTP status", async (_name, headers, status) => {
  const { address } = await startServer(new EchoService());
  const answer = await sendRaw(address, plain(noise(1)), headers);
  expect(answer.headers[":status"]).toBe(status);
});

test("a timeout in microseconds is understood", async () => {
  const service = new EchoService();
  const { address } = await startServer(service);
  await sendRaw(address, plain(noise(1)), { "grpc-timeout": "30000000u" });
  expect(service.last?.timeoutMs).toBe(30_000);
});

test("calls without a known API key are refused before the service sees them", async () => {
  const service = new EchoService();
  const { address } = await startServer(service, { apiKeys: ["old-key", "new-key"] });
  const transport = connect({ address });
  const call = (metadata: Record<string, string>): Promise<Uint8Array> =>
    transport.call({ path: "/test.Echo/Echo", body: new Uint8Array(), metadata });
  expect(await call({ authorization: "Bearer new-key" })).toHaveLength(0);
  for (const metadata of [{}, { authorization: "Bearer other" }, { authorization: "new-key" }]) {
    const error = await failureOf(call(metadata));
    expect(error.status).toBe(RPCStatusCode.UNAUTHENTICATED);
    expect(error.message).not.toContain("new-key");
  }
  expect(service.count).toBe(1);
});

test("details that the caller's headers cannot hold are left out, the status arrives", async () => {
  const { address } = await startServer(new EchoService());
  const transport = connect({ address });
  const error = await failureOf(transport.call({ path: "/test.Echo/Fail", body: noise(200_000) }));
  expect(error.status).toBe(RPCStatusCode.ALREADY_EXISTS);
  expect(error.details).toEqual([]);
});

test("a call ends for the service when its caller's connection breaks", async () => {
  const service = new EchoService();
  const { address } = await startServer(service);
  const session = connectHttp2(`http://${address}`);
  session.on("error", () => {});
  const stream = session.request({
    ":method": "POST",
    ":path": "/test.Echo/Hang",
    "content-type": "application/grpc",
  });
  stream.on("error", () => {});
  stream.end(plain(new Uint8Array()));
  await service.until(() => service.open.size === 1);
  session.destroy(undefined, constants.NGHTTP2_CANCEL);
  await service.until(() => service.open.size === 0);
  expect(service.last?.signal.aborted).toBe(true);
});

test("a stopping server lets calls in flight finish and callers go elsewhere", async () => {
  let finish: () => void = () => {};
  let tellStarted: () => void = () => {};
  const started = new Promise<void>((resolve) => (tellStarted = resolve));
  const slow: RpcHandler = {
    handle: async ({ body }) => {
      tellStarted();
      await new Promise<void>((resolve) => (finish = resolve));
      return body;
    },
  };
  const { server, address } = await startServer(slow);
  const transport = connect({ address });
  const answer = transport.call({ path: "/test.Slow/Slow", body: noise(3) });
  await started;
  const stopped = server.stop(10_000);
  finish();
  expect(await answer).toEqual(noise(3));
  await stopped;
  const error = await failureOf(transport.call({ path: "/test.Slow/Slow", body: noise(3) }));
  expect(error.status).toBe(RPCStatusCode.UNAVAILABLE);
  expect(error.message).toContain("ECONNREFUSED");
});

test("a stopping server answers calls that outlast its grace with UNAVAILABLE", async () => {
  const service = new EchoService();
  const { server, address } = await startServer(service);
  const transport = connect({ address });
  const failed = failureOf(transport.call({ path: "/test.Echo/Hang", body: new Uint8Array(), timeoutMs: 60_000 }));
  await service.until(() => service.open.size === 1);
  await server.stop(1);
  expect((await failed).status).toBe(RPCStatusCode.UNAVAILABLE);
  expect(service.open.size).toBe(0);
});

test("an address in use is refused with its name", async () => {
  const { port } = await startServer(new EchoService());
  const second = new GrpcServer(new EchoService());
  const error = await second.listen({ port }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ListenError);
  expect(String(error)).toContain(`Cannot listen on "127.0.0.1:${port}"`);
});
