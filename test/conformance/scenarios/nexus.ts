import assert from "node:assert/strict";
import { eventKindsOf } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { greeterHandler, withEndpoint } from "./nexus-endpoint.ts";
import { CallsGreeter, CancelsGreeting, FailsToGreet, Meets } from "./nexus.workflows.ts";

function calls(operation: "greet" | "meet" | "talk", wanted: string, kinds: readonly string[]): Scenario {
  return {
    name: `a workflow calls a Nexus operation: ${operation}`,
    async run(world) {
      await withEndpoint(world, { workflows: [Meets], nexusServiceHandlers: [greeterHandler] }, async (endpoint) => {
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
      await withEndpoint(world, { workflows: [Meets], nexusServiceHandlers: [greeterHandler] }, async (endpoint) => {
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
      await withEndpoint(world, { workflows: [Meets], nexusServiceHandlers: [greeterHandler] }, async (endpoint) => {
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
