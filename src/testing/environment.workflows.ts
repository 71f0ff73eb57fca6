import * as workflow from "../workflow.ts";
import { flaky, slow } from "./activities.test-support.ts";

/** Sleeps for so many days, one after another, and says how long that took. */
@workflow.defn()
export class Sleeper {
  #woken = 0;

  @workflow.run
  async run(days: number): Promise<number> {
    const from = workflow.now().getTime();
    for (; this.#woken < days; this.#woken++) await workflow.sleep("1 day");
    return workflow.now().getTime() - from;
  }

  @workflow.query
  woken(): number {
    return this.#woken;
  }
}

/** Runs an activity that takes its time while a timer of a day runs; says which was first. */
@workflow.defn()
export class Race {
  @workflow.run
  async run(): Promise<string> {
    const timer = workflow.sleep("1 day").then(() => "timer");
    return Promise.race([timer, workflow.executeActivity(slow, { startToCloseTimeout: "2 days" })]);
  }
}

/** Runs an activity that fails some times, an hour apart. */
@workflow.defn()
export class Patient {
  @workflow.run
  async run(): Promise<number> {
    return workflow.executeActivity(flaky, {
      args: [4],
      startToCloseTimeout: "10s",
      retryPolicy: { initialInterval: "1h", backoffCoefficient: 1 },
    });
  }
}

/** Waits for what never comes. */
@workflow.defn()
export class Stuck {
  @workflow.run
  async run(): Promise<void> {
    await workflow.waitCondition(() => false);
  }
}

/** Asserts what is not so: at once, or when it is told to. */
@workflow.defn()
export class Claim {
  @workflow.run
  async run(waits: boolean): Promise<void> {
    if (!waits) throw new AssertionError("expected 1 to be 2");
    await workflow.waitCondition(() => false);
  }

  @workflow.signal
  claim(): void {
    throw new AssertionError("expected 3 to be 4");
  }
}

/** Adds up what it is sent until it is closed; what an update adds has to be confirmed. */
@workflow.defn()
export class Totals {
  #total = 0;
  #isClosed = false;

  @workflow.run
  async run(): Promise<number> {
    await workflow.waitCondition(() => this.#isClosed && workflow.allHandlersFinished());
    return this.#total;
  }

  @workflow.signal
  add(value: number): void {
    this.#total += value;
  }

  @workflow.signal
  close(): void {
    this.#isClosed = true;
  }

  @workflow.update
  async addSlowly(value: number): Promise<number> {
    await workflow.executeActivity("confirm", { startToCloseTimeout: "1m" });
    this.#total += value;
    return this.#total;
  }
}

class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Calls activities by their types. */
@workflow.defn()
export class Caller {
  @workflow.run
  async run(): Promise<readonly unknown[]> {
    const calls = workflow.activities<{ slow(): Promise<string>; flaky(attempt: number): Promise<number> }>({
      startToCloseTimeout: "1m",
    });
    return [await calls.slow(), await calls.flaky(3)];
  }
}
