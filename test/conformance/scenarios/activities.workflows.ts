import { ActivityError, isCancelledException } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import type * as implementations from "../activities.ts";
import {
  describeSelf,
  echo,
  failForGood,
  failUntil,
  failWith,
  greet,
  hang,
  insist,
  takeMs,
  waitForCancel,
} from "../activities.ts";
import { Desk } from "../desk.ts";
import { Till } from "../till.ts";
import { FailsTwice } from "./spine.workflows.ts";

const quick = { startToCloseTimeout: "10s" } as const;
const { greet: greetByProxy } = workflow.activities<typeof implementations>(quick);

@workflow.defn()
export class CallsInAllWays {
  @workflow.run
  async run(): Promise<unknown> {
    const locally = workflow.localActivities<typeof implementations>(quick);
    return Promise.all([
      workflow.executeActivity(greet, { ...quick, args: ["Hi", "reference"] }),
      workflow.executeActivity<string>("greet", { ...quick, args: ["Hi", "name"] }),
      greetByProxy("Hi", "proxy"),
      workflow.executeActivity(Desk.prototype.stamp, { ...quick, args: ["Hi, method"] }),
      workflow.executeLocalActivity(greet, { ...quick, args: ["Hi", "local"] }),
      workflow.executeLocalActivity<string>("greet", { ...quick, args: ["Hi", "local name"] }),
      locally.greet("Hi", "local proxy"),
      workflow.executeActivity(describeSelf, { ...quick, activityId: "own-id", summary: "says who it is" }),
      workflow.executeLocalActivity(describeSelf, { ...quick, summary: "says who it is" }),
    ]);
  }
}

/** Calls methods by their object's prototype, under the names that they were given. */
@workflow.defn()
export class CallsMethods {
  @workflow.run
  async run(what: { readonly text: string }): Promise<unknown> {
    const opened = await workflow.executeActivity(Till.prototype.open, { ...quick, args: [what] });
    return workflow.executeActivity(Till.prototype.add, { ...quick, args: [opened, ", and more"] });
  }
}

/** Keeps options of calls as values, for as many calls as it likes. */
@workflow.defn()
export class KeepsOptions {
  @workflow.run
  async run(): Promise<number[]> {
    const retryPolicy = { initialInterval: 1 } as const;
    const remote: workflow.ActivityOptions = { retryPolicy, scheduleToCloseTimeout: "5s" };
    const local: workflow.LocalActivityOptions = {
      retryPolicy,
      scheduleToCloseTimeout: "5s",
      summary: "in the worker",
    };
    const child: workflow.ChildWorkflowOptions = { retryPolicy };
    return [
      await workflow.executeActivity(failUntil, { ...remote, args: [2] }),
      await workflow.executeLocalActivity(failUntil, { ...local, args: [2] }),
      await workflow.executeChildWorkflow(FailsTwice, child),
    ];
  }
}

@workflow.defn()
export class ManyActivities {
  @workflow.run
  async run(howMany: number): Promise<number> {
    const numbers = Array.from({ length: howMany }, (_one, index) => index);
    const echoed = await Promise.all(
      numbers.map((number) => workflow.executeActivity(echo<number>, { ...quick, args: [number] })),
    );
    return echoed.reduce((sum, one) => sum + one, 0);
  }
}

/** Cancels one of two activities, as the type says. */
@workflow.defn()
export class CancelsOne {
  #isTime = false;

