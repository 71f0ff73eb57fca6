import { z } from "zod";
import * as workflow from "perdure/workflow";
import { waitForCancel } from "../activities.ts";
import { failuresOf } from "../failure-counts.ts";
import { waitOutside } from "./observation-outside.ts";

const Note = z.object({ text: z.string() });

/** Keeps the notes that it gets by signals, until one says that it is the last. */
@workflow.defn()
export class KeepsNotes {
  readonly #notes: string[] = [];

  @workflow.run
  async run(): Promise<readonly string[]> {
    await workflow.waitCondition(() => this.#notes.at(-1) === "last");
    return this.#notes;
  }

  @workflow.signal({ args: [Note] })
  keep({ text }: z.output<typeof Note>): void {
    this.#notes.push(text);
  }
}

/** Logs whatever reaches it. */
@workflow.defn()
export class LogsAll {
  #last = "none";

  @workflow.run
  async run(): Promise<void> {
    await workflow.waitCondition(() => this.#last === "last");
  }

  @workflow.signal
  hear(what: string): void {
    this.#last = what;
    workflow.logger.info(`signal ${what}`);
  }

  @workflow.update
  note(what: string): void {
    workflow.logger.info(`update ${what}`);
  }

  @workflow.query
  last(): string {
    workflow.logger.info("query");
    return this.#last;
  }
}

/** Breaks once, as does its activity: outside of the sandbox, so that it can tell. */
@workflow.defn({ sandboxed: false })
export class BreaksOnce {
  @workflow.run
  async run(): Promise<void> {
    if (failuresOf(workflow.info().runId).run++ === 0) throw new Error("the workflow breaks on purpose");
    await workflow.executeActivity("breakOnce", {
      startToCloseTimeout: "30s",
      retryPolicy: { initialInterval: 1, backoffCoefficient: 1, maximumAttempts: 2 },
    });
  }
}

/** Waits for several things, each somewhere else. */
@workflow.defn()
export class WaitsAround {
  #waits = 0;

  @workflow.run
  async run(): Promise<void> {
    const heartbeating = { startToCloseTimeout: "1000s", heartbeatTimeout: "30s" } as const;
    await Promise.all([
      workflow.sleep("1000s"),
      workflow.executeActivity(waitForCancel, heartbeating),
      workflow.executeChildWorkflow(KeepsNotes),
      this.#waitInside(),
      waitOutside(() => this.#waits++),
    ]);
  }

  async #waitInside(): Promise<void> {
    this.#waits++; // waits inside
    await workflow.waitCondition(() => false);
  }

  @workflow.query
  waits(): number {
    return this.#waits;
  }
}

/** Never yields. */
@workflow.defn()
export class Spins {
  @workflow.run
  async run(): Promise<void> {
    for (let turns = 0; ; turns++) if (turns < 0) await workflow.sleep(1);
  }
}

/** Measures something of its own after its activity has. */
@workflow.defn()
export class MeasuresItself {
  @workflow.run
  async run(): Promise<void> {
    await workflow.executeActivity("measureItself", { scheduleToCloseTimeout: "30s" });
    const options = { description: "of the workflow", unit: "thing" };
    const meter = workflow.metricMeter();
    meter.createHistogram("own-workflow-histogram", options).record(56);
    meter.withAttributes({ "own-attribute": 1234 }).createHistogram("own-workflow-histogram", options).record(78);
  }
}
