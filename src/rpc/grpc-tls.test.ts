import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect as connectTcp } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createAuthority } from "./certificate.test-support.ts";
import { EchoService } from "./echo.test-support.ts";
import type { GrpcServerOptions } from "./grpc-server.ts";
import { GrpcServer } from "./grpc-server.ts";
import type { TLSConfig } from "./grpc-socket.ts";
import type { GrpcTransportOptions } from "./grpc-transport.ts";
import { GrpcTransport } from "./grpc-transport.ts";
import { RPCStatusCode } from "./status.ts";
import { failureOf } from "./transport.suite.ts";

const authority = createAuthority("Test authority");
const serverPair = authority.issue("server", ["localhost", "temporal.test"]);
const body = new TextEncoder().encode("hello");
const echo = { path: "/test.Echo/Echo", body, timeoutMs: 10_000 };

async function startServer(options: GrpcServerOptions = {}): Promise<string> {
  const server = new GrpcServer(new EchoService(), options);
  onTestFinished(() => server.stop());
  const { port } = await server.listen();
  return `127.0.0.1:${port}`;
}

function connect(options: GrpcTransportOptions): GrpcTransport {
  const transport = new GrpcTransport(options);
  onTestFinished(() => transport.close());
  return transport;
}

test("TLS reaches a server whose authority is known", async () => {
  const address = await startServer({ tls: serverPair });
  const transport = connect({ address, tls: { serverRootCACert: authority.cert } });
  expect(await transport.call(echo)).toEqual(body);
});

test("TLS refuses a server whose authority is not known", async () => {
  const address = await startServer({ tls: serverPair });
  const error = await failureOf(connect({ address, tls: true }).call(echo));
  expect(error.status).toBe(RPCStatusCode.UNAVAILABLE);
  expect(error.message).toContain(`connecting to "${address}" with TLS failed (unable to verify`);
});

test.each<TLSConfig>([{ domain: "temporal.test" }, { domain: "sent.test", verificationServerName: "temporal.test" }])(
  "TLS takes a certificate that holds the name to verify: %o",
  async (tls) => {
    const address = await startServer({ tls: serverPair });
    const transport = connect({ address, tls: { ...tls, serverRootCACert: authority.cert } });
    expect(await transport.call(echo)).toEqual(body);
  },
);

test.each<TLSConfig>([{ domain: "other.test" }, { domain: "temporal.test", verificationServerName: "other.test" }])(
  "TLS refuses a certificate that does not: %o",
  async (tls) => {
    const address = await startServer({ tls: serverPair });
    const transport = connect({ address, tls: { ...tls, serverRootCACert: authority.cert } });
    const { message } = await failureOf(transport.call(echo));
    expect(message).toContain("does not match certificate's altnames");
  },
);

test("mTLS takes a client with a certificate and refuses one without", async () => {
  const address = await startServer({ tls: { ...serverPair, clientRootCACert: authority.cert } });
  const client = authority.issue("client");
  const known = connect({
    address,
    tls: {
      serverRootCACert: authority.cert,
      clientCert: client.cert,
      clientPrivateKey: client.key,
    },
  });
  expect(await known.call(echo)).toEqual(body);
  const unknown = connect({ address, tls: { serverRootCACert: authority.cert } });
  expect((await failureOf(unknown.call(echo))).status).toBe(RPCStatusCode.UNAVAILABLE);
});

test("a client without TLS hears that a TLS server cannot be reached that way", async () => {
  const address = await startServer({ tls: serverPair });
  const error = await failureOf(connect({ address }).call(echo));
  expect(error.status).toBe(RPCStatusCode.UNAVAILABLE);
  expect(error.message).toContain("without TLS failed");
});

/** An HTTP proxy that wants a name and a password; resolves with its address. */
async function startProxy(seen: string[]): Promise<string> {
  const proxy = createHttpServer();
  proxy.on("connect", (request, socket) => {
    seen.push(request.url ?? "");
    const wanted = `Basic ${Buffer.from("user:secret").toString("base64")}`;
    if (request.headers["proxy-authorization"] !== wanted) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const [host, port] = (request.url ?? "").split(":");
    const onward = connectTcp({ host: host ?? "", port: Number(port) }, () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
  });
  await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

test.each([{ tls: false }, { tls: true }])("a proxy is gone through, TLS $tls", async ({ tls }) => {
  const address = await startServer(tls ? { tls: serverPair } : {});
  const seen: string[] = [];
  const targetHost = await startProxy(seen);
  const transport = connect({
    address,
    tls: tls && { serverRootCACert: authority.cert },
    proxy: { targetHost, basicAuth: { user: "user", password: "secret" } },
  });
  expect(await transport.call(echo)).toEqual(body);
  expect(seen).toEqual([address]);
});

test("a proxy that refuses is named, its password is not", async () => {
  const address = await startServer();
  const targetHost = await startProxy([]);
  const basicAuth = { user: "user", password: "wrong-password" };
  const transport = connect({ address, proxy: { targetHost, basicAuth } });
  const error = await failureOf(transport.call(echo));
  expect(error.status).toBe(RPCStatusCode.UNAVAILABLE);
  expect(error.message).toContain(`proxy "${targetHost}" refused with HTTP status 407`);
  expect(error.message).not.toContain("wrong-password");
});
