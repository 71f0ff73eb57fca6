import { ApplicationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";

/** Ends while handlers are at work, or waits for them. */
@workflow.defn()
export class EndsAmidHandlers {
  #isBegun = false;
  #mayReturn = false;
  #isFinished = false;

  @workflow.run
  async run(waits: boolean): Promise<boolean> {
    await workflow.waitCondition(() => this.#isBegun);
    if (waits) {
      this.#mayReturn = true;
      await workflow.waitCondition(workflow.allHandlersFinished);
    }
    return this.#isFinished;
  }

  async #work(): Promise<void> {
    this.#isBegun = true;
    await workflow.waitCondition(() => this.#mayReturn);
    this.#isFinished = true;
  }

  @workflow.update
  update(): Promise<void> {
    return this.#work();
  }

  @workflow.update({ unfinishedPolicy: "warnAndAbandon" })
  updateThatWarns(): Promise<void> {
    return this.#work();
  }

  @workflow.update({ unfinishedPolicy: "abandon" })
  updateThatIsLeft(): Promise<void> {
    return this.#work();
  }

  @workflow.signal
  signal(): Promise<void> {
    return this.#work();
  }

  @workflow.signal({ unfinishedPolicy: "warnAndAbandon" })
  signalThatWarns(): Promise<void> {
    return this.#work();
  }

  @workflow.signal({ unfinishedPolicy: "abandon" })
  signalThatIsLeft(): Promise<void> {
    return this.#work();
  }
}

/** How {@link EndsInManyWays} goes about its end. */
export interface EndingPlan {
  readonly end: "cancelled" | "failed" | "continued as new" | "failed after that";
  readonly setsHandlers: "named" | "dynamic" | "none";
  readonly waits: boolean;
}

/** Ends in whatever way while a handler of whatever sort is at work. */
@workflow.defn()
export class EndsInManyWays {
  #mayFinish = false;

  @workflow.run
  async run(plan: EndingPlan): Promise<void> {
    const wait = (): Promise<void> => this.#wait();
    if (plan.setsHandlers === "dynamic") {
      workflow.setDynamicUpdateHandler(wait);
      workflow.setDynamicSignalHandler(wait);
    } else if (plan.setsHandlers === "named") {
      workflow.setUpdateHandler("lateUpdate", wait);
      workflow.setSignalHandler("lateSignal", wait);
    }
    if (plan.waits) {
      this.#mayFinish = true;
      await workflow.waitCondition(workflow.allHandlersFinished);
    }
    if (plan.end === "failed") throw new ApplicationError("failed on purpose");
    if (plan.end === "failed after that") throw new ApplicationError("failed in the next run");
    if (plan.end === "continued as new")
      return workflow.continueAsNew<EndsInManyWays>({ args: [{ ...plan, end: "failed after that" }] });
    await workflow.waitCondition(() => false);
  }

  #wait(): Promise<void> {
    return workflow.waitCondition(() => this.#mayFinish);
  }

  @workflow.update
  update(): Promise<void> {
    return this.#wait();
  }

  @workflow.signal
  signal(): Promise<void> {
    return this.#wait();
  }

  @workflow.update({ dynamic: true })
  otherUpdate(): Promise<void> {
    return this.#wait();
  }

  @workflow.signal({ dynamic: true })
  otherSignal(): Promise<void> {
    return this.#wait();
  }
}

/** Its update is done only after the main method has returned, in the same task. */
@workflow.defn()
export class ReturnsBeforeItsUpdate {
  #isAsked = false;
  readonly #answer = workflow.createDeferred<string>();

  @workflow.run
  async run(): Promise<string> {
    await workflow.waitCondition(() => this.#isAsked);
    this.#answer.resolve("of the update");
    return "of the workflow";
  }

  @workflow.update
  ask(): Promise<string> {
    this.#isAsked = true;
    return this.#answer.promise;
  }
}

/** Two signals whose handlers fail, and a main method that returns, all in one task. */
@workflow.defn()
export class EndsThreeTimes {
  #isFirstSeen = false;
  #isSecondSeen = false;
  #isReturning = false;
  #returnsFirst = false;

  @workflow.init
  from(returnsFirst: boolean): void {
    this.#returnsFirst = returnsFirst;
  }

  @workflow.run
  async run(_returnsFirst: boolean): Promise<string> {
    await workflow.waitCondition(() => this.#isFirstSeen && this.#isSecondSeen);
    this.#isReturning = true;
    return "returned";
  }

  @workflow.signal
  async first(): Promise<void> {
    this.#isFirstSeen = true;
    if (this.#returnsFirst) await workflow.waitCondition(() => this.#isReturning);
    throw new ApplicationError("the first handler failed");
  }

  @workflow.signal
  async second(): Promise<void> {
    await workflow.waitCondition(() => this.#isFirstSeen);
    this.#isSecondSeen = true;
    if (this.#returnsFirst) await workflow.waitCondition(() => this.#isReturning);
    throw new ApplicationError("the second handler failed");
  }
}

/** An update that comes with the first task finds what the constructor set. */
@workflow.defn()
export class HasPlainConstructor {
  #value: string;

  constructor() {
    this.#value = "of the constructor";
  }

  from(value: string): void {
    this.#value = value;
  }

  @workflow.run
  async run(_value: string): Promise<string> {
    this.#value = "of the main method";
    return this.#value;
  }

  @workflow.update
  async value(): Promise<string> {
    return this.#value;
  }
}

/** An update that comes with the first task finds what the init method set. */
@workflow.defn()
export class HasInit {
  #value = "of the constructor";

  @workflow.init
  from(value: string): void {
    this.#value = value;
  }

  @workflow.run
  async run(_value: string): Promise<string> {
    this.#value = "of the main method";
    return this.#value;
  }

  @workflow.update
  async value(): Promise<string> {
    return this.#value;
  }
}

/** Leaves code behind that nothing can end. */
@workflow.defn()
export class LeavesCodeBehind {
  @workflow.run
  async run(): Promise<string> {
    void this.#waitForEver();
    return "done";
  }

  async #waitForEver(): Promise<never> {
    for (;;) {
      try {
        await workflow.waitCondition(() => false);
      } catch {
        continue;
      }
    }
  }
}
