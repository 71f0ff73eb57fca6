import * as workflow from "perdure/workflow";
import { noop } from "./activities.js";

// Apart from the others: every run evaluates the module of its workflow anew, and that is part of what the first loads measure.

const options = { startToCloseTimeout: "1 minute" } as const;

@workflow.defn()
export class FanOut {
  @workflow.run
  async run(activity: string, count: number, rounds: number): Promise<void> {
    const calls = Array.from({ length: count }, () =>
      workflow.executeActivity(activity, { ...options, args: [rounds] }),
    );
    await Promise.all(calls);
  }
}

@workflow.defn()
export class Timers {
  @workflow.run
  async run(count: number): Promise<number> {
    for (let index = 0; index < count; index++) await workflow.sleep(1);
    return count;
  }
}

@workflow.defn()
export class Child {
  @workflow.run
  async run(name: string): Promise<string> {
    return name;
  }
}

@workflow.defn()
export class Children {
  @workflow.run
  async run(count: number): Promise<number> {
    const children = Array.from({ length: count }, () => workflow.executeChildWorkflow(Child, { args: ["x"] }));
    return (await Promise.all(children)).length;
  }
}

@workflow.defn()
export class LocalActivities {
  @workflow.run
  async run(count: number): Promise<number> {
    for (let index = 0; index < count; index++) await workflow.executeLocalActivity(noop, { ...options, args: ["x"] });
    return count;
  }
}

@workflow.defn()
export class Year {
  @workflow.run
  async run(): Promise<void> {
    await workflow.sleep("365 days");
  }
}
