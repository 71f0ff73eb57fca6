import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { EchoService, noise } from "./echo.test-support.ts";
import { GrpcServer } from "./grpc-server.ts";
import type { GrpcTransportOptions } from "./grpc-transport.ts";
import { GrpcTransport } from "./grpc-transport.ts";
import { RPCStatusCode } from "./status.ts";
import { failureOf } from "./transport.suite.ts";

const echo = { path: "/test.Echo/Echo", body: noise(3), timeoutMs: 20_000 };
const hang = { path: "/test.Echo/Hang", body: new Uint8Array(), timeoutMs: 20_000 };

function connect(options: GrpcTransportOptions): GrpcTransport {
  const transport = new GrpcTransport(options);
  onTestFinished(() => transport.close());
  return transport;
}

test("nothing is connected before the first call", async () => {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => sockets.push(socket));
  const port = await listen(server);
  connect({ address: `127.0.0.1:${port}` });
  await new Promise(setImmediate);
  expect(sockets).toEqual([]);
});

test("a service that is not there is named, with what to do", async () => {
  const server = createTcpServer();
  const port = await listen(server);
  await new Promise((closed) => server.close(closed));
  const error = await failureOf(connect({ address: `127.0.0.1:${port}` }).call(echo));
  expect(error.status).toBe(RPCStatusCode.UNAVAILABLE);
  expect(error.message).toBe(
    `Cannot start call "Echo": connecting to "127.0.0.1:${port}" without TLS failed (connect ECONNREFUSED 127.0.0.1:${port}); check that a Temporal service listens there and that the TLS settings are the ones it needs`,
  );
});

test("a server that speaks something else is refused", async () => {
  const server = createTcpServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const port = await listen(server);
  const error = await failureOf(connect({ address: `127.0.0.1:${port}` }).call(echo));
  expect(error.status).toBe(RPCStatusCode.UNAVAILABLE);
});

test("a server that says nothing is given up after connectTimeoutMs", async () => {
  const server = createTcpServer();
  const port = await listen(server);
  const transport = connect({ address: `127.0.0.1:${port}`, connectTimeoutMs: 20 });
  const error = await failureOf(transport.call(echo));
  expect(error.message).toContain("no connection within 20 ms");
});

test("a call's deadline holds while it waits for a connection", async () => {
  const server = createTcpServer();
  const port = await listen(server);
  const transport = connect({ address: `127.0.0.1:${port}` });
  const error = await failureOf(transport.call({ ...echo, timeoutMs: 20 }));
  expect(error.status).toBe(RPCStatusCode.DEADLINE_EXCEEDED);
});

test("an answer that is not gRPC tells its HTTP status", async () => {
  const server = createHttp2Server((_request, response) => response.writeHead(503).end("busy"));
  const port = await listen(server);
  const error = await failureOf(connect({ address: `127.0.0.1:${port}` }).call(echo));
  expect(error.status).toBe(RPCStatusCode.UNAVAILABLE);
  expect(error.message).toContain("answered with HTTP status 503 and no gRPC status");
});

test("calls in flight end with UNAVAILABLE when the connection breaks, and later ones reconnect", async () => {
  const service = new EchoService();
  const server = new GrpcServer(service);
  onTestFinished(() => server.stop(0));
  const { port } = await server.listen();
  const { address, cut } = await startRelay(port);
  const transport = connect({ address });
  const failed = failureOf(transport.call(hang));
  await service.until(() => service.open.size === 1);
  cut();
  const error = await failed;
  expect(error.status).toBe(RPCStatusCode.UNAVAILABLE);
  expect(error.message).toContain(`the connection to "${address}" was lost`);
  expect(await transport.call(echo)).toEqual(noise(3));
});

test("no call is lost and none is served twice while a server is replaced", async () => {
  const services = [new EchoService(), new EchoService()];
  const [first, second] = services.map((service) => new GrpcServer(service));
  const bound = await first?.listen();
  onTestFinished(() => second?.stop(0));
  const transport = connect({ address: `127.0.0.1:${bound?.port}` });
  const calls: Promise<Uint8Array>[] = [];
  for (let turn = 0; turn < 100; turn += 1) {
    for (let call = 0; call < 5; call += 1) calls.push(transport.call(echo));
    await new Promise(setImmediate);
    if (turn !== 50) continue;
    const stopped = first?.stop(10_000);
    await second?.listen(bound);
    void stopped;
  }
  const answers = await Promise.all(calls);
  expect(answers).toHaveLength(500);
  const served = services.map(({ count }) => count);
  expect(served[0]).toBeGreaterThan(0);
  expect(served[1]).toBeGreaterThan(0);
  expect((served[0] ?? 0) + (served[1] ?? 0)).toBe(500);
});

