import { ApplicationError, ApplicationErrorCategory, ChildWorkflowError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { failForGood, greet } from "../activities.ts";

const quick = { startToCloseTimeout: "10s" } as const;

class OutOfStock extends Error {
  override readonly name = "OutOfStock";
}

/** Throws what the name says, out of its run method. */
@workflow.defn({ failureExceptionTypes: [OutOfStock] })
export class Throws {
  @workflow.run
  async run(what: "plain" | "listed" | "application" | "wrapped"): Promise<void> {
    await workflow.sleep(1);
    if (what === "plain") throw new TypeError("a bug");
    if (what === "listed") throw new OutOfStock("no more chairs");
    if (what === "application") {
      throw new ApplicationError("as it is", {
        type: "Own",
        details: [1, { two: 2 }],
        nonRetryable: true,
        category: ApplicationErrorCategory.BENIGN,
        cause: new OutOfStock("deep down"),
      });
    }
    try {
      await workflow.executeActivity(failForGood, quick);
    } catch (error) {
      throw new ApplicationError("could not pay", { cause: error });
    }
  }

  @workflow.query
  listed(): boolean[] {
    return [new OutOfStock("x"), new TypeError("x"), new ApplicationError("x")].map((error) =>
      workflow.isFailureException(error),
    );
  }
}

/** Fails its task until a worker lets the error fail the workflow. */
@workflow.defn()
export class ThrowsPlain {
  @workflow.run
  async run(): Promise<never> {
    throw new RangeError("out of range");
  }
}

/** Handlers that do what they must not. */
@workflow.defn()
export class Trespasses {
  #isDone = false;
  #touched = 0;

  @workflow.run
  async run(): Promise<number> {
    await workflow.waitCondition(() => this.#isDone);
    return this.#touched;
  }

  @workflow.query
  schedule(): string {
    void workflow.executeActivity(greet, { ...quick, args: ["a", "b"] });
    return "scheduled";
  }

  @workflow.query
  draw(): string {
    return workflow.uuid4();
  }

  @workflow.query
  breaks(): string {
    throw new ApplicationError("query says no");
  }

  @workflow.update
  touch(): number {
    return ++this.#touched;
  }

  @workflow.validator<Trespasses, "touch">("touch")
  checkTouch(): void {
    try {
      workflow.upsertMemo({ trespassed: true });
    } catch (error) {
      // Let out as it is, it would fail the task instead of the update.
      throw new ApplicationError("refused", { type: (error as Error).name });
    }
  }

  @workflow.signal
  finish(): void {
    this.#isDone = true;
  }
}

@workflow.defn()
export class FailsAsFamily {
  @workflow.run
  async run(depth: number): Promise<void> {
    if (depth === 0) await workflow.executeActivity(failForGood, quick);
    try {
      await workflow.executeChildWorkflow(FailsAsFamily, { args: [depth - 1] });
    } catch (error) {
      if (!(error instanceof ChildWorkflowError)) throw new ApplicationError("not a child's error");
      throw error;
    }
  }
}

/** Fails once it is cancelled, otherwise than by the cancellation. */
@workflow.defn()
export class FailsWhenCancelled {
  @workflow.run
  async run(): Promise<void> {
    try {
      await workflow.sleep("1h");
    } catch {
      throw new ApplicationError("failed to clean up", { type: "CleanUp" });
    }
  }
}

/** Asks for more than the service gives. */
@workflow.defn()
export class Excessive {
  @workflow.run
  async run(howMany: number): Promise<void> {
    await Promise.all(
      Array.from({ length: howMany }, () =>
        workflow.executeActivity("never", { ...quick, taskQueue: "nobody-polls-this" }),
      ),
    );
  }
}
