import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { serviceHandler } from "nexus-rpc";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as nexus from "../nexus.ts";
import { createTraced, treeOf } from "./tracing.test-support.ts";
import { Journey, Leg, Parcel, post } from "./journey.workflows.ts";

const contexts = new AsyncLocalStorageContextManager();
beforeAll(() => void context.setGlobalContextManager(contexts.enable()));
afterAll(() => context.disable());

const handler = serviceHandler(post, {
  weigh: async (_ctx, thing) => thing.length,
  send: nexus.workflowRunOperation<string, string>((ctx, thing) =>
    ctx.startWorkflow(Parcel, { args: [thing], id: `parcel-${ctx.requestId}` }),
  ),
});

test(
  "one trace leads from a client to the activities of a child workflow and of a Nexus operation's workflow",
  { timeout: 60_000 },
  async () => {
    const { world, tracer, exporter } = await createTraced(
      {},
      { dynamicConfig: { "nexusoperation.enableStandalone": true } },
    );
    const { client, createWorker, until } = world;
    const target = { case: "worker", value: { namespace: "default", taskQueue: "q" } } as const;
    await until(client.operatorService.createNexusEndpoint({ spec: { name: "post", target: { variant: target } } }));
    await createWorker({
      workflows: [Journey, Leg, Parcel],
      activities: { walk: async (what: string) => `walked ${what}` },
      nexusServiceHandlers: [handler],
      maxCachedWorkflows: 0,
    });
    await tracer.startActiveSpan("request", async (span) => {
      const options = { args: ["post"] as [string], id: "journey", taskQueue: "q" };
      expect(await until(client.executeWorkflow(Journey, options))).toEqual(["walked there", "walked parcel a book"]);
      const alone = client.createNexusClient({ service: post, endpoint: "post" });
      expect(await until(alone.executeOperation(post.operations.weigh, "a book", { id: "weigh" }))).toBe(6);
      span.end();
    });
    const spans = exporter.getFinishedSpans();
    expect(treeOf(spans)).toEqual([
      "request",
      "  StartWorkflow:Journey",
      "    RunWorkflow:Journey",
      "    leg",
      "      StartChildWorkflow:Leg",
      "        RunWorkflow:Leg",
      "        StartActivity:walk",
      "          RunActivity:walk",
      "        CompleteWorkflow:Leg",
      "    StartNexusOperation:post/send",
      "      RunStartNexusOperationHandler:post/send",
      "        StartWorkflow:Parcel",
      "          RunWorkflow:Parcel",
      "          StartActivity:walk",
      "            RunActivity:walk",
      "          CompleteWorkflow:Parcel",
      "    arrived",
      "    CompleteWorkflow:Journey",
      "  StartNexusOperation:post/weigh",
      "    RunStartNexusOperationHandler:post/weigh",
    ]);
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
  },
);
