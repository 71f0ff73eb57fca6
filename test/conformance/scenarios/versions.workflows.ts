import * as workflow from "perdure/workflow";

function ownBuild(): string {
  return workflow.info().deploymentVersion?.buildId ?? "none";
}

/** Stays with its version; answers the builds it began and ended on. */
@workflow.defn({ versioningBehavior: "pinned" })
export class Staying {
  #isDone = false;

  @workflow.run
  async run(): Promise<string[]> {
    const began = ownBuild();
    await workflow.waitCondition(() => this.#isDone);
    return [began, ownBuild()];
  }

  @workflow.signal
  finish(): void {
    this.#isDone = true;
  }
}

/** Moves to the version that is current. */
@workflow.defn({ versioningBehavior: "autoUpgrade" })
export class Moving {
  #isDone = false;

  @workflow.run
  async run(): Promise<string[]> {
    const began = ownBuild();
    await workflow.waitCondition(() => this.#isDone);
    return [began, ownBuild()];
  }

  @workflow.signal
  finish(): void {
    this.#isDone = true;
  }
}

/** Moves to a newer version only by continuing as new. */
@workflow.defn({ versioningBehavior: "pinned" })
export class ContinuingOnNewer {
  #isAsked = false;

  @workflow.run
  async run(count: number): Promise<string> {
    if (count > 0) return ownBuild();
    await workflow.waitCondition(() => this.#isAsked && workflow.info().isTargetWorkerDeploymentVersionChanged);
    return workflow.continueAsNew({ args: [count + 1], initialVersioningBehavior: "autoUpgrade" });
  }

  @workflow.signal
  ask(): void {
    this.#isAsked = true;
  }
}

/** Starts a child on a version of the worker's code, and answers on which it ran, or why it did not. */
@workflow.defn({ versioningBehavior: "autoUpgrade" })
export class Delegating {
  @workflow.run
  async run(deploymentName: string, buildId: string): Promise<string> {
    const versioningOverride = { kind: "pinned", version: { deploymentName, buildId } } as const;
    try {
      const child = await workflow.startChildWorkflow(Moving, { versioningOverride });
      await child.signal("finish");
      return (await child.result()).join();
    } catch (error) {
      return (error as Error).name;
    }
  }
}

/** Says of activities, children and its next run on which builds they are to be, and waits for none of them. */
@workflow.defn({ versioningBehavior: "autoUpgrade" })
export class Intending {
  @workflow.run
  async run(otherQueue: string, intent: workflow.VersioningIntent | "none", isNext = false): Promise<void> {
    if (isNext) return;
    const versioningIntent = intent === "none" ? {} : { versioningIntent: intent };
    for (const queue of [{}, { taskQueue: otherQueue }]) {
      const options = { ...versioningIntent, ...queue };
      void workflow.startActivity("anything", { ...options, scheduleToCloseTimeout: "1m" }).catch(() => {});
      void workflow.startChildWorkflow("Anything", options).catch(() => {});
    }
    return workflow.continueAsNew({ args: [otherQueue, intent, true], ...versioningIntent });
  }
}
