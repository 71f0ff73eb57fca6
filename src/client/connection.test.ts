import { expect, test } from "vitest";
import { VirtualClock } from "../core/time/virtual-clock.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import { failureOf } from "../rpc/transport.suite.ts";
import { Client } from "./index.ts";
import { scriptedClient } from "./scripted-service.test-support.ts";
import { registerScheme } from "./transport-scheme.ts";

const unavailable = new RPCError(RPCStatusCode.UNAVAILABLE, "down");

test("calls carry the client's name, the request's namespace and the connection's metadata", async () => {
  const { client, service } = scriptedClient(
    { CountWorkflowExecutions: () => ({ count: 1 }), GetClusterInfo: () => ({}) },
    { namespace: "shop", metadata: { region: "north", tier: "1" }, apiKey: "secret" },
  );
  await client.countWorkflows("", { metadata: { tier: "2" } });
  expect(service.calls[0]?.call.metadata).toEqual({
    "client-name": "temporal-perdure",
    "client-version": expect.stringMatching(/^\d+\.\d+\.\d+/),
    "temporal-namespace": "shop",
    authorization: "Bearer secret",
    region: "north",
    tier: "2",
  });
  await client.workflowService.getClusterInfo();
  expect(service.calls[1]?.call.metadata).not.toHaveProperty("temporal-namespace");
});

test("API key and metadata can be changed while the client is in use", async () => {
  const { client, service, connection } = scriptedClient({
    CountWorkflowExecutions: () => ({ count: 1 }),
  });
  await client.countWorkflows();
  connection.apiKey = "first";
  await client.countWorkflows();
  connection.apiKey = "second";
  connection.metadata = { region: "south" };
  await client.countWorkflows();
  connection.metadata = { authorization: "Basic own" };
  await client.countWorkflows();
  const sent = service.calls.map(({ call: { metadata } }) => [metadata["authorization"], metadata["region"]]);
  expect(sent).toEqual([
    [undefined, undefined],
    ["Bearer first", undefined],
    ["Bearer second", "south"],
    ["Basic own", undefined],
  ]);
});

test("high-level calls are tried again, raw calls only when asked to", async () => {
  const clock = new VirtualClock();
  let tries = 0;
  const { client } = scriptedClient(
    {
      CountWorkflowExecutions: () => {
        tries += 1;
        return tries % 3 === 0 ? { count: tries } : unavailable;
      },
    },
    { clock, random: () => 0.5 },
  );
  const counted = client.countWorkflows();
  do await new Promise(setImmediate);
  while (clock.advanceToNext());
  expect((await counted).count).toBe(3);

  const raw = failureOf(client.workflowService.countWorkflowExecutions({}));
  expect((await raw).status).toBe(RPCStatusCode.UNAVAILABLE);
  expect(tries).toBe(4);
  const retried = client.workflowService.countWorkflowExecutions({}, { retry: true });
  do await new Promise(setImmediate);
  while (clock.advanceToNext());
  expect((await retried).count).toBe(6);
});

test("calls have 30 seconds, long polls 70, unless told otherwise", async () => {
  const { client, service } = scriptedClient({
    CountWorkflowExecutions: () => ({}),
    GetWorkflowExecutionHistory: () => ({ history: { events: [{ eventId: 1 }] } }),
  });
  await client.countWorkflows();
  await client.countWorkflows("", { timeoutMs: 5_000 });
  const handle = client.getWorkflowHandle("w");
  await handle.fetchHistory();
  for await (const _event of handle.fetchHistoryEvents({ waitNewEvent: true })) break;
  const seconds = service.calls.map(({ call }) => Math.ceil((call.timeoutMs ?? 0) / 1000));
  expect(seconds).toEqual([30, 5, 30, 70]);
});

test("a call ends when its signal aborts", async () => {
  const { client } = scriptedClient({ CountWorkflowExecutions: () => ({}) });
  const signal = AbortSignal.abort();
  expect((await failureOf(client.countWorkflows("", { signal }))).status).toBe(RPCStatusCode.CANCELLED);
});

test("connecting asks what the service can do and bears with one too old to say", async () => {
  const capable = scriptedClient({
    GetSystemInfo: () => ({ serverVersion: "1.2.3", capabilities: { sdkMetadata: true } }),
  });
  await capable.connection.connect();
  expect(capable.connection.serverVersion).toBe("1.2.3");
  expect(capable.connection.capabilities?.sdkMetadata).toBe(true);
  const old = scriptedClient({});
  await old.connection.connect();
  expect(old.connection.capabilities).toBeUndefined();
});

test("connecting fails at once when the service cannot be reached, and closes the transport", async () => {
  let closed = 0;
  registerScheme("test-down", () =>
    Promise.resolve({
      call: () => Promise.reject(unavailable),
      close: () => {
        closed += 1;
        return Promise.resolve();
      },
    }),
  );
  expect((await failureOf(Client.connect("test-down:"))).status).toBe(RPCStatusCode.UNAVAILABLE);
  expect(closed).toBe(1);
  await using lazy = await Client.connect("test-down:", { lazy: true });
  expect((await failureOf(lazy.workflowService.getSystemInfo())).message).toBe("down");
});

test("an address that is none is refused with what is wanted", async () => {
  await expect(Client.connect("ftp://example.com/x")).rejects.toThrow(
    'Cannot read address "ftp://example.com/x": expected "host:port"',
  );
});

test("an API key turns on TLS unless told otherwise", async () => {
  const seen: unknown[] = [];
  registerScheme("test-tls", (_address, options) => {
    seen.push(options.tls);
    return Promise.resolve({
      call: () => Promise.resolve(new Uint8Array()),
      close: () => Promise.resolve(),
    });
  });
  for (const options of [{}, { apiKey: "k" }, { apiKey: "k", tls: false }]) {
    await (await Client.connect("test-tls:", options)).close();
  }
  expect(seen).toEqual([undefined, true, false]);
});
