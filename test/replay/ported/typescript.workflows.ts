import { isCancelledException } from "perdure/exceptions";
import * as workflow from "perdure/workflow";

const options = { startToCloseTimeout: "60s", cancellationType: "waitCancellationCompleted" } as const;

/** The ids that the recorded runs drew for their child, by the year: another SDK draws other random numbers. */
const childIds: Readonly<Record<number, string>> = {
  2025: "3e74e356-25a4-4e0f-b477-eb83679117a1",
  2026: "b7afb977-1dec-4709-91ed-99bb77bbce10",
};

/** One of everything, all at once, until each is done. */
@workflow.defn({ name: "smorgasbord" })
export class Smorgasbord {
  #isUnblocked = false;
  #iteration = 0;

  @workflow.run
  async run(iteration: number): Promise<void> {
    this.#iteration = iteration;
    await Promise.all([
      workflow.executeActivity<void>("fakeProgress", { ...options, args: [100, 10] }),
      workflow.executeActivity("queryOwnWf", options),
      workflow.sleep("1s"),
      this.#child(),
      workflow.executeLocalActivity("echo", options),
      workflow.waitCondition(() => this.#isUnblocked),
    ]);
    if (iteration < 2) workflow.continueAsNew<Smorgasbord>({ args: [iteration + 1] });
  }

  @workflow.signal
  activityStarted(): void {
    this.#isUnblocked = true;
  }

  @workflow.query
  step(): number {
    return this.#iteration;
  }

  async #child(): Promise<void> {
    const id = childIds[workflow.now().getUTCFullYear()] ?? "";
    const child = await workflow.startChildWorkflow("signalTarget", { id });
    await child.signal("unblock");
    await child.result();
  }
}

@workflow.defn({ name: "topSecretGreeting" })
export class TopSecretGreeting {
  @workflow.run
  async run(name: string): Promise<unknown> {
    const child = await workflow.startChildWorkflow("topSecretGreetingChild", {
      id: "ec7c1204-b5cf-4882-8bb2-87b184bd202b",
      args: [name],
    });
    await Promise.all([child.signal("approve"), workflow.sleep(1)]);
    return child.result();
  }
}

@workflow.defn({ name: "cancelFakeProgress" })
export class CancelFakeProgress {
  #hasStarted = false;

  @workflow.run
  async run(): Promise<void> {
    const scope = new workflow.CancellationScope();
    try {
      await scope.run(async () => {
        const progress = workflow.executeActivity("fakeProgress", { ...options, startToCloseTimeout: "200s" });
        await workflow.waitCondition(() => this.#hasStarted);
        scope.cancel();
        await progress;
      });
    } catch (error) {
      if (!isCancelledException(error)) throw error;
    }
  }

  @workflow.signal
  activityStarted(): void {
    this.#hasStarted = true;
  }
}

/** The handler is there from the start, so the signal's local activity comes before the second of the workflow's own. */
@workflow.defn({ name: "signalStartOtel" })
export class SignalStart {
  readonly #order: string[] = [];
  #hasFirst = false;

  @workflow.run
  async run(): Promise<string> {
    this.#order.push(await local("a"));
    this.#hasFirst = true;
    // The recorded code set its handler only here, and the signal that had waited for it went first.
    await workflow.waitCondition(() => this.#hasFirst);
    this.#order.push(await local("c"));
    return this.#order.join("");
  }

  @workflow.signal
  async startSignal(): Promise<void> {
    await workflow.waitCondition(() => this.#hasFirst);
    this.#order.push(await local("b"));
  }
}

function local(name: string): Promise<string> {
  return workflow.executeLocalActivity<string>(name, { scheduleToCloseTimeout: "60s" });
}

@workflow.defn({ name: "canCompleteUpdateAfterWorkflowReturns" })
export class UpdateAfterReturn {
  #isReturning = false;

  @workflow.run
  async run(): Promise<void> {
    await Promise.resolve();
    this.#isReturning = true;
  }

  @workflow.update({ name: "doneUpdate" })
  async finish(): Promise<string> {
    await workflow.waitCondition(() => this.#isReturning);
    return "done";
  }
}

/** A scope with a timeout whose timer is cancelled when its activity is done. */
@workflow.defn({ name: "langFlagsReplayCorrectly" })
export class LangFlags {
  @workflow.run
  async run(): Promise<void> {
    const timer = new workflow.CancellationScope();
    const timeout = timer.run(() => workflow.sleep("10s")).catch(() => undefined);
    await workflow.executeActivity("noopActivity", { scheduleToCloseTimeout: "10s" });
    timer.cancel();
    await timeout;
  }
}

/** Children one after another, each with the id that the recorded run drew. */
@workflow.defn({ name: "directRandomAndUuidResetWorkflow" })
export class RandomAndReset {
  #isUnblocked = false;

  @workflow.run
  async run(): Promise<readonly string[]> {
    const ids = [
      "c33cd353-e087-4be1-9d53-ae25f181c1a8",
      "80342b45-80ec-402f-9b9d-de0e85335390",
      "3e4fb568-fbc3-4e65-b516-7d97ca8ccbed",
      "fe932517-3ebb-4f34-a6a8-88f2541abe90",
    ];
    for (const id of ids) {
      const child = await workflow.startChildWorkflow("randomStreamResetChild", { id });
      await workflow.sleep(1);
      await child.result();
    }
    await workflow.waitCondition(() => this.#isUnblocked);
    return ids;
  }

  @workflow.signal
  randomStreamResetUnblock(): void {
    this.#isUnblocked = true;
  }
}
