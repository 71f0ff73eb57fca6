import {
  ApplicationError,
  CancelledError,
  ChildWorkflowError,
  isCancelledException,
  WorkflowAlreadyStartedError,
} from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { failForGood } from "../activities.ts";

/** What a workflow may be asked to do as a child. */
export type ChildPlan = "succeed" | "fail" | "failTwice" | "wait" | "cleanUp" | "renew" | "decline" | "tellFamily";

@workflow.defn()
export class Child {
  #said: string | undefined;

  @workflow.run
  async run(plan: ChildPlan, value: string): Promise<unknown> {
    const { attempt, parent, root, workflowId, runId } = workflow.info();
    if (plan === "fail" || (plan === "failTwice" && attempt < 3))
      throw new ApplicationError(`child fails ${value}`, { type: "Childish" });
    if (plan === "renew") return workflow.continueAsNew<Child>({ args: ["succeed", `${value} renewed`] });
    if (plan === "decline") await workflow.executeActivity(failForGood, { startToCloseTimeout: "10s" });
    if (plan === "tellFamily") return { parent, root, self: { workflowId, runId } };
    if (plan === "cleanUp") return this.#waitThenCleanUp();
    if (plan === "wait") await workflow.waitCondition(() => this.#said !== undefined);
    return `${value}${this.#said === undefined ? "" : ` heard ${this.#said}`}`;
  }

  @workflow.signal
  say(what: string): void {
    this.#said = what;
  }

  async #waitThenCleanUp(): Promise<never> {
    try {
      await workflow.sleep("1h");
    } catch (error) {
      await workflow.sleep(1000);
      throw error;
    }
    throw new ApplicationError("never told to stop");
  }
}

/** Starts a child with options, and answers what became of it. */
@workflow.defn()
export class Parent {
  @workflow.run
  async run(plan: ChildPlan, options: workflow.ChildWorkflowOptions = {}): Promise<unknown> {
    try {
      return await workflow.executeChildWorkflow(Child, { ...options, args: [plan, "child"] });
    } catch (error) {
      if (error instanceof WorkflowAlreadyStartedError) return `already started ${error.workflowType}`;
      throw error;
    }
  }
}

/** Starts a child, signals it, and asks for its result. */
@workflow.defn()
export class Caller {
  @workflow.run
  async run(id: string, how: "typed" | "untyped" | "external" | "external typed"): Promise<unknown> {
    const child = await workflow.startChildWorkflow(Child, { id, args: ["wait", "child"] });
    if (how === "typed") await child.signal("say", how);
    if (how === "external") await workflow.getExternalWorkflowHandle(id).signal("say", how);
    if (how === "external typed")
      await workflow.getExternalWorkflowHandleFor(Child, id, { runId: child.firstExecutionRunId }).signal("say", how);
    if (how === "untyped") {
      const other = await workflow.startChildWorkflow("Child", { id: `${id}-untyped`, args: ["wait", "other"] });
      await other.signal("say", how);
      await child.signal("say", how);
      return [await child.result(), await other.result(), child.workflowId === id, child.firstExecutionRunId.length];
    }
    return child.result();
  }
}

/** Cancels its child as the type says, and tells how long it had to wait for it. */
@workflow.defn()
export class CancelsChild {
  @workflow.run
  async run(id: string, cancellationType: workflow.ChildWorkflowCancellationType): Promise<string> {
    const child = await workflow.startChildWorkflow(Child, {
      id,
      args: ["cleanUp", ""],
      cancellationType,
      parentClosePolicy: "abandon",
    });
    await workflow.sleep(5);
    child.cancel("enough");
    try {
      await child.result();
    } catch (error) {
      if (error instanceof ChildWorkflowError && error.cause instanceof CancelledError) {
        // A workflow that ends before the service has carried its request takes the request with it.
        await workflow.sleep(100);
        return "cancelled";
      }
      throw error;
    }
    return "not cancelled";
  }
}

/** Ends with the task that starts its child. */
@workflow.defn()
export class LeavesUnborn {
  @workflow.run
  async run(id: string): Promise<string> {
    void workflow.startChildWorkflow(Child, { id, args: ["succeed", ""], parentClosePolicy: "abandon" });
    return "left";
  }
}

/** Cancels its child before it has told the service of it. */
@workflow.defn()
export class CancelsUnborn {
  @workflow.run
  async run(id: string): Promise<string> {
    const scope = new workflow.CancellationScope();
    const started = scope.run(() => workflow.startChildWorkflow(Child, { id, args: ["wait", ""] }));
    scope.cancel();
    return started.then(
      () => "started",
      (error: unknown) => (isCancelledException(error) ? "never started" : String(error)),
    );
  }
}

/** Ends, and leaves its child to the policy. */
@workflow.defn()
export class LeavesChild {
  @workflow.run
  async run(id: string, parentClosePolicy: workflow.ParentClosePolicy): Promise<void> {
    await workflow.startChildWorkflow(Child, { id, args: ["cleanUp", ""], parentClosePolicy });
  }
}

@workflow.defn()
export class Grandparent {
  @workflow.run
  async run(): Promise<unknown> {
    const { workflowId, runId, parent, root } = workflow.info();
    return {
      family: await workflow.executeChildWorkflow(Parent, { args: ["tellFamily"] }),
      self: { workflowId, runId },
      parent,
      root,
    };
  }
}

/** Sends something to a workflow that may not be there. */
@workflow.defn()
export class Sends {
  @workflow.run
  async run(id: string, what: "signal" | "cancel"): Promise<string> {
    const handle = workflow.getExternalWorkflowHandle(id);
    try {
      await (what === "signal" ? handle.signal("say", "hello") : handle.cancel("from outside"));
    } catch (error) {
      if (error instanceof ApplicationError) return `${error.type ?? "no type"}: ${error.message}`;
      throw error;
    }
    return "sent";
  }
}

/** Continues as new once, with every option there is. */
@workflow.defn()
export class ContinuesWithOptions {
  @workflow.run
  async run(isFirst: boolean): Promise<unknown> {
    const { workflowType, continuedRunId, taskTimeoutMs, runTimeoutMs, retryPolicy, firstExecutionRunId, runId } =
      workflow.info();
    if (isFirst) {
      return workflow.continueAsNew<ContinuesWithOptions>({
        args: [false],
        taskTimeout: "7s",
        runTimeout: "70s",
        memo: { note: "changed" },
        retryPolicy: { maximumAttempts: 4 },
        backoffStartInterval: 20,
      });
    }
    return {
      workflowType,
      hasContinued: continuedRunId === firstExecutionRunId && runId !== firstExecutionRunId,
      taskTimeoutMs,
      runTimeoutMs,
      attempts: retryPolicy?.maximumAttempts,
      memo: workflow.memo(),
    };
  }
}

/** Goes on as new five times, and checks what each run was given. */
@workflow.defn()
export class GoesOn {
  @workflow.run
  async run(pastRunIds: readonly string[]): Promise<readonly string[]> {
    const { retryPolicy, continuedRunId, firstExecutionRunId } = workflow.info();
    const { length } = pastRunIds;
    if (workflow.memoValue("past") !== length || retryPolicy?.maximumAttempts !== 1000 + length)
      throw new ApplicationError(`run ${length} was not given what is its own`);
    if (length === 5) return pastRunIds;
    const runIds = continuedRunId === undefined ? pastRunIds : [...pastRunIds, continuedRunId];
    if (runIds.length > 0 && firstExecutionRunId !== runIds[0])
      throw new ApplicationError(`run ${length} does not know the first one`);
    return workflow.continueAsNew<GoesOn>({
      args: [runIds],
      memo: { past: runIds.length },
      retryPolicy: { maximumAttempts: 1000 + runIds.length },
      backoffStartInterval: 1,
    });
  }
}

/** Becomes a workflow of another type. */
@workflow.defn()
export class BecomesChild {
  @workflow.run
  async run(): Promise<never> {
    return workflow.continueAsNew<Child>({ workflow: Child, args: ["succeed", "became a child"] });
  }
}
