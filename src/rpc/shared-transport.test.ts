import { describe, expect, test } from "vitest";
import { DirectTransport } from "./direct-transport.ts";
import { EchoService } from "./echo.test-support.ts";
import { SharedTransport } from "./shared-transport.ts";
import { RPCStatusCode } from "./status.ts";
import { failureOf, transportSuite } from "./transport.suite.ts";

describe("SharedTransport", () => {
  transportSuite((handler) => {
    const inner = new DirectTransport(handler);
    const transport = new SharedTransport(inner, () => inner.close());
    return Promise.resolve({ transport, stop: () => Promise.resolve() });
  });

  test("closing one share ends its own calls only", async () => {
    const service = new EchoService();
    const inner = new DirectTransport(service);
    const [first, second] = [1, 2].map(() => new SharedTransport(inner, () => Promise.resolve()));
    const hang = { path: "/test.Echo/Hang", body: new Uint8Array(), timeoutMs: 60_000 };
    const failed = failureOf(first?.call(hang) ?? Promise.resolve());
    const controller = new AbortController();
    const other = failureOf(second?.call({ ...hang, signal: controller.signal }) ?? Promise.resolve());
    await service.until(() => service.open.size === 2);
    await first?.close();
    expect((await failed).status).toBe(RPCStatusCode.CANCELLED);
    expect(service.open.size).toBe(1);
    controller.abort();
    expect((await other).status).toBe(RPCStatusCode.CANCELLED);
  });
});
