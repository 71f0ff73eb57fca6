import { MessageChannel } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { EchoService } from "./echo.test-support.ts";
import { RPCStatusCode } from "./status.ts";
import { serveThread } from "./thread-service.ts";
import { ThreadTransport } from "./thread-transport.ts";
import { failureOf, transportSuite } from "./transport.suite.ts";

describe("ThreadTransport", () => {
  transportSuite((handler) => {
    const { port1, port2 } = new MessageChannel();
    const stop = serveThread(handler, port2);
    return Promise.resolve({
      transport: new ThreadTransport(port1),
      stop: () => Promise.resolve(stop()),
    });
  });

  test("answers with UNAVAILABLE when the service's thread ends", async () => {
    const { port1, port2 } = new MessageChannel();
    const service = new EchoService();
    const stop = serveThread(service, port2);
    const transport = new ThreadTransport(port1);
    const failed = failureOf(transport.call({ path: "/test.Echo/Hang", body: new Uint8Array(), timeoutMs: 60_000 }));
    await service.until(() => service.open.size === 1);
    stop();
    expect((await failed).status).toBe(RPCStatusCode.UNAVAILABLE);
    await service.until(() => service.open.size === 0);
    const later = transport.call({ path: "/test.Echo/Echo", body: new Uint8Array() });
    expect((await failureOf(later)).status).toBe(RPCStatusCode.UNAVAILABLE);
  });
});
