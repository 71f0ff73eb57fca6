import { expect, onTestFinished, test } from "vitest";
import { Client, Connection } from "../../client/index.ts";
import { silentLogger } from "../../core/telemetry/logger.ts";
import { DirectTransport } from "../../rpc/direct-transport.ts";
import { startServer } from "../../server/index.ts";
import { inProcesses, inThreads, Runtime, Worker } from "../index.ts";
import * as placed from "../placed/placed-activities.test-support.ts";
import { CallActivity } from "./hello.workflows.ts";

const module = new URL("../placed/placed-activities.test-support.ts", import.meta.url);

test.each([
  ["threads", inThreads],
  ["processes", inProcesses],
] as const)(
  "activities in %s use the worker's client, and are tried again when their place is lost",
  async (name, put) => {
    const server = await startServer();
    const connection = new Connection(new DirectTransport(server.handler));
    const client = new Client(connection);
    const worker = await Worker.create(client, {
      taskQueue: "q",
      workflows: [CallActivity],
      activities: put(placed, module, { countMax: 1 }),
      runtime: new Runtime({ logger: silentLogger, workerHeartbeatInterval: 0 }),
    });
    onTestFinished(async () => {
      await worker.shutdown();
      await connection.close();
      await server.stop();
    });
    const call = (activity: string, options: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
      client.executeWorkflow(CallActivity, {
        args: [activity, [], options],
        id: `${name}-${activity}`,
        taskQueue: "q",
      });
    expect(await call("describeWorkflow")).toBe("CallActivity");
    const retryPolicy = { initialInterval: "1ms", maximumAttempts: 2 };
    expect(await call("crashOnce", { retryPolicy })).toBe(2);
  },
);
