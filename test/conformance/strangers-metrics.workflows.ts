import { ApplicationError } from "perdure/exceptions";
import { operation, service } from "perdure/nexus";
import * as workflow from "perdure/workflow";

/** What is called for the sake of its metrics. */
export const measured = service("measured", {
  echo: operation<string, string>(),
  fail: operation<string, string>(),
});

const once = { startToCloseTimeout: "10s", retryPolicy: { maximumAttempts: 1 } } as const;

async function forgiving(promise: Promise<unknown>): Promise<void> {
  await promise.catch(() => undefined);
}

@workflow.defn()
export class Part {
  @workflow.run
  async run(): Promise<string> {
    return "part";
  }
}

/** Ends as it is told, or does one of everything. */
@workflow.defn()
export class Measured {
  @workflow.run
  async run(way: string, endpoint: string): Promise<void> {
    switch (way) {
      case "again":
        return workflow.continueAsNew({ args: ["done", endpoint] });
      case "fail":
        throw new ApplicationError("on purpose");
      case "broken":
        // So that what follows the failure has something to replay.
        await workflow.executeActivity("good", once);
        throw new Error("on purpose");
      case "wait":
        return workflow.waitCondition(() => false);
      case "all":
        await doAll(endpoint);
    }
  }
}

async function doAll(endpoint: string): Promise<void> {
  await workflow.executeActivity("good", once);
  await forgiving(workflow.executeActivity("bad", once));
  await workflow.executeLocalActivity("good", once);
  await forgiving(workflow.executeLocalActivity("bad", once));
  const scope = new workflow.CancellationScope();
  const slow = scope.run(() => workflow.executeLocalActivity("endless", once));
  const ended = forgiving(slow);
  // Nothing else reaches a workflow while its task waits for local activities.
  await workflow.executeLocalActivity("good", once);
  scope.cancel();
  await ended;
  await workflow.executeChildWorkflow(Part);
  const client = workflow.createNexusClient({ endpoint, service: measured });
  await client.executeOperation(measured.operations.echo, "x");
  await forgiving(client.executeOperation(measured.operations.fail, "operation"));
  await forgiving(client.executeOperation(measured.operations.fail, "handler"));
}
