import * as workflow from "perdure/workflow";

/** Runs activities one after the other, each once. */
@workflow.defn()
export class RunsInTurn {
  @workflow.run
  async run(types: readonly string[]): Promise<unknown[]> {
    const results: unknown[] = [];
    for (const type of types) {
      const options = { activityId: type, startToCloseTimeout: "30s", heartbeatTimeout: "10s" } as const;
      results.push(await workflow.executeActivity(type, { ...options, retryPolicy: { maximumAttempts: 1 } }));
    }
    return results;
  }
}
