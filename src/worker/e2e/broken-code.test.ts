import { expect, test } from "vitest";
import { silentLogger } from "../../core/telemetry/logger.ts";
import { DataConverter } from "../../payload/data-converter.ts";
import type { PayloadCodec } from "../../payload/payload-codec.ts";
import { Careless, Hello } from "./hello.workflows.ts";
import { createWorld } from "./world.test-support.ts";

const activities = { greet: async (name: string): Promise<string> => `Hello, ${name}!` };

/** A logger's warnings and errors, with the error's message. */
function createLines() {
  const lines: string[] = [];
  const line = (message: string, attributes: Readonly<Record<string, unknown>> = {}): void => {
    const { error, reason = error } = attributes;
    lines.push(`${message}: ${reason instanceof Error ? reason.message : String(reason)}`);
  };
  return { lines, logger: { ...silentLogger, warn: line, error: line } };
}

test("payloads that the codec cannot read fail workflow tasks and attempts, until it can", async () => {
  let faults = 2;
  const codec: PayloadCodec = {
    encode: async (payloads) => [...payloads],
    decode: async (payloads) => {
      if (faults-- > 0) throw new Error("no key");
      return [...payloads];
    },
  };
  const { lines, logger } = createLines();
  const world = await createWorld({ logger, client: { dataConverter: new DataConverter({ codec }) } });
  await world.createWorker({ workflows: [Hello], activities });
  const handle = await world.until(world.client.startWorkflow(Hello, { args: ["you"], id: "w", taskQueue: "q" }));
  expect(await world.until(handle.result())).toBe("Hello, you!");
  expect(lines).toContain(
    "Payloads of a workflow task could not be converted by codec or external storage, the task fails: no key",
  );
  const { events } = await world.until(handle.fetchHistory());
  const failures = events.flatMap(({ attributes }) =>
    attributes?.case === "workflowTaskFailedEventAttributes" ? [attributes.value.failure?.message] : [],
  );
  expect(failures).toEqual(["no key"]);
});

test("a promise that workflow code leaves rejected fails its task with a line in the log, and no other run", async () => {
  const { lines, logger } = createLines();
  const world = await createWorld({ logger });
  await world.createWorker({ workflows: [Careless, Hello], activities });
  await world.until(world.client.startWorkflow(Careless, { id: "careless", taskQueue: "q" }));
  const hello = world.client.executeWorkflow(Hello, { args: ["you"], id: "hello", taskQueue: "q" });
  expect(await world.until(hello)).toBe("Hello, you!");
  expect(lines).toContain(
    "A promise was rejected for which nobody waits, the workflow's next task fails: nobody waited",
  );
  while (lines.length < 2) {
    world.clock.advanceToNext();
    await world.settle();
  }
  expect(lines).toContain("Workflow task failed: nobody waited");
});
