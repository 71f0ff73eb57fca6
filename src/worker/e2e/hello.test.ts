import { expect, test } from "vitest";
import { Client } from "../../client.ts";
import { silentLogger } from "../../core/telemetry/logger.ts";
import { Runtime, Worker } from "../index.ts";
import { greet } from "./activities.test-support.ts";
import { Hello } from "./hello.workflows.ts";

test("a workflow calls an activity and returns its result", async () => {
  await using client = await Client.connect("memory:");
  const runtime = new Runtime({ logger: console });
  const worker = await Worker.create(client, { taskQueue: "q", workflows: [Hello], activities: [greet], runtime });
  const result = await worker.runUntil(() => client.executeWorkflow(Hello, { args: ["World"], id: "hello", taskQueue: "q" }));
  expect(result).toBe("Hello, World!");
});
