import type { StartOperationContext } from "nexus-rpc";
import type { StartWorkflowOptions } from "../../client/index.ts";
import type { ClassOf, Instance, WithArgs, WorkflowArgs, WorkflowResult } from "../../workflow/types.ts";
import { startBacking } from "./nexus-callback.ts";
import { currentNexus } from "./nexus-context.ts";
import { WorkflowHandle } from "./workflow-handle.ts";

/** How a workflow is started that backs a Nexus operation. */
export interface BackingWorkflowOptions extends Omit<
  StartWorkflowOptions,
  "taskQueue" | "startSignal" | "startSignalArgs" | "requestId" | "links" | "completionCallbacks"
> {
  /** @default that of the worker that handles the operation */
  readonly taskQueue?: string | undefined;
}

/** Starts a workflow whose result is that of an operation. */
export interface StartBackingWorkflow {
  <I extends Instance>(
    workflow: ClassOf<I>,
    options: BackingWorkflowOptions & WithArgs<WorkflowArgs<I>>,
  ): Promise<WorkflowHandle<WorkflowResult<I>>>;
  <R = unknown>(
    workflow: string,
    options: BackingWorkflowOptions & { readonly args?: readonly unknown[] | undefined },
  ): Promise<WorkflowHandle<R>>;
}

/** Starts a workflow that backs the operation of a context. */
export async function startBackingWorkflow(
  ctx: StartOperationContext,
  workflow: string | ClassOf<Instance>,
  options: BackingWorkflowOptions & { readonly args?: readonly unknown[] | undefined },
): Promise<WorkflowHandle<unknown>> {
  const { client, info } = currentNexus();
  const { namespace } = client;
  const started = { ...options, taskQueue: options.taskQueue ?? info.taskQueue };
  await startBacking(ctx, { kind: "workflow", namespace, workflowId: options.id }, () =>
    client.startWorkflow(workflow as string, started),
  );
  return new WorkflowHandle(namespace, options.id);
}
