import assert from "node:assert/strict";
import { WorkflowStreamClient } from "perdure/workflow-streams";
import { take } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { Broadcast } from "./streams.workflows.ts";

/** Streams of workflows. */
export const streams: readonly Scenario[] = [
  {
    name: "a stream of a workflow is read while it grows, in its next run, and when all is over",
    async run({ client, taskQueue, newId }) {
      const id = newId("broadcast");
      const handle = await client.startWorkflow(Broadcast, { args: [null, 0], id, taskQueue });
      const stream = new WorkflowStreamClient(client, id);
      const items = take(stream.subscribe());
      const latest = client.getWorkflowHandleFor(Broadcast, id);
      await latest.executeUpdate("announce", { args: ["one"] });
      await latest.signal("go", "renew");
      const mine = stream.topic<string>("news");
      mine.publish("two");
      await stream.flush();
      await take(stream.subscribe({ topics: "runs" }), 2);
      mine.publish("three", { forceFlush: true });
      await stream.close();
      await latest.signal("go", "end");
      assert.equal(await handle.result(), 1);
      const all = await items;
      assert.deepEqual(
        all.map(({ offset }) => offset),
        [0, 1, 2, 3, 4, 5],
      );
      const of = (topic: string): unknown[] => all.filter((item) => item.topic === topic).map(({ data }) => data);
      assert.deepEqual(of("news"), ["one", "two", "three"]);
      assert.deepEqual(of("runs"), [0, 1, "over"]);
    },
  },
  {
    name: "who reads a stream from a place that was truncated goes on at the first item that is left",
    async run({ client, taskQueue, newId }) {
      const id = newId("broadcast");
      const handle = await client.startWorkflow(Broadcast, { args: [null, 0], id, taskQueue });
      for (const text of ["one", "two", "three"]) await handle.executeUpdate("announce", { args: [text] });
      await handle.executeUpdate("truncate", { args: [3] });
      const stream = new WorkflowStreamClient(client, id);
      assert.deepEqual(await take(stream.subscribe({ fromOffset: 1 }), 1), [
        { topic: "news", data: "three", offset: 3 },
      ]);
      assert.equal(await stream.getOffset(), 4);
      await handle.signal("go", "end");
      await handle.result();
    },
  },
];
