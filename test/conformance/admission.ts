import type { WorkflowHandle } from "perdure/client";
import { RPCError, RPCStatusCode } from "perdure/service";
import type { ScenarioWorld } from "./scenario.ts";

/** An update that the service holds for a workflow whose worker has not begun. */
export interface AdmittedUpdate {
  readonly result: Promise<unknown>;
}

/** Sends an update and waits until the service has it, which is before any worker does. */
export async function admitUpdate(
  { client, eventually }: Pick<ScenarioWorld, "client" | "eventually">,
  handle: Pick<WorkflowHandle, "id" | "executeUpdate">,
  name: string,
  options: { readonly id: string; readonly args?: readonly unknown[] },
): Promise<AdmittedUpdate> {
  const result = handle.executeUpdate(name, options);
  // Whoever admits several updates looks at their results later.
  result.catch(() => {});
  const updateRef = { workflowExecution: { workflowId: handle.id }, updateId: options.id };
  await eventually(() =>
    client.workflowService.pollWorkflowExecutionUpdate({ namespace: client.namespace, updateRef }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof RPCError && error.status === RPCStatusCode.NOT_FOUND) return false;
        throw error;
      },
    ),
  );
  return { result };
}
