import * as workflow from "../workflow.ts";
import { WorkflowStream, type WorkflowStreamState } from "../workflow-streams.ts";

/** One thing that happened. */
export interface Step {
  readonly step: number;
}

/** Publishes what it is asked to, until it is told to end. */
@workflow.defn()
export class Progress {
  readonly #stream = new WorkflowStream();
  readonly #steps = this.#stream.topic<Step>("steps");
  #isClosed = false;

  @workflow.update
  publish(count: number): void {
    for (let step = 0; step < count; step++) this.#steps.publish({ step });
  }

  @workflow.update
  truncate(upToOffset: number): void {
    this.#stream.truncate(upToOffset);
  }

  /** Both in one workflow task, under the eyes of a poll that waits. */
  @workflow.update
  publishAndTruncate(count: number, upToOffset: number): void {
    this.publish(count);
    this.truncate(upToOffset);
  }

  @workflow.update
  publishText(topic: string, size: number): void {
    this.#stream.topic<string>(topic).publish("x".repeat(size));
  }

  @workflow.update
  drain(): void {
    this.#stream.detachPollers();
  }

  @workflow.update
  secondStream(): string {
    try {
      return typeof new WorkflowStream();
    } catch (error) {
      return (error as Error).message;
    }
  }

  @workflow.signal
  close(): void {
    this.#isClosed = true;
  }

  @workflow.run
  async run(): Promise<void> {
    await workflow.waitCondition(() => this.#isClosed);
    this.#stream.topic("ends").publish("closed");
  }
}

/** Goes on as new whenever it is told to, and hands its stream on. */
@workflow.defn()
export class Chain {
  #stream: WorkflowStream | undefined;
  #run = 0;
  #next: "renew" | "end" | undefined;

  @workflow.init
  init(state?: WorkflowStreamState, run = 0): void {
    this.#stream = new WorkflowStream(state);
    this.#run = run;
  }

  @workflow.signal
  renew(): void {
    this.#next = "renew";
  }

  @workflow.signal
  end(): void {
    this.#next = "end";
  }

  @workflow.query
  publishers(): string[] {
    return Object.keys(this.#stream?.getState().publishers ?? {});
  }

  @workflow.run
  async run(_state?: WorkflowStreamState, _run = 0): Promise<number> {
    const stream = this.#stream as WorkflowStream;
    stream.topic("runs").publish(this.#run);
    await workflow.waitCondition(() => this.#next !== undefined);
    if (this.#next === "renew") await stream.continueAsNew((state) => [state, this.#run + 1]);
    return this.#run;
  }
}

/** Lets an activity publish to its stream. */
@workflow.defn()
export class Delegating {
  readonly #stream = new WorkflowStream();

  @workflow.run
  async run(count: number): Promise<number> {
    const { publishItems } = workflow.activities<{ publishItems(count: number): Promise<number> }>({
      startToCloseTimeout: "1 minute",
    });
    const read = await publishItems(count);
    this.#stream.topic<string>("status").publish("done");
    return read;
  }
}
