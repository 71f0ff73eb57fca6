import { ApplicationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";

/** A signal that fails the workflow, and an update, each before or after the workflow has completed. */
@workflow.defn()
export class CoroutinesAfterCompleteWorkflow {
  #isTold = false;
  #isComplete = false;

  @workflow.run
  async run(): Promise<string> {
    await workflow.waitCondition(() => this.#isTold);
    await workflow.executeLocalActivity("SomeActivity", { scheduleToCloseTimeout: "10s" });
    this.#isComplete = true;
    return "complete-workflow";
  }

  @workflow.signal({ name: "DoErroringSignal" })
  async fail(waitsForWorkflow: boolean): Promise<void> {
    this.#isTold = true;
    if (waitsForWorkflow) await workflow.waitCondition(() => this.#isComplete);
    throw new ApplicationError("Intentional error from signal");
  }

  @workflow.update({ name: "DoUpdate" })
  async update(): Promise<string> {
    this.#isTold = true;
    await workflow.waitCondition(() => this.#isComplete);
    return "complete-update";
  }
}

@workflow.defn()
export class MultiSignalOrderWorkflow {
  readonly #heard: string[] = [];

  @workflow.run
  async run(): Promise<readonly string[]> {
    await workflow.executeLocalActivity("SendTwoSignals", { scheduleToCloseTimeout: "10s" });
    await workflow.waitCondition(() => this.#heard.length > 0);
    return this.#heard;
  }

  @workflow.signal({ name: "Signal" })
  hear(what: string): void {
    this.#heard.push(what);
  }
}

@workflow.defn()
export class MultiWaitConditionWorkflow {
  @workflow.run
  async run(): Promise<readonly string[]> {
    const heard: string[] = [];
    const wait = (what: string): Promise<void> => workflow.waitCondition(() => true).then(() => void heard.push(what));
    await Promise.all([wait("one"), wait("two"), wait("three"), wait("four")]);
    return heard;
  }
}

@workflow.defn()
export class SayHelloWorkflow {
  @workflow.run
  async run(params: { readonly Name: string; readonly ShouldCauseNonDeterminism: boolean }): Promise<unknown> {
    if (params.ShouldCauseNonDeterminism) await workflow.sleep(100);
    return workflow.executeActivity<string>("SayHello", {
      startToCloseTimeout: "60s",
      args: [params.Name],
    });
  }
}
