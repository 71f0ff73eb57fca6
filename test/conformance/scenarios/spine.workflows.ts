import * as workflow from "perdure/workflow";
import { ApplicationError, CancelledError, isCancelledException } from "perdure/exceptions";
import { failForGood, failUntil, greet, hang, resumeFromHeartbeat, waitForCancel } from "../activities.ts";

const quick = { startToCloseTimeout: "10s" } as const;

@workflow.defn()
export class Greeting {
  #greeting = "Hello";
  #released = false;

  @workflow.run
  async run(name: string, waits: boolean): Promise<string> {
    await workflow.sleep(5);
    if (waits) await workflow.waitCondition(() => this.#released);
    return workflow.executeActivity(greet, { ...quick, args: [this.#greeting, name] });
  }

  @workflow.signal
  setGreeting(greeting: string): void {
    this.#greeting = greeting;
  }

  @workflow.signal({ name: "let-go" })
  release(): void {
    this.#released = true;
  }

  @workflow.query
  greeting(): string {
    return this.#greeting;
  }
}

@workflow.defn()
export class Retrying {
  @workflow.run
  async run(attempt: number): Promise<number> {
    return workflow.executeActivity(failUntil, {
      ...quick,
      args: [attempt],
      retryPolicy: { initialInterval: 10, maximumInterval: 20 },
    });
  }
}

@workflow.defn()
export class Declined {
  @workflow.run
  async run(): Promise<void> {
    await workflow.executeActivity(failForGood, quick);
  }
}

@workflow.defn()
export class CancelsActivity {
  @workflow.run
  async run(): Promise<string> {
    try {
      await workflow.executeActivity(waitForCancel, {
        startToCloseTimeout: "1m",
        heartbeatTimeout: "5s",
        cancellationType: "waitCancellationCompleted",
      });
    } catch (error) {
      if (isCancelledException(error)) return "cancelled as asked";
      throw error;
    }
    return "never";
  }
}

@workflow.defn()
export class CleansUp {
  @workflow.run
  async run(): Promise<string> {
    try {
      await workflow.sleep("1h");
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      await workflow.executeActivity(greet, { ...quick, args: ["Bye", "all"] });
      throw error;
    }
    return "slept";
  }
}

@workflow.defn()
export class Resuming {
  @workflow.run
  async run(): Promise<unknown> {
    return workflow.executeActivity(resumeFromHeartbeat, { ...quick, retryPolicy: { initialInterval: 10 } });
  }
}

@workflow.defn()
export class TimesOut {
  @workflow.run
  async run(): Promise<void> {
    await workflow.executeActivity(hang, { startToCloseTimeout: 200, retryPolicy: { maximumAttempts: 1 } });
  }
}

@workflow.defn()
export class Countdown {
  @workflow.run
  async run(left: number): Promise<string> {
    if (left > 0) return workflow.continueAsNew<Countdown>({ args: [left - 1] });
    return "lift-off";
  }
}

@workflow.defn()
export class FailsTwice {
  @workflow.run
  async run(): Promise<number> {
    const { attempt } = workflow.info();
    if (attempt < 3) throw new ApplicationError(`run ${attempt} fails`);
    return attempt;
  }
}

@workflow.defn()
export class Deterministic {
  @workflow.run
  async run(): Promise<boolean> {
    const before = { random: Math.random(), uuid: workflow.uuid4(), now: Date.now() };
    await workflow.sleep(5);
    return before.random < 1 && before.uuid.length === 36 && Date.now() > before.now;
  }
}

@workflow.defn()
export class Sleeper {
  @workflow.run
  async run(): Promise<void> {
    await workflow.sleep("1h");
  }
}
