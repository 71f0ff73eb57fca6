import { expect, onTestFinished, test } from "vitest";
import { EchoService, noise, readDescription } from "./echo.test-support.ts";
import { RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { RpcHandler, Transport } from "./transport.ts";

/** A transport to a service, and what ends both. */
export interface TransportSetup {
  readonly transport: Transport;
  readonly stop: () => Promise<void>;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The error that a call fails with. */
export async function failureOf(answer: Promise<unknown>): Promise<RPCError> {
  const error = await answer.then(
    () => new Error("the call succeeded"),
    (reason: unknown) => reason,
  );
  if (error instanceof RPCError) return error;
  throw error;
}

/** What every {@link Transport} does, whatever carries it. */
export function transportSuite(setUp: (handler: RpcHandler) => Promise<TransportSetup>): void {
  const start = async (): Promise<{ transport: Transport; service: EchoService }> => {
    const service = new EchoService();
    const { transport, stop } = await setUp(service);
    onTestFinished(async () => {
      await transport.close();
      await stop();
    });
    return { transport, service };
  };

  test("carries bytes there and back", async () => {
    const { transport } = await start();
    const answer = await transport.call({ path: "/test.Echo/Echo", body: text("hello") });
    expect(answer).toEqual(text("hello"));
  });

  test("carries empty messages", async () => {
    const { transport } = await start();
    const answer = await transport.call({ path: "/test.Echo/Echo", body: new Uint8Array() });
    expect(answer).toEqual(new Uint8Array());
  });

  test("leaves the caller's bytes readable", async () => {
    const { transport } = await start();
    const body = noise(100_000);
    await transport.call({ path: "/test.Echo/Echo", body });
    expect(Buffer.compare(body, noise(100_000))).toBe(0);
  });

  test("carries large messages", async () => {
    const { transport } = await start();
    const body = noise(5 * 1024 * 1024);
    const answer = await transport.call({ path: "/test.Echo/Echo", body });
    expect(Buffer.compare(answer, body)).toBe(0);
  });

  test("carries a thousand calls at once", async () => {
    const { transport } = await start();
    const calls = Array.from({ length: 1000 }, (_, index) => text(`call ${index}`));
    const answers = await Promise.all(calls.map((body) => transport.call({ path: "/test.Echo/Echo", body })));
    expect(answers).toEqual(calls);
  });

  test("carries an error with status, message and details", async () => {
    const { transport } = await start();
    const error = await failureOf(transport.call({ path: "/test.Echo/Fail", body: text("because") }));
    expect(error.status).toBe(RPCStatusCode.ALREADY_EXISTS);
    expect(error.message).toBe("exists: 100 % «naïve» 🙂\nline 2");
    expect(error.details).toEqual([{ typeUrl: "type.googleapis.com/test.Why", value: text("because") }]);
  });

  test("answers a method that is not there with UNIMPLEMENTED", async () => {
    const { transport } = await start();
    const error = await failureOf(transport.call({ path: "/test.Echo/Missing", body: new Uint8Array() }));
    expect(error.status).toBe(RPCStatusCode.UNIMPLEMENTED);
  });

  test("answers a service that breaks with INTERNAL", async () => {
    const { transport } = await start();
    const error = await failureOf(transport.call({ path: "/test.Echo/Crash", body: new Uint8Array() }));
    expect(error.status).toBe(RPCStatusCode.INTERNAL);
    expect(error.message).toBe("not a function");
  });

  test("carries metadata, text and binary", async () => {
    const { transport } = await start();
    const answer = await transport.call({
      path: "/test.Echo/Describe",
      body: new Uint8Array(),
      metadata: { "temporal-namespace": "default", "trace-bin": new Uint8Array([0, 1, 255, 128]) },
    });
    expect(readDescription(answer).metadata).toMatchObject({
      "temporal-namespace": "default",
      "trace-bin": [0, 1, 255, 128],
    });
  });

  test("tells the service how much time there is", async () => {
    const { transport } = await start();
    const timed = { path: "/test.Echo/Describe", body: new Uint8Array(), timeoutMs: 60_000 };
    const { timeoutMs } = readDescription(await transport.call(timed));
    expect(timeoutMs).toBeGreaterThan(0);
    expect(timeoutMs).toBeLessThanOrEqual(60_000);
    const endless = { path: "/test.Echo/Describe", body: new Uint8Array() };
    expect(readDescription(await transport.call(endless)).timeoutMs).toBeNull();
  });

  test("ends a call at its deadline, for the service too", async () => {
    const { transport, service } = await start();
    const error = await failureOf(transport.call({ path: "/test.Echo/Hang", body: new Uint8Array(), timeoutMs: 30 }));
    expect(error.status).toBe(RPCStatusCode.DEADLINE_EXCEEDED);
    await service.until(() => service.open.size === 0);
  });

  test("ends a call whose time is up before it starts", async () => {
    const { transport } = await start();
    const error = await failureOf(transport.call({ path: "/test.Echo/Echo", body: new Uint8Array(), timeoutMs: 0 }));
    expect(error.status).toBe(RPCStatusCode.DEADLINE_EXCEEDED);
  });

  test("ends a call that its caller aborts, for the service too", async () => {
    const { transport, service } = await start();
    const controller = new AbortController();
    const { signal } = controller;
    const failed = failureOf(transport.call({ path: "/test.Echo/Hang", body: new Uint8Array(), signal }));
    await service.until(() => service.open.size === 1);
    controller.abort(new Error("enough"));
    const error = await failed;
    expect(error.status).toBe(RPCStatusCode.CANCELLED);
    expect(error.cause).toEqual(new Error("enough"));
    await service.until(() => service.open.size === 0);
  });

  test("starts no call whose signal is aborted already", async () => {
    const { transport, service } = await start();
    const signal = AbortSignal.abort();
    const error = await failureOf(transport.call({ path: "/test.Echo/Echo", body: new Uint8Array(), signal }));
    expect(error.status).toBe(RPCStatusCode.CANCELLED);
    expect(service.count).toBe(0);
  });

  test("never serves a call inside the call of its caller", async () => {
    const { transport, service } = await start();
    const answer = transport.call({ path: "/test.Echo/Echo", body: new Uint8Array() });
    expect(service.count).toBe(0);
    await answer;
    expect(service.count).toBe(1);
  });

  test("rejects calls in flight when it is closed, and later ones", async () => {
    const { transport, service } = await start();
    const failed = failureOf(transport.call({ path: "/test.Echo/Hang", body: new Uint8Array(), timeoutMs: 60_000 }));
    await service.until(() => service.open.size === 1);
    await transport.close();
    expect((await failed).status).toBe(RPCStatusCode.CANCELLED);
    await service.until(() => service.open.size === 0);
    const later = transport.call({ path: "/test.Echo/Echo", body: new Uint8Array() });
    expect((await failureOf(later)).status).toBe(RPCStatusCode.CANCELLED);
    await transport.close();
  });
}