test("a server's limit of streams is kept: more connections are opened, then calls wait", async () => {
  const service = new EchoService();
  const server = new GrpcServer(service, { streamsMax: 2 });
  onTestFinished(() => server.stop(0));
  const { port } = await server.listen();
  const transport = connect({ address: `127.0.0.1:${port}`, connectionsMax: 2 });
  const hanging = Array.from({ length: 4 }, () => {
    const controller = new AbortController();
    const failed = failureOf(transport.call({ ...hang, signal: controller.signal }));
    return { controller, failed };
  });
  await service.until(() => service.open.size === 4);
  const waiting = Array.from({ length: 20 }, () => transport.call(echo));
  await new Promise(setImmediate);
  expect(service.count).toBe(4);
  hanging[0]?.controller.abort();
  expect(await Promise.all(waiting)).toHaveLength(20);
  for (const { controller } of hanging) controller.abort();
});

test("calls beyond queuedCallsMax are refused, and abandoned ones leave the queue", async () => {
  const service = new EchoService();
  const server = new GrpcServer(service, { streamsMax: 1 });
  onTestFinished(() => server.stop(0));
  const { port } = await server.listen();
  const transport = connect({
    address: `127.0.0.1:${port}`,
    connectionsMax: 1,
    queuedCallsMax: 1,
  });
  const first = transport.call({ ...echo, path: "/test.Echo/Hold" });
  await service.until(() => service.open.size === 1);
  const second = new AbortController();
  const queued = failureOf(transport.call({ ...echo, signal: second.signal }));
  const refused = await failureOf(transport.call(echo));
  expect(refused.status).toBe(RPCStatusCode.RESOURCE_EXHAUSTED);
  expect(refused.message).toContain("queuedCallsMax");
  second.abort();
  expect((await queued).status).toBe(RPCStatusCode.CANCELLED);
  const third = transport.call(echo);
  service.held[0]?.();
  expect(await first).toEqual(noise(3));
  expect(await third).toEqual(noise(3));
});

test("a connection that does not answer pings is dropped", async () => {
  const service = new EchoService();
  const server = new GrpcServer(service);
  onTestFinished(() => server.stop(0));
  const { port } = await server.listen();
  const { address, freeze } = await startRelay(port);
  const transport = connect({ address, keepAlive: { intervalMs: 10, timeoutMs: 30 } });
  const failed = failureOf(transport.call(hang));
  await service.until(() => service.open.size === 1);
  freeze();
  const error = await failed;
  expect(error.status).toBe(RPCStatusCode.UNAVAILABLE);
  expect(error.message).toContain("no answer to a keep-alive ping within 30 ms");
});

test("a server drops a caller that does not answer pings", async () => {
  const service = new EchoService();
  const server = new GrpcServer(service, { keepAlive: { intervalMs: 10, timeoutMs: 30 } });
  onTestFinished(() => server.stop(0));
  const { port } = await server.listen();
  const { address, freeze } = await startRelay(port);
  const transport = connect({ address });
  void failureOf(transport.call(hang));
  await service.until(() => service.open.size === 1);
  freeze();
  await service.until(() => service.open.size === 0);
  expect(service.count).toBe(1);
});

async function listen(server: {
  listen(port: number, host: string, listening: () => void): unknown;
  address(): AddressInfo | string | null;
  close(): unknown;
}): Promise<number> {
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A relay in front of a server, whose line can be cut or made silent. */
async function startRelay(toPort: number): Promise<{ address: string; cut: () => void; freeze: () => void }> {
  const { connect: connectTcp } = await import("node:net");
  const sockets = new Set<Socket>();
  const relay = createTcpServer((socket) => {
    const onward = connectTcp({ host: "127.0.0.1", port: toPort });
    for (const end of [socket, onward]) {
      sockets.add(end);
      end.on("error", () => {});
      end.on("close", () => sockets.delete(end));
    }
    socket.pipe(onward).pipe(socket);
  });
  const port = await listen(relay);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return {
    address: `127.0.0.1:${port}`,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    freeze: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}
