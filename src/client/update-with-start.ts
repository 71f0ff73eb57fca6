import type { WorkflowDefinition } from "../workflow/definition.ts";
import { wireNameOf } from "../workflow/definition.ts";
import type { Instance } from "../workflow/types.ts";
import type { CallsContext } from "./calls-context.ts";
import type { WorkflowUpdateStage } from "./client-enums.ts";
import type { ClientOutbound, StartedWorkflow } from "./interceptor.ts";
import { handlerResultReader } from "./result-schema.ts";
import { WorkflowUpdateHandle } from "./update-handle.ts";
import type { WithStartWorkflowOperation } from "./with-start-operation.ts";
import type { UpdateOptions, WorkflowHandle } from "./workflow-handle.ts";

/** The client that sends an update with start. */
export interface WithStartSender<I extends Instance> {
  readonly context: CallsContext;
  readonly outbound: ClientOutbound;
  readonly toHandle: (started: StartedWorkflow, definition: WorkflowDefinition | undefined) => WorkflowHandle<I>;
}

/** What is sent. */
export interface WithStartUpdate extends UpdateOptions {
  /** As the class of the workflow names it, or as it is called on the wire. */
  readonly update: string;
  readonly args?: readonly unknown[] | undefined;
  readonly waitForStage: WorkflowUpdateStage;
}

/** Sends an update together with the start of its workflow, whose operation learns of the workflow before the update is done. */
export async function sendUpdateWithStart<I extends Instance, Result>(
  { context, outbound, toHandle }: WithStartSender<I>,
  operation: WithStartWorkflowOperation<I>,
  given: WithStartUpdate,
): Promise<WorkflowUpdateHandle<Result>> {
  const { workflowType, definition } = operation.workflow;
  const { update: name, waitForStage, id: updateId, args = [], timeoutMs, metadata, signal } = given;
  const update = definition === undefined ? name : wireNameOf(definition, "update", name);
  const { resolve, reject } = operation.use();
  try {
    const started = await outbound.startUpdateWithStart({
      start: { workflowType, args: operation.args, options: operation.options, headers: {} },
      update: { update, updateId, args, waitForStage, headers: {} },
      onStarted: (workflow) => resolve(toHandle(workflow, definition)),
      call: { timeoutMs, metadata, signal },
    });
    return new WorkflowUpdateHandle<Result>(context, started, handlerResultReader(definition, "update", update));
  } catch (error) {
    reject(error); // Without effect if the workflow was started.
    throw error;
  }
}
