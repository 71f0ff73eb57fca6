import type { RawValue } from "perdure/common";
import * as workflow from "perdure/workflow";
import { greet } from "../activities.ts";
import { Unconvertible } from "./unconvertible.ts";

const quick = { startToCloseTimeout: "10s" } as const;

/** Never lets go of its thread, or is done at once. */
@workflow.defn()
export class Hogs {
  @workflow.run
  async run(way: "loop" | "microtasks" | "not at all"): Promise<string> {
    // eslint-disable-next-line no-unmodified-loop-condition -- this is the fault that is tried
    while (way === "loop");
    while (way === "microtasks") await Promise.resolve();
    return "done";
  }
}

/** Throws what no failure is made of, itself or in its activity. */
@workflow.defn()
export class ThrowsUnconvertible {
  @workflow.run
  async run(where: "activity" | "workflow"): Promise<void> {
    if (where === "workflow") throw new Unconvertible();
    await workflow.executeActivity("throwUnconvertible", { ...quick, retryPolicy: { maximumAttempts: 1 } });
  }
}

/** Takes every type, but cannot say how. */
@workflow.defn({ dynamic: true })
export class CannotConfigure {
  @workflow.dynamicConfig
  config(): workflow.DynamicWorkflowConfig {
    throw new Error("no such settings");
  }

  @workflow.run
  async run(_args: readonly RawValue[]): Promise<void> {
    throw new Error("was run all the same");
  }
}

/** Greets by a local activity. */
@workflow.defn()
export class GreetsLocally {
  @workflow.run
  async run(name: string): Promise<string> {
    return workflow.executeLocalActivity(greet, { ...quick, args: ["Hello", name] });
  }
}

/** Fails its first task. */
@workflow.defn()
export class FailsOneTask {
  @workflow.run
  async run(): Promise<string> {
    const attempt = await workflow.executeLocalActivity<number>("countTasks", quick);
    if (attempt === 1) throw new Error("only once");
    return "done";
  }
}
