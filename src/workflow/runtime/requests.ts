import type { WorkflowCommand } from "../../core/replay/activation.ts";
import { inContext } from "../../payload/serialization-context.ts";
import type { Headers } from "../headers.ts";
import { writableFrame } from "./current.ts";
import { workflowContext } from "./failures.ts";
import { Operation, rejected } from "./operation.ts";

/** The workflow that a request goes to. */
export type RequestTarget = Extract<WorkflowCommand, { kind: "signalExternalWorkflow" }>["target"];

/** Sends a signal to another workflow and waits until the service has taken it. */
export function sendSignal(
  target: RequestTarget,
  signalName: string,
  args: readonly unknown[],
  headers: Headers,
): Promise<void> {
  const { run, scope } = writableFrame("signal another workflow");
  const cancelled = scope.takeUndelivered();
  if (cancelled !== undefined) return rejected(cancelled);
  const converter = inContext(run.settings.payloadConverter, workflowContext(run, target.workflowId));
  const payloads = converter.toPayloads(args);
  const seq = run.externalSignals.next();
  run.push({ kind: "signalExternalWorkflow", seq, target, signalName, args: payloads, headers });
  let isCancelRequested = false;
  const operation = new Operation<void>(scope, () => {
    // It may have been sent: the answer says whether it was.
    if (!isCancelRequested) run.push({ kind: "cancelSignalExternal", seq });
    isCancelRequested = true;
  });
  run.externalSignals.set(seq, operation);
  return operation.promise;
}

/** Asks for the cancellation of another workflow and waits until the service has taken the request. Nothing cancels that. */
export function sendCancel(
  target: { readonly workflowId: string; readonly runId: string },
  reason: string,
): Promise<void> {
  const { run } = writableFrame("cancel another workflow");
  const seq = run.externalCancels.next();
  run.push({ kind: "requestCancelExternal", seq, namespace: run.init.namespace, ...target, reason });
  const operation = new Operation<void>(undefined);
  run.externalCancels.set(seq, operation);
  return operation.promise;
}
