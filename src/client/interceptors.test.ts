import { expect, test } from "vitest";
import type { ClientInterceptor, ClientOutbound } from "./interceptor.ts";
import { scriptedClient } from "./scripted-service.test-support.ts";
import { WithStartWorkflowOperation } from "./with-start-operation.ts";

class Stopped extends Error {}

/** An interceptor that notes each call and lets none pass. */
function createNotebook(): { interceptor: ClientInterceptor; seen: Set<string>; offered: string[] } {
  const seen = new Set<string>();
  const offered: string[] = [];
  const interceptor: ClientInterceptor = {
    interceptClient(next) {
      offered.push(...Object.keys(next));
      const note = (method: string) => (): never => {
        seen.add(method);
        throw new Stopped();
      };
      return Object.fromEntries(Object.keys(next).map((method) => [method, note(method)])) as unknown as ClientOutbound;
    },
  };
  return { interceptor, seen, offered };
}

// What asks the service for nothing.
const LOCAL = [
  "constructor",
  "close",
  "createNexusClient",
  "getActivityHandle",
  "getAsyncActivityHandle",
  "getBatchOperationHandle",
  "getNexusOperationHandle",
  "getScheduleHandle",
  "getUpdateHandle",
  "getWorkflowHandle",
  "getWorkflowHandleFor",
  "with",
  "withContext",
];
// The wait for an activity's result is no operation of the reference's interceptors either.
const WAITS = ["ActivityHandle.result"];

const start = { id: "i", taskQueue: "q", workflow: "w", startToCloseTimeout: "1s" };

/** Arguments of methods for which a name and start options will not do. */
function argumentsOf(method: string): unknown[] {
  const startWorkflowOperation = new WithStartWorkflowOperation("w", { ...start, idConflictPolicy: "fail" });
  switch (method) {
    case "startUpdateWithStartWorkflow":
    case "executeUpdateWithStartWorkflow":
      return ["u", { startWorkflowOperation }];
    case "startBatchOperation":
      return [{ query: "", reason: "r", operation: { kind: "cancel" } }];
    case "getWorkerTaskReachability":
      return [["build"]];
    case "updateWorkerBuildIdCompatibility":
      return ["queue", { kind: "addNewDefault", buildId: "build" }];
    case "backfill":
      return [[]];
    default:
      return ["name", start];
  }
}

test("every operation of a client passes its interceptors", async () => {
  const { interceptor, seen, offered } = createNotebook();
  const { client } = scriptedClient({}, { interceptors: [interceptor] });
  const targets: readonly object[] = [
    client,
    client.getWorkflowHandle("w"),
    client.getActivityHandle("a"),
    client.getAsyncActivityHandle({ activityId: "a" }),
    client.getScheduleHandle("s"),
    client.getBatchOperationHandle("b"),
    client.getNexusOperationHandle("n"),
    client.createNexusClient({ endpoint: "e", service: "s" }),
  ];
  const passing: string[] = [];
  for (const target of targets) {
    for (const [method, { value }] of Object.entries(
      Object.getOwnPropertyDescriptors(Object.getPrototypeOf(target) as object),
    )) {
      const name = `${target.constructor.name}.${method}`;
      if (typeof value !== "function" || LOCAL.includes(method) || WAITS.includes(name)) continue;
      const call = async (): Promise<unknown> => {
        const answer: unknown = await Reflect.apply(
          value as (...args: unknown[]) => unknown,
          target,
          argumentsOf(method),
        );
        for await (const _entry of answer as AsyncIterable<unknown>) break;
        return answer;
      };
      const error: unknown = await call().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (!(error instanceof Stopped)) passing.push(`${name}: ${String(error)}`);
    }
  }
  expect(passing).toEqual([]);
  expect([...seen].toSorted()).toEqual(offered.toSorted());
});
