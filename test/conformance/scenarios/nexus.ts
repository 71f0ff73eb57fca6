import assert from "node:assert/strict";
import { HandlerError, OperationError, serviceHandler } from "nexus-rpc";
import { ApplicationError } from "perdure/exceptions";
import * as nexus from "perdure/nexus";
import { eventKindsOf } from "../expectations.ts";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import { greeter } from "./nexus.contract.ts";
import { CallsGreeter, CancelsGreeting, FailsToGreet, Meets } from "./nexus.workflows.ts";

const greeterHandler = serviceHandler(greeter, {
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
async function withEndpoint(world: ScenarioWorld, use: (endpoint: string) => Promise<void>): Promise<void> {
  const taskQueue = world.newId("nexus");
  const name = world.newId("endpoint");
  const { endpoint } = await world.client.operatorService.createNexusEndpoint({
    spec: { name, target: { variant: { case: "worker", value: { namespace: world.client.namespace, taskQueue } } } },
  });
  try {
    await world.withWorker({ taskQueue, workflows: [Meets], nexusServiceHandlers: [greeterHandler] }, () => use(name));
  } finally {
    await world.client.operatorService.deleteNexusEndpoint({ id: endpoint?.id ?? "", version: endpoint?.version ?? 0 });
  }
}

function calls(operation: "greet" | "meet" | "talk", wanted: string, kinds: readonly string[]): Scenario {
  return {
    name: `a workflow calls a Nexus operation: ${operation}`,
    async run(world) {
      await withEndpoint(world, async (endpoint) => {
        const { client, taskQueue, newId } = world;
        const handle = await client.startWorkflow(CallsGreeter, {
          args: [endpoint, operation, "Ann"],
          id: newId("calls-greeter"),
          taskQueue,
        });
        assert.equal(await handle.result(), wanted);
        const found = (await eventKindsOf(handle)).filter((kind) => kind.startsWith("nexus"));
        assert.deepEqual(found, kinds);
      });
    },
  };
}

function fails(operation: string, how: string, wanted: readonly (readonly [string, string, string?])[]): Scenario {
  return {
    name: `a Nexus operation fails, and its caller learns why: ${operation} ${how}`,
    async run(world) {
      await withEndpoint(world, async (endpoint) => {
        const { client, taskQueue, newId } = world;
        const chain = await client.executeWorkflow(FailsToGreet, {
          args: [endpoint, operation, how],
          id: newId("fails-to-greet"),
          taskQueue,
        });
        const found = chain.map(({ name, message, type }) =>
          type === undefined ? [name, message] : [name, message, type],
        );
        assert.deepEqual(found, wanted);
      });
    },
  };
}

function cancels(type: "abandon" | "tryCancel" | "waitRequested" | "waitCompleted", ends: readonly string[]): Scenario {
  return {
    name: `a Nexus operation is cancelled with ${type}`,
    async run(world) {
      await withEndpoint(world, async (endpoint) => {
        const { client, taskQueue, newId } = world;
        const handle = await client.startWorkflow(CancelsGreeting, {
          args: [endpoint, type],
          id: newId("cancels-greeting"),
          taskQueue,
        });
        assert.equal(await handle.result(), "cancelled");
        const kinds = await eventKindsOf(handle);
        assert.equal(kinds.includes("nexusOperationCancelRequested"), type !== "abandon");
        for (const kind of ends) assert.ok(kinds.includes(kind), `${kind} is missing`);
      });
    },
  };
}

const failed = "nexus operation completed unsuccessfully";

/** Nexus operations. */
export const nexusOperations: readonly Scenario[] = [
  calls("greet", "at once: hello Ann from scenario", ["nexusOperationScheduled", "nexusOperationCompleted"]),
  calls("talk", "at once: true true true true", ["nexusOperationScheduled", "nexusOperationCompleted"]),
  calls("meet", "later: met Ann", ["nexusOperationScheduled", "nexusOperationStarted", "nexusOperationCompleted"]),
  fails("fail", "operation", [
    ["NexusOperationError", failed],
    ["ApplicationError", "it did not work", "OperationError"],
    ["ApplicationError", "why", "Why"],
  ]),
  fails("fail", "canceled", [
    ["NexusOperationError", failed],
    ["CancelledError", "called off"],
  ]),
  fails("fail", "handler", [
    ["NexusOperationError", failed],
    ["NexusHandlerError", "makes no sense", "BAD_REQUEST"],
  ]),
  fails("fail", "application", [
    ["NexusOperationError", failed],
    ["NexusHandlerError", "Handler failed with non-retryable application error", "INTERNAL"],
    ["ApplicationError", "for good", "Final"],
  ]),
  fails("unknown", "", [
    ["NexusOperationError", failed],
    ["NexusHandlerError", "Operation handler not registered for operation 'unknown' in service 'greeter'", "NOT_FOUND"],
  ]),
  fails("meet", "nobody", [
    ["NexusOperationError", failed],
    ["ApplicationError", "nobody is here", "Absent"],
  ]),
  cancels("abandon", []),
  cancels("tryCancel", []),
  cancels("waitRequested", ["nexusOperationCancelRequestCompleted"]),
  cancels("waitCompleted", ["nexusOperationCanceled"]),
];
