import { CancelledError, isCancelledException, TimeoutError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { greet, hang, waitForCancel } from "../activities.ts";

const heartbeating = { startToCloseTimeout: "1m", heartbeatTimeout: "5s" } as const;

/** Sleeps until somebody ends it. */
@workflow.defn()
export class SleepsLong {
  #isStarted = false;

  @workflow.run
  async run(): Promise<void> {
    this.#isStarted = true;
    await workflow.sleep("1000s");
  }

  @workflow.query
  isStarted(): boolean {
    return this.#isStarted;
  }
}

/** Writes down the reason that it finds for a cancellation of its own, and then for that of the workflow. */
@workflow.defn()
export class NotesReasons {
  readonly #reasons: { inner?: string; outer?: string } = {};

  @workflow.run
  async run(): Promise<void> {
    const scope = new workflow.CancellationScope();
    const nap = scope.run(() => workflow.sleep("1000s"));
    scope.cancel("a reason of its own");
    await nap.catch(() => undefined);
    this.#reasons.inner = workflow.cancellationReason() ?? "none";
    try {
      await workflow.sleep("1000s");
    } catch (error) {
      this.#reasons.outer = workflow.cancellationReason() ?? "none";
      throw error;
    }
  }

  @workflow.query
  reasons(): { inner?: string; outer?: string } {
    return this.#reasons;
  }
}

/** Ends with the reason for which it was cancelled. */
@workflow.defn()
export class TellsReason {
  @workflow.run
  async run(): Promise<string> {
    try {
      await workflow.sleep("1000s");
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
    }
    return workflow.cancellationReason() ?? "none";
  }
}

@workflow.defn()
export class CancelsChildFor {
  @workflow.run
  async run(reason: string): Promise<string> {
    const child = await workflow.startChildWorkflow(TellsReason);
    child.cancel(reason);
    return child.result();
  }
}

@workflow.defn()
export class CancelsOtherFor {
  @workflow.run
  async run(id: string, reason: string): Promise<void> {
    await workflow.getExternalWorkflowHandle(id).cancel(reason);
  }
}

/** Does nothing about its cancellation while it waits for an activity, or for a child that does. */
@workflow.defn()
export class LetsItThrough {
  @workflow.run
  async run(what: "activity" | "child"): Promise<void> {
    if (what === "child") await workflow.executeChildWorkflow(LetsItThrough, { args: ["activity"] });
    else await workflow.executeActivity(hang, { startToCloseTimeout: "1000s" });
  }
}

/** Ends well when it is cancelled. */
@workflow.defn()
export class GivesIn {
  @workflow.run
  async run(): Promise<string> {
    try {
      await workflow.waitCondition(() => false);
    } catch (error) {
      if (error instanceof CancelledError) return "cancelled";
      throw error;
    }
    return "never";
  }
}

/** Cancels its child when a signal says so: by the scope of the call, or by the handle. */
@workflow.defn()
export class CancelsChildLater {
  #isTime = false;

  @workflow.run
  async run(childId: string, how: "scope" | "handle"): Promise<void> {
    const scope = new workflow.CancellationScope();
    const cancelled = workflow.waitCondition(() => this.#isTime);
    if (how === "scope") {
      const result = scope.run(() => workflow.executeChildWorkflow(SleepsLong, { id: childId }));
      await cancelled;
      scope.cancel();
      return result;
    }
    const child = await workflow.startChildWorkflow(SleepsLong, { id: childId });
    await cancelled;
    child.cancel();
    return child.result();
  }

  @workflow.signal
  cancelChild(): void {
    this.#isTime = true;
  }
}

/** Starts a child on a queue that nobody polls. */
@workflow.defn()
export class StartsNobodys {
  #isTime = false;

  @workflow.run
  async run(childId: string): Promise<void> {
    await workflow.waitCondition(() => this.#isTime);
    await workflow.startChildWorkflow(SleepsLong, { id: childId, taskQueue: "nobody-polls-this" });
    await workflow.sleep("1000s");
  }

  @workflow.signal
  proceed(): void {
    this.#isTime = true;
  }
}

/** Cancels a timer, a shielded timer, an activity and a child at once. */
@workflow.defn()
export class CancelsAll {
  readonly #ends: string[] = [];

  @workflow.run
  async run(): Promise<string[]> {
    const scope = new workflow.CancellationScope();
    const all = scope.run(() =>
      Promise.all([
        this.#note("timer", workflow.sleep("1000s")),
        workflow.shield(() => this.#note("timer", workflow.sleep(200))).catch(() => undefined),
        this.#note("activity", workflow.executeActivity(waitForCancel, heartbeating)),
        this.#note("child", workflow.executeChildWorkflow(SleepsLong)),
      ]),
    );
    await workflow.sleep(100);
    scope.cancel();
    await workflow.waitCondition(() => this.#ends.length === 4, { timeout: "30s" });
    await all;
    return this.#ends;
  }

  async #note(name: string, work: Promise<unknown>): Promise<void> {
    try {
      await work;
      this.#ends.push(`${name} succeeded`);
    } catch (error) {
      if (!isCancelledException(error)) throw error;
      this.#ends.push(`${name} cancelled`);
    }
  }
}

/** Cancels all sorts of things before the service hears of them, then sleeps for ten milliseconds. */
@workflow.defn()
export class CancelsUnsent {
  @workflow.run
  async run(): Promise<number> {
    const quick = { startToCloseTimeout: "5s", args: ["Hi", "you"] as [string, string] } as const;
    clearTimeout(
      setTimeout(() => {
        throw new Error("the timer was cleared");
      }, 1000),
    );
    const handles = [workflow.startActivity(greet, quick), workflow.startLocalActivity(greet, quick)];
    for (const handle of handles) handle.cancel();
    const scoped = [
      () => workflow.executeActivity(greet, quick),
      () => workflow.executeLocalActivity(greet, quick),
      () => workflow.startChildWorkflow(SleepsLong),
      () => workflow.executeChildWorkflow(SleepsLong),
    ].map((start) => {
      const scope = new workflow.CancellationScope();
      const started = scope.run<unknown>(start);
      scope.cancel();
      return started;
    });
    const { done } = await workflow.wait([...handles, ...scoped]);
    const outcomes = await Promise.all(
      done.map((one) =>
        one.then(
          () => false,
          (error: unknown) => isCancelledException(error),
        ),
      ),
    );
    await workflow.sleep(10);
    return outcomes.filter((isCancelled) => isCancelled).length;
  }
}

/** Sleeps until a signal cancels the timer. */
@workflow.defn()
export class CancelsTimer {
  readonly #scope = new workflow.CancellationScope();
  #isReady = false;

  @workflow.run
  async run(): Promise<string> {
    const nap = this.#scope.run(() => workflow.sleep("1h"));
    this.#isReady = true;
    return nap.then(
      () => "timer completed",
      (error: unknown) => (error instanceof CancelledError ? "timer cancelled" : "timer failed"),
    );
  }

  @workflow.query
  isReady(): boolean {
    return this.#isReady;
  }

  @workflow.signal
  cancelTimer(): void {
    this.#scope.cancel();
  }
}

/** Gives an activity 200 milliseconds, in one of several ways. */
@workflow.defn()
export class LosesPatience {
  @workflow.run
  async run(how: "setTimeout" | "withTimeout" | "scope option" | "AbortSignal"): Promise<void> {
    const call = (): Promise<unknown> => workflow.executeActivity(waitForCancel, heartbeating);
    const scope = new workflow.CancellationScope(how === "scope option" ? { timeout: 200 } : {});
    if (how === "setTimeout") setTimeout(() => scope.cancel(), 200);
    if (how === "AbortSignal") AbortSignal.timeout(200).addEventListener("abort", () => scope.cancel());
    try {
      await (how === "withTimeout" ? workflow.CancellationScope.withTimeout(200, call) : scope.run(call));
    } catch (error) {
      // A scope that is out of time says so, over the activity's own end.
      throw error instanceof TimeoutError ? error.cause : error;
    }
  }
}

/** Waits for a signal until it is cancelled; then for another one. */
@workflow.defn()
export class WaitsTwice {
  #mayProceed = false;
  #mayFinish = false;
  #isCancelled = false;

  @workflow.run
  async run(timeoutMs: number): Promise<string> {
    try {
      await workflow.waitCondition(() => this.#mayProceed, timeoutMs > 0 ? { timeout: timeoutMs } : {});
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      this.#isCancelled = true;
      await workflow.waitCondition(() => this.#mayFinish);
      return "cancelled";
    }
    return "condition";
  }

  @workflow.signal
  proceed(): void {
    this.#mayProceed = true;
  }

  @workflow.signal
  finish(): void {
    this.#mayFinish = true;
  }

  @workflow.query
  isCancelled(): boolean {
    return this.#isCancelled;
  }
}

/** Ends when a signal says so. */
@workflow.defn()
export class EndsOnSignal {
  #isTime = false;

  @workflow.run
  async run(): Promise<string> {
    await workflow.waitCondition(() => this.#isTime);
    return "the child's answer";
  }

  @workflow.signal
  end(): void {
    this.#isTime = true;
  }
}

/** Answers with what its child answers, which works on a queue of its own. */
@workflow.defn()
export class AwaitsChild {
  @workflow.run
  async run(childId: string, taskQueue: string): Promise<string> {
    const child = await workflow.startChildWorkflow(EndsOnSignal, { id: childId, taskQueue });
    return child.result();
  }
}

/** Cancels an activity and stays, so that it can be asked what came of that. */
@workflow.defn()
export class CancelsAndStays {
  #outcome = "none";

  @workflow.run
  async run(cancellationType: workflow.ActivityCancellationType, isLocal: boolean): Promise<void> {
    const handle = isLocal
      ? workflow.startLocalActivity<string>("waitForEnd", { scheduleToCloseTimeout: "1m", cancellationType })
      : workflow.startActivity<string>("waitForEnd", {
          scheduleToCloseTimeout: "1m",
          heartbeatTimeout: "2s",
          cancellationType,
        });
    // While its task waits for local activities, nothing but the end of one reaches a workflow.
    if (isLocal) await workflow.executeLocalActivity("rest", { scheduleToCloseTimeout: "1m" });
    else await workflow.sleep(10);
    handle.cancel();
    this.#outcome = await handle.then(
      (value) => value,
      (error: unknown) => (isCancelledException(error) ? "cancelled" : String(error)),
    );
    await workflow.waitCondition(() => false);
  }

  @workflow.query
  outcome(): string {
    return this.#outcome;
  }
}
