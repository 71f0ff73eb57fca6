import { expect, onTestFinished, test } from "vitest";
import { VirtualClock } from "../core/time/virtual-clock.ts";
import { EchoService, noise } from "./echo.test-support.ts";
import type { DnsLoadBalancingConfig } from "./grpc-balancer.ts";
import { GrpcServer } from "./grpc-server.ts";
import type { GrpcTransportOptions } from "./grpc-transport.ts";
import { GrpcTransport } from "./grpc-transport.ts";
import { RPCStatusCode } from "./status.ts";
import { failureOf } from "./transport.suite.ts";

const echo = { path: "/test.Echo/Echo", body: noise(3) };
const hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];

interface Machine {
  readonly service: EchoService;
  readonly server: GrpcServer;
}

/** Servers at the first addresses of {@link hosts}, all on one port. */
async function startMachines(count: number): Promise<{ readonly machines: readonly Machine[]; readonly port: number }> {
  const machines: Machine[] = [];
  let port = 0;
  for (const host of hosts.slice(0, count)) {
    const service = new EchoService();
    const server = new GrpcServer(service);
    onTestFinished(() => server.stop(0));
    const bound = await server.listen({ host, port });
    port = bound.port;
    machines.push({ service, server });
  }
  return { machines, port };
}

function connect(
  port: number,
  dnsLoadBalancing: DnsLoadBalancingConfig,
  options: Partial<GrpcTransportOptions> = {},
): GrpcTransport {
  const transport = new GrpcTransport({ ...options, address: `machines.test:${port}`, dnsLoadBalancing });
  onTestFinished(() => transport.close());
  return transport;
}

async function callTimes(transport: GrpcTransport, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) expect(await transport.call(echo)).toEqual(noise(3));
}

test("calls take the addresses of a host in turns", async () => {
  const { machines, port } = await startMachines(3);
  const asked: string[] = [];
  const lookup = (host: string): Promise<readonly string[]> => {
    asked.push(host);
    return Promise.resolve(hosts);
  };
  await callTimes(connect(port, { lookup }), 30);
  for (const { service } of machines) expect(service.count).toBeGreaterThanOrEqual(9);
  expect(asked).toEqual(["machines.test"]);
});

test("an address that cannot be reached is passed over, and one that is gone loses no call", async () => {
  const { machines, port } = await startMachines(2);
  const transport = connect(port, { lookup: () => Promise.resolve(hosts) });
  await callTimes(transport, 12);
  await machines[0]?.server.stop(0);
  await callTimes(transport, 12);
  const [first = 0, second = 0] = machines.map(({ service }) => service.count);
  expect(first + second).toBe(24);
  expect(second).toBeGreaterThan(first);
});

test("addresses are looked up again once they are old; calls under way at one that left are finished", async () => {
  const { machines, port } = await startMachines(2);
  const clock = new VirtualClock();
  let addresses = hosts.slice(0, 1);
  const transport = connect(port, { resolutionIntervalMs: 1000, lookup: () => Promise.resolve(addresses) }, { clock });
  await callTimes(transport, 2);
  const hanging = failureOf(transport.call({ path: "/test.Echo/Hang", body: new Uint8Array() }));
  await machines[0]?.service.until(() => machines[0]?.service.open.size === 1);
  addresses = hosts.slice(1, 2);
  await callTimes(transport, 2);
  expect(machines[1]?.service.count).toBe(0);
  clock.advanceBy(1000);
  // The call that finds the addresses old still goes to one of them.
  await callTimes(transport, 4);
  expect(machines[1]?.service.count).toBeGreaterThanOrEqual(2);
  expect(machines[0]?.service.open.size).toBe(1);
  await transport.close();
  await hanging;
});

test("a name without addresses is named", async () => {
  const nowhere = connect(1, { lookup: () => Promise.reject(new Error("getaddrinfo ENOTFOUND machines.test")) });
  const error = await failureOf(nowhere.call(echo));
  expect(error.status).toBe(RPCStatusCode.UNAVAILABLE);
  expect(error.message).toBe(
    'Cannot start call "Echo": finding the addresses of "machines.test" failed (getaddrinfo ENOTFOUND machines.test); check the name and the resolver',
  );
  const empty = await failureOf(connect(1, { lookup: () => Promise.resolve([]) }).call(echo));
  expect(empty.message).toContain("it has none");
});

test("when no address can be reached, the last one's failure is told", async () => {
  const { machines, port } = await startMachines(1);
  await machines[0]?.server.stop(0);
  const error = await failureOf(connect(port, { lookup: () => Promise.resolve(hosts) }).call(echo));
  expect(error.status).toBe(RPCStatusCode.UNAVAILABLE);
  expect(error.message).toContain("ECONNREFUSED");
});
