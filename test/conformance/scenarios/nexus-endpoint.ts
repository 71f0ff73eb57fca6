import { HandlerError, OperationError, serviceHandler } from "nexus-rpc";
import { ApplicationError } from "perdure/exceptions";
import * as nexus from "perdure/nexus";
import { WorkflowEnvironment } from "perdure/testing";
import type { WorkerOptions } from "perdure/worker";
import type { ScenarioWorld } from "../scenario.ts";
import { greeter } from "./nexus.contract.ts";
import { Meets } from "./nexus.workflows.ts";

/** Handles the greeter's operations. */
export const greeterHandler = serviceHandler(greeter, {
  greet: async (ctx, name) => `hello ${name} from ${ctx.headers["x-caller"] ?? "nobody"}`,
  meet: nexus.workflowRunOperation<string, string>((ctx, name) =>
    ctx.startWorkflow(Meets, { args: [name], id: `meets-${ctx.requestId}` }),
  ),
  talk: async (ctx, name) => {
    const { endpoint, taskQueue } = nexus.info();
    nexus.logger.debug("talks", { name });
    return `${nexus.inOperation()} ${endpoint !== ""} ${taskQueue !== ""} ${ctx.requestDeadline !== undefined}`;
  },
  fail: async (_ctx, how) => {
    switch (how) {
      case "operation":
        throw new OperationError("failed", "it did not work", { cause: new ApplicationError("why", { type: "Why" }) });
      case "canceled":
        throw new OperationError("canceled", "called off");
      case "handler":
        throw new HandlerError("BAD_REQUEST", "makes no sense");
      default:
        throw new ApplicationError("for good", { type: "Final", nonRetryable: true });
    }
  },
});

/** An endpoint whose requests a worker of the scenario's own handles. */
export async function withEndpoint(
  world: ScenarioWorld,
  options: Omit<WorkerOptions, "taskQueue">,
  use: (endpoint: string) => Promise<void>,
): Promise<void> {
  const { client } = world;
  const taskQueue = world.newId("nexus");
  const name = world.newId("endpoint");
  const environment = WorkflowEnvironment.fromClient(client);
  const endpoint = await environment.createNexusEndpoint(name, taskQueue);
  try {
    await world.withWorker({ taskQueue, ...options }, () => use(name));
  } finally {
    await environment.deleteNexusEndpoint(endpoint);
  }
}
