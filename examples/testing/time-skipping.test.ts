import { expect, test } from "vitest";
import { WorkflowEnvironment } from "perdure/testing";
import { Worker } from "perdure/worker";
import { Subscription } from "./workflows.ts";

const taskQueue = "testing";

test("a year of a subscription is over at once, and nobody is charged", async () => {
  await using environment = await WorkflowEnvironment.startTimeSkipping();
  const { client } = environment;
  const charged: number[] = [];
  // A test's own activity of the same name takes the place of the real one.
  const charge = async (customer: string, month: number): Promise<string> => {
    charged.push(month);
    return `${customer}, ${month}`;
  };
  const worker = await Worker.create(client, { taskQueue, workflows: [Subscription], activities: { charge } });

  const before = await environment.getCurrentTime();
  const receipts = await worker.runUntil(
    client.executeWorkflow(Subscription, { args: ["Ada", 12], id: "subscription", taskQueue }),
  );
  expect(receipts).toHaveLength(12);
  expect(charged).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const days = ((await environment.getCurrentTime()).getTime() - before.getTime()) / 86_400_000;
  expect(days).toBeGreaterThanOrEqual(360);
});