  @workflow.run
  async run(cancellationType: workflow.ActivityCancellationType, behaves: "gives in" | "insists"): Promise<unknown> {
    const options = { startToCloseTimeout: "1m", heartbeatTimeout: "5s", cancellationType } as const;
    const one = workflow.startActivity<string>(behaves === "insists" ? insist.name : waitForCancel.name, options);
    const other = workflow.startActivity(takeMs, { ...quick, args: [100] });
    await workflow.waitCondition(() => this.#isTime);
    one.cancel();
    const outcome = await one.then(
      (value) => value,
      (error: unknown) => (isCancelledException(error) && error instanceof ActivityError ? "cancelled" : String(error)),
    );
    return [outcome, await other];
  }

  @workflow.signal
  cancelIt(): void {
    this.#isTime = true;
  }
}

@workflow.defn()
export class CancelsAtOnce {
  @workflow.run
  async run(): Promise<string> {
    const handle = workflow.startActivity(hang, quick);
    handle.cancel();
    return handle.then(
      () => "ran",
      (error: unknown) => (isCancelledException(error) ? "never left" : "failed"),
    );
  }
}

@workflow.defn()
export class FailsByPolicy {
  @workflow.run
  async run(kind: "type" | "attempts" | "delay"): Promise<void> {
    const retryPolicy = {
      initialInterval: kind === "delay" ? "1h" : 5,
      maximumAttempts: 3,
      nonRetryableErrorTypes: ["Hopeless"],
    } as const;
    await workflow.executeActivity(failWith, {
      ...quick,
      retryPolicy,
      args: [kind === "type" ? "Hopeless" : "Hopeful", kind === "delay" ? 5 : 0],
    });
  }
}

@workflow.defn()
export class Unanswered {
  @workflow.run
  async run(kind: "queue" | "untaken" | "silence" | "total"): Promise<void> {
    const once = { retryPolicy: { maximumAttempts: 1 } } as const;
    if (kind === "queue")
      await workflow.executeActivity(hang, {
        ...quick,
        ...once,
        taskQueue: "nobody-polls-this",
        scheduleToStartTimeout: 100,
      });
    if (kind === "untaken")
      await workflow.executeActivity(hang, { ...once, taskQueue: "nobody-polls-this", scheduleToCloseTimeout: 100 });
    if (kind === "silence") await workflow.executeActivity(hang, { ...quick, ...once, heartbeatTimeout: 200 });
    await workflow.executeActivity(failUntil, {
      scheduleToCloseTimeout: 300,
      retryPolicy: { initialInterval: 50, backoffCoefficient: 1 },
      args: [1000],
    });
  }
}

@workflow.defn()
export class LocalInSequence {
  @workflow.run
  async run(howMany: number): Promise<number> {
    let sum = 0;
    for (let number = 1; number <= howMany; number++)
      sum += await workflow.executeLocalActivity(echo<number>, { ...quick, args: [number] });
    return sum;
  }
}

@workflow.defn()
export class LocalRetries {
  @workflow.run
  async run(localRetryThreshold: number): Promise<number> {
    return workflow.executeLocalActivity(failUntil, {
      ...quick,
      args: [3],
      localRetryThreshold,
      retryPolicy: { initialInterval: 20, backoffCoefficient: 1 },
    });
  }
}

@workflow.defn()
export class LocalDeclined {
  @workflow.run
  async run(): Promise<void> {
    await workflow.executeLocalActivity(failForGood, quick);
  }
}

/** A local activity that takes longer than a workflow task may. */
@workflow.defn()
export class LocalAndLong {
  @workflow.run
  async run(durationMs: number): Promise<string> {
    return workflow.executeLocalActivity(takeMs, { ...quick, args: [durationMs] });
  }
}

@workflow.defn()
export class LocalCancelled {
  @workflow.run
  async run(cancellationType: workflow.ActivityCancellationType): Promise<string> {
    const handle = workflow.startLocalActivity(takeMs, { ...quick, args: [5000], cancellationType });
    await workflow.sleep(10);
    handle.cancel();
    return handle.then(
      (value) => value,
      (error: unknown) => (isCancelledException(error) ? "cancelled" : String(error)),
    );
  }
}

@workflow.defn()
export class LocalTimesOut {
  @workflow.run
  async run(): Promise<void> {
    await workflow.executeLocalActivity(takeMs, {
      startToCloseTimeout: 50,
      retryPolicy: { maximumAttempts: 1 },
      args: [5000],
    });
  }
}
