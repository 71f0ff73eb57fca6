import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { WorkflowHistory } from "perdure/client";
import { Replayer } from "perdure/worker";
import { NondeterminismError } from "perdure/workflow";
import { CarelessSubscription } from "./changed-workflows.ts";
import { Subscription } from "./workflows.ts";

/** Two months of a subscription, as `(await handle.fetchHistory()).toJson()` gave it. */
const json = await readFile(new URL("./subscription.history.json", import.meta.url), "utf8");
const history = WorkflowHistory.fromJson("subscription", json);

test("the workflow's code still does what it did when the history was made", async () => {
  await using replayer = await Replayer.create({ workflows: [Subscription] });
  expect((await replayer.replayWorkflow(history)).replayFailure).toBeUndefined();
});

test("a change that running workflows would not survive is found", async () => {
  await using replayer = await Replayer.create({ workflows: [CarelessSubscription] });
  await expect(replayer.replayWorkflow(history)).rejects.toThrow(NondeterminismError);
});
