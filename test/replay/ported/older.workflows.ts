import * as workflow from "perdure/workflow";

/** As the workflow of that name in the other module, by a version whose tracing asked for the timer first. */
@workflow.defn({ name: "smorgasbord" })
export class SmorgasbordTimerFirst {
  #isUnblocked = false;

  @workflow.run
  async run(_iteration: number): Promise<void> {
    await Promise.all([
      workflow.sleep("1s"),
      workflow.executeActivity<void>("fakeProgress", {
        startToCloseTimeout: "60s",
        args: [100, 10],
      }),
      workflow.executeActivity("queryOwnWf", { startToCloseTimeout: "60s" }),
      this.#child(),
      workflow.executeLocalActivity("echo", { startToCloseTimeout: "60s" }),
      workflow.waitCondition(() => this.#isUnblocked),
    ]);
  }

  @workflow.signal
  activityStarted(): void {
    this.#isUnblocked = true;
  }

  async #child(): Promise<void> {
    const child = await workflow.startChildWorkflow("signalTarget", { id: "4951fb36-36e1-414c-a359-ae6f70541afe" });
    await child.signal("unblock");
    await child.result();
  }
}

@workflow.defn({ name: "topSecretGreeting" })
export class GreetingTimerFirst {
  @workflow.run
  async run(name: string): Promise<unknown> {
    const child = await workflow.startChildWorkflow("topSecretGreetingChild", {
      id: "1663347e-aa08-4ee5-b426-c23f71678ddd",
      args: [name],
    });
    await Promise.all([workflow.sleep(1), child.signal("approve")]);
    return child.result();
  }
}

/** The signal's own activity came last: its handler was told later. */
@workflow.defn({ name: "signalStartOtel" })
export class SignalAfter {
  readonly #order: string[] = [];
  #hasSecond = false;

  @workflow.run
  async run(): Promise<string> {
    this.#order.push(await local("a"));
    const second = local("c");
    this.#hasSecond = true;
    this.#order.push(await second);
    return this.#order.join("");
  }

  @workflow.signal
  async startSignal(): Promise<void> {
    await workflow.waitCondition(() => this.#hasSecond);
    this.#order.push(await local("b"));
  }
}

function local(name: string): Promise<string> {
  return workflow.executeLocalActivity<string>(name, { scheduleToCloseTimeout: "60s" });
}

/** A version of that time forgot to cancel the timer of a scope that had ended. */
@workflow.defn({ name: "langFlagsReplayCorrectly" })
export class TimerLeftRunning {
  @workflow.run
  async run(): Promise<void> {
    void workflow.sleep("10s");
    await workflow.executeActivity("noopActivity", { scheduleToCloseTimeout: "10s" });
  }
}

/** The update is answered before the workflow returns, as a version of .NET put it. */
@workflow.defn({ name: "CoroutinesAfterCompleteWorkflow" })
export class UpdateBeforeReturn {
  #isTold = false;
  #isDone = false;

  @workflow.run
  async run(): Promise<string> {
    await workflow.waitCondition(() => this.#isTold);
    await workflow.executeLocalActivity("SomeActivity", { scheduleToCloseTimeout: "10s" });
    this.#isDone = true;
    await workflow.waitCondition(workflow.allHandlersFinished);
    return "complete-workflow";
  }

  @workflow.update({ name: "DoUpdate" })
  async update(): Promise<string> {
    this.#isTold = true;
    await workflow.waitCondition(() => this.#isDone);
    return "complete-update";
  }
}
