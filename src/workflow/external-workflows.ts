import type { SignalArgsOf, SignalNameOf } from "./child-workflow-options.ts";
import { definitionOf, type WorkflowDefinition, wireNameOf } from "./definition.ts";
import { callThrough, type SignalExternalWorkflowInput } from "./interceptors.ts";
import { currentRun, writableFrame } from "./runtime/current.ts";
import { sendCancel, sendSignal } from "./runtime/requests.ts";
import type { ClassOf, Instance } from "./types.ts";

/** A workflow that is no child of this one. */
export interface ExternalWorkflowHandle<I extends Instance> {
  readonly workflowId: string;
  /** Undefined for whichever run is the current one. */
  readonly runId: string | undefined;
  /** A method's name on a typed handle; the wire name on an untyped one. Ends when the service has taken the signal. */
  signal<K extends SignalNameOf<I>>(name: K, ...args: SignalArgsOf<I, K>): Promise<void>;
  /** Asks for its cancellation. Ends when the service has taken the request. */
  cancel(reason?: string): Promise<void>;
}

/** A workflow by its id, signalled by names on the wire. */
export function getExternalWorkflowHandle(
  workflowId: string,
  options: { readonly runId?: string } = {},
): ExternalWorkflowHandle<never> {
  return createHandle(workflowId, options.runId, undefined);
}

/** A workflow of that class by its id, signalled by names of its methods. */
export function getExternalWorkflowHandleFor<I extends Instance>(
  workflow: ClassOf<I>,
  workflowId: string,
  options: { readonly runId?: string } = {},
): ExternalWorkflowHandle<I> {
  return createHandle(workflowId, options.runId, definitionOf(workflow));
}

function createHandle(
  workflowId: string,
  runId: string | undefined,
  definition: WorkflowDefinition | undefined,
): ExternalWorkflowHandle<never> {
  currentRun("make a handle of another workflow");
  return {
    workflowId,
    runId,
    signal: (name: string, ...args: readonly unknown[]) => {
      const { run } = writableFrame("signal another workflow");
      const signal = definition === undefined ? name : wireNameOf(definition, "signal", name);
      const input: SignalExternalWorkflowInput = {
        signal,
        args,
        namespace: run.init.namespace,
        workflowId,
        runId,
        headers: {},
      };
      return callThrough(run.outbound, "signalExternalWorkflow", input, (current) =>
        sendSignal(
          {
            kind: "external",
            namespace: current.namespace,
            workflowId: current.workflowId,
            runId: current.runId ?? "",
          },
          current.signal,
          current.args,
          current.headers,
        ),
      );
    },
    cancel: (reason = "") => sendCancel({ workflowId, runId: runId ?? "" }, reason),
  };
}
