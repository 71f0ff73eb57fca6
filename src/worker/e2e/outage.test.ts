import { expect, test } from "vitest";
import { Client, Connection } from "../../client/index.ts";
import { silentLogger, type LogAttributes } from "../../core/telemetry/logger.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import type { Transport } from "../../rpc/transport.ts";
import { WorkerFailedError } from "../worker-error.ts";
import { CallActivity, CallLocalActivity, Hello } from "./hello.workflows.ts";
import { createWorld, type World } from "./world.test-support.ts";

const workflows = [CallActivity, CallLocalActivity, Hello];

interface Outage {
  readonly client: Client;
  /** Calls fail with this from now on; `undefined` ends it. */
  fail(status: RPCStatusCode | undefined): void;
}

/** A client whose service can go away. */
function createOutage(world: World): Outage {
  const { transport } = world.client.connection;
  let failing: RPCStatusCode | undefined;
  const wavering: Transport = {
    async call(call) {
      if (failing !== undefined) throw new RPCError(failing, "the service is away");
      return transport.call(call);
    },
    close: () => transport.close(),
  };
  const client = new Client(new Connection(wavering, { clock: world.clock, random: () => 0.5 }));
  return {
    client,
    fail(status) {
      failing = status;
    },
  };
}

test("a worker bears with a service that goes away for a while, and no work is lost or done twice", async () => {
  const world = await createWorld();
  const outage = createOutage(world);
  let calls = 0;
  const activities = {
    async greet(name: string): Promise<string> {
      calls++;
      return `Hello, ${name}!`;
    },
  };
  await world.createWorker({ workflows, activities }, outage.client);
  const run = (id: string): Promise<string> => world.client.executeWorkflow(Hello, { args: [id], id, taskQueue: "q" });
  expect(await world.until(run("before"))).toBe("Hello, before!");
  outage.fail(RPCStatusCode.UNAVAILABLE);
  const during = run("during");
  world.clock.advanceBy(25_000);
  await world.settle();
  outage.fail(undefined);
  expect(await world.until(during)).toBe("Hello, during!");
  expect(calls).toBe(2);
});

test("polls that keep failing are told of with what comes next", async () => {
  const lines: [string, LogAttributes | undefined][] = [];
  const warn = (message: string, attributes?: LogAttributes): void => void lines.push([message, attributes]);
  const world = await createWorld({ logger: { ...silentLogger, warn } });
  const outage = createOutage(world);
  await world.createWorker({ workflows, activities: [async function greet() {}] }, outage.client);
  await world.settle();
  outage.fail(RPCStatusCode.UNAVAILABLE);
  for (let turn = 0; turn < 12; turn++) {
    world.clock.advanceBy(10_000);
    await world.settle();
  }
  outage.fail(undefined);
  const line = lines.find(([message]) => message.startsWith("Poll for workflow tasks failed"));
  expect(line?.[0]).toBe("Poll for workflow tasks failed, it is tried again after a wait");
  expect(line?.[1]).toMatchObject({ status: "UNAVAILABLE", error: "the service is away" });
});

test.each([
  ["that does not let it in", RPCStatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"],
  ["that does not know the namespace", RPCStatusCode.NOT_FOUND, "NOT_FOUND"],
] as const)("a worker is not created for a service %s, and says why", async (_what, status, name) => {
  const world = await createWorld();
  const outage = createOutage(world);
  outage.fail(status);
  const created = world.until(world.createWorker({ workflows }, outage.client));
  await expect(created).rejects.toThrow(WorkerFailedError);
  await expect(created).rejects.toThrow(`service answered ${name}: the service is away`);
});
