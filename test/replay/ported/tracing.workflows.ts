import * as workflow from "perdure/workflow";

/** Signals, an update, a timer and an activity that each yield in their own way, and leave a trace of when they went on. */
@workflow.defn()
export class SignalsActivitiesTimersUpdatesTracingWorkflow {
  readonly #events: string[] = [];

  @workflow.run
  async run(): Promise<readonly string[]> {
    await Promise.all([this.#timer(), this.#activity()]);
    return this.#events;
  }

  @workflow.signal
  async dosig(name: string): Promise<void> {
    await this.#trace(`sig-${name}`);
  }

  @workflow.update
  async doupdate(name: string): Promise<void> {
    await this.#trace(`update-${name}`);
  }

  async #timer(): Promise<void> {
    await workflow.sleep(100);
    await this.#trace("timer");
  }

  async #activity(): Promise<void> {
    await workflow.executeActivity<string>("say_hello", {
      scheduleToCloseTimeout: "30s",
      args: ["Enchi"],
    });
    await this.#trace("act");
  }

  async #trace(what: string): Promise<void> {
    this.#events.push(`${what}-sync`);
    await Promise.resolve();
    this.#events.push(`${what}-1`);
    await workflow.waitCondition(() => true);
    this.#events.push(`${what}-2`);
  }
}

@workflow.defn()
export class ActivityAndSignalsWhileWorkflowDown {
  readonly #events: string[] = [];
  #counter = 0;

  @workflow.run
  async run(taskQueue: string): Promise<readonly string[]> {
    const activity = this.#activity(taskQueue);
    await workflow.waitCondition(() => this.#counter >= 2);
    this.#events.push(`counter-${this.#counter}`);
    await activity;
    return this.#events;
  }

  @workflow.signal
  dosig(name: string): void {
    this.#events.push(`sig-${name}`);
    this.#counter += 1;
  }

  async #activity(taskQueue: string): Promise<void> {
    this.#events.push("act-start");
    await workflow.executeActivity<string>("say_hello", {
      scheduleToCloseTimeout: "30s",
      taskQueue,
      args: ["Enchi"],
    });
    this.#counter += 1;
    this.#events.push("act-done");
  }
}
