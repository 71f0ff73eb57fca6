import * as nexus from "../nexus.ts";
import { completedSpan, withSpan, workflowLoggerProvider, workflowMeterProvider } from "../opentelemetry.ts";
import * as workflow from "../workflow.ts";

/** What the post can do. */
export const post = nexus.service("post", {
  weigh: nexus.operation<string, number>(),
  send: nexus.operation<string, string>(),
});

const minute = { startToCloseTimeout: "1m" } as const;
const meter = workflowMeterProvider.getMeter("journey", "1");
const steps = meter.createCounter("steps");
const distance = meter.createHistogram("distance", { unit: "km", advice: { explicitBucketBoundaries: [1, 10] } });
const bags = meter.createUpDownCounter("bags");
const height = meter.createGauge("height");
const records = workflowLoggerProvider.getLogger("journey", "1");

@workflow.defn()
export class Leg {
  @workflow.run
  async run(name: string): Promise<string> {
    return workflow.executeActivity<string>("walk", { ...minute, args: [name] });
  }
}

@workflow.defn()
export class Parcel {
  @workflow.run
  async run(name: string): Promise<string> {
    return workflow.executeActivity<string>("walk", { ...minute, args: [`parcel ${name}`] });
  }
}

/** Calls whatever can be called. */
@workflow.defn()
export class Journey {
  @workflow.run
  async run(endpoint: string): Promise<string[]> {
    const leg = await withSpan("leg", () => workflow.executeChildWorkflow(Leg, { args: ["there"] }));
    const client = workflow.createNexusClient({ service: post, endpoint });
    const sent = await client.executeOperation(post.operations.send, "a book");
    completedSpan("arrived");
    return [leg, sent];
  }
}

/** Records and logs, and is asked while it is replayed. */
@workflow.defn()
export class Measuring {
  #height = 0;

  @workflow.query
  height(): number {
    steps.add(100, { by: "query" });
    return this.#height;
  }

  @workflow.signal
  climb(): void {
    this.#height += 1;
    height.record(this.#height);
  }

  @workflow.run
  async run(): Promise<void> {
    steps.add(1, { by: "run" });
    distance.record(5);
    bags.add(2);
    records.emit({ severityNumber: 9, body: "sets out", attributes: { shoes: "brown" } });
    records.emit({ body: () => "no plain data" });
    await workflow.waitCondition(() => this.#height > 0);
    await workflow.sleep("1s");
    bags.add(-1);
    steps.add(1, { by: "run" });
    await withSpan("on top", async () => records.emit({ eventName: "top", body: { height: this.#height } }));
  }
}
