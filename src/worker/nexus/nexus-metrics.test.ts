import { HandlerError, operation, OperationError, service, serviceHandler } from "nexus-rpc";
import { expect, test } from "vitest";
import type { Request } from "../../proto/gen/nexus.ts";
import type { Init } from "../../proto/message.ts";
import { MetricBuffer, Runtime } from "../index.ts";
import { NexusMetrics } from "../metrics/nexus-metrics.ts";
import { createNexusBench, startOf } from "./nexus-host.test-support.ts";

const contract = service("s", { op: operation<string, string>() });

test("Nexus requests are measured by the names and reasons of the reference SDK", async () => {
  const buffer = new MetricBuffer();
  const runtime = new Runtime({ telemetry: { metrics: buffer } });
  if (runtime.sdkMetricMeter === undefined) return expect.unreachable();
  const handler = serviceHandler(contract, {
    op: async (ctx, how) => {
      bench.clock.advanceBy(7);
      if (how === "operation") throw new OperationError("failed", "no");
      if (how === "canceled") throw new OperationError("canceled", "off");
      if (how === "handler") throw new HandlerError("BAD_REQUEST", "what?");
      if (how !== "hang") return how;
      return new Promise((_, reject) => {
        ctx.abortSignal.addEventListener("abort", () => reject(ctx.abortSignal.reason as Error));
        bench.clock.advanceBy(1_000);
      });
    },
  });
  const bench = createNexusBench(handler, { metrics: new NexusMetrics(runtime.sdkMetricMeter) });
  const startedSeconds = bench.clock.now() / 1_000;
  const scheduled = (changes: Init<Request> = {}): Init<Request> => ({
    scheduledTime: { seconds: startedSeconds - 1, nanos: 0 },
    ...changes,
  });
  const measured = async (input: string, changes: Init<Request> = {}): Promise<unknown[]> => {
    await bench.request(startOf("op", input, changes)).run();
    return buffer
      .retrieveUpdates()
      .map(({ metric, value, attributes }) => [metric.name, value, attributes["failure_reason"]]);
  };
  expect(await measured("fine", scheduled())).toEqual([
    ["temporal_nexus_task_schedule_to_start_latency", 1_000, undefined],
    ["temporal_nexus_task_execution_latency", 7, undefined],
    ["temporal_nexus_task_endtoend_latency", 1_007, undefined],
  ]);
  const old = { capabilities: { temporalFailureResponses: false } };
  const reasons = [
    ["operation", {}, "operation_failed"],
    ["canceled", {}, "operation_canceled"],
    ["canceled", old, "operation_canceled"],
    ["handler", {}, "handler_error_BAD_REQUEST"],
    ["handler", old, "handler_error_BAD_REQUEST"],
    ["hang", { header: { "request-timeout": "1s" } }, "timeout"],
  ] as const;
  for (const [input, changes, reason] of reasons)
    expect((await measured(input, changes)).slice(1), `${input} ${reason}`).toEqual([
      ["temporal_nexus_task_execution_failed", 1, reason],
    ]);
  await runtime.close();
});
