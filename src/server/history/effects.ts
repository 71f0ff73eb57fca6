import type { Effect, ExecutionRequest } from "../../core/execution/contract.ts";
import { ExecutionError } from "../../core/execution/execution-error.ts";
import { overrideTarget } from "../../core/execution/versioning/effective.ts";
import { currentForm } from "../../core/execution/versioning/override-form.ts";
import type { WorkflowExecution } from "../../proto/gen/common.ts";
import {
  CancelExternalWorkflowExecutionFailedCause,
  ParentClosePolicy,
  SignalExternalWorkflowExecutionFailedCause,
  StartChildWorkflowExecutionFailedCause,
} from "../../proto/gen/enums.ts";
import type { StartWorkflowExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import type { EngineParts, RunsEffect } from "./engine-parts.ts";
import { isOpen, type Run } from "./run.ts";
import { startWorkflow } from "./start.ts";
import type { Transaction } from "./transaction.ts";

// As the service signs what parent close policies do.
const HISTORY_IDENTITY = "history-service";
const PARENT_CLOSE_REASON = "by parent close policy";

/** Carries an effect of one run out on another, and tells the first how it went. */
export function carryOut(transaction: Transaction, parts: EngineParts, run: Run, effect: RunsEffect): void {
  switch (effect.kind) {
    case "closed":
      parts.onClosing?.(transaction, run, effect.close);
      return;
    case "dispatchNexusStart":
    case "dispatchNexusCancel":
    case "invokeCallback":
      parts.onNexus?.(transaction, run, effect);
      return;
    case "startRun": {
      const { origin, request } = effect;
      const next = transaction.create(run.namespaceId, run.workflowId, origin.runId);
      transaction.step(next, { kind: "start", origin, request });
      return;
    }
    case "startChild":
      return startChild(transaction, parts, run, effect);
    case "signalExternal":
      return signalExternal(transaction, parts, run, effect);
    case "cancelExternal":
      return cancelExternal(transaction, parts, run, effect);
    case "notifyParent":
      return notifyParent(transaction, run, effect);
    case "closeChild":
      return closeChild(transaction, parts, run, effect);
  }
}

function startChild(
  transaction: Transaction,
  parts: EngineParts,
  run: Run,
  effect: Extract<Effect, { kind: "startChild" }>,
): void {
  const { initiatedEventId, request } = effect;
  const causes = StartChildWorkflowExecutionFailedCause;
  const namespace = parts.namespaces.find(effect.namespace);
  if (namespace === undefined) {
    const cause = causes.NAMESPACE_NOT_FOUND;
    attempt(transaction, run, { kind: "childStartFailed", initiatedEventId, cause });
    return;
  }
  const known = effect.reconnects === true ? transaction.find(namespace.id, request.workflowId, "") : undefined;
  if (known !== undefined && isOpen(known) && isParent(run, known)) {
    const runId = known.state.started?.firstExecutionRunId ?? known.runId;
    attempt(transaction, run, { kind: "childStarted", initiatedEventId, runId });
    return;
  }
  if (!isBindable(parts, namespace.id, request)) {
    attempt(transaction, run, {
      kind: "childStartFailed",
      initiatedEventId,
      cause: causes.INVALID_VERSIONING_OVERRIDE,
    });
    return;
  }
  const parent = {
    namespace: parts.namespaces.findById(run.namespaceId)?.name ?? "",
    namespaceId: run.namespaceId,
    execution: executionOf(run),
    initiatedEventId,
  };
  const root = run.state.started?.rootWorkflowExecution ?? executionOf(run);
  try {
    const { run: child } = startWorkflow(transaction, parts, {
      namespace,
      request,
      parent,
      root,
      versioning: effect.versioning,
      time: effect.time,
    });
    attempt(transaction, run, { kind: "childStarted", initiatedEventId, runId: child.runId });
  } catch (error) {
    if (!(error instanceof RPCError) || error.status !== RPCStatusCode.ALREADY_EXISTS) throw error;
    const cause = causes.WORKFLOW_ALREADY_EXISTS;
    attempt(transaction, run, { kind: "childStartFailed", initiatedEventId, cause });
  }
}

/** Whether the version that an override binds a child to, if there is one, serves its queue. */
function isBindable(parts: EngineParts, namespaceId: string, request: StartWorkflowExecutionRequest): boolean {
  const { versioningOverride, taskQueue } = request;
  if (versioningOverride === undefined) return true;
  const override = currentForm(versioningOverride);
  if (override?.override?.case === "autoUpgrade") return override.override.value;
  const version = overrideTarget(override);
  return version !== undefined && parts.servesQueue?.(namespaceId, taskQueue?.name ?? "", version) === true;
}

function signalExternal(
  transaction: Transaction,
  parts: EngineParts,
  run: Run,
  { initiatedEventId, namespace, request, childOnly }: Extract<Effect, { kind: "signalExternal" }>,
): void {
  const causes = SignalExternalWorkflowExecutionFailedCause;
  const { target, unknownNamespace } = findTarget(transaction, parts, run, {
    namespace,
    execution: request.workflowExecution,
    childOnly,
  });
  const resolve = (failedCause?: number): void => {
    attempt(transaction, run, {
      kind: "externalSignalResolved",
      initiatedEventId,
      ...(failedCause === undefined ? {} : { failedCause }),
    });
  };
  if (unknownNamespace) return resolve(causes.NAMESPACE_NOT_FOUND);
  if (target === undefined) return resolve(causes.EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND);
  if (!isOpen(target)) return resolve(causes.EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND);
  const refusal = attempt(transaction, target, {
    kind: "signal",
    request,
    fromExternal: executionOf(run),
  });
  if (refusal === undefined) return resolve();
  resolve(
    refusal.status === "INVALID_ARGUMENT" || refusal.status === "RESOURCE_EXHAUSTED"
      ? causes.SIGNAL_COUNT_LIMIT_EXCEEDED
      : causes.EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND,
  );
}

function cancelExternal(
  transaction: Transaction,
  parts: EngineParts,
  run: Run,
  effect: Extract<Effect, { kind: "cancelExternal" }>,
): void {
  const { initiatedEventId, reason } = effect;
  const causes = CancelExternalWorkflowExecutionFailedCause;
  const { target, unknownNamespace } = findTarget(transaction, parts, run, effect);
  const resolve = (failedCause?: number): void => {
    attempt(transaction, run, {
      kind: "externalCancelResolved",
      initiatedEventId,
      ...(failedCause === undefined ? {} : { failedCause }),
    });
  };
  if (unknownNamespace) return resolve(causes.NAMESPACE_NOT_FOUND);
  if (target === undefined) return resolve(causes.EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND);
  // As in the service, cancelling what is over already is a success.
  if (!isOpen(target)) return resolve();
  const refusal = attempt(transaction, target, {
    kind: "requestCancel",
    requestId: `${run.runId}-cancel-${initiatedEventId}`,
    reason,
    identity: HISTORY_IDENTITY,
    external: { execution: executionOf(run), initiatedEventId },
  });
  resolve(refusal === undefined ? undefined : causes.EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND);
}

function notifyParent(
  transaction: Transaction,
  run: Run,
  { parent, close }: Extract<Effect, { kind: "notifyParent" }>,
): void {
  const { namespaceId, execution, initiatedEventId } = parent;
  const parentRun = transaction.find(namespaceId, execution.workflowId, execution.runId);
  // A parent that is gone or closed, or has gone on as another run, does not want to know.
  if (parentRun === undefined) return;
  attempt(transaction, parentRun, { kind: "childClosed", initiatedEventId, runId: run.runId, close });
}

function closeChild(
  transaction: Transaction,
  parts: EngineParts,
  run: Run,
  { namespace, execution, policy }: Extract<Effect, { kind: "closeChild" }>,
): void {
  const namespaceId = parts.namespaces.find(namespace)?.id;
  if (namespaceId === undefined) return;
  const child = transaction.find(namespaceId, execution.workflowId, "");
  if (child === undefined) return;
  if (child.state.started?.firstExecutionRunId !== execution.runId) return;
  if (policy === ParentClosePolicy.TERMINATE) {
    attempt(transaction, child, {
      kind: "terminate",
      reason: PARENT_CLOSE_REASON,
      identity: HISTORY_IDENTITY,
    });
  } else if (policy === ParentClosePolicy.REQUEST_CANCEL) {
    attempt(transaction, child, {
      kind: "requestCancel",
      requestId: `${run.runId}-parent-close`,
      reason: PARENT_CLOSE_REASON,
      identity: HISTORY_IDENTITY,
      external: { execution: executionOf(run), initiatedEventId: 0 },
    });
  }
}

interface ExternalTarget {
  readonly namespace: string;
  readonly execution: WorkflowExecution | undefined;
  readonly childOnly: boolean;
}

function findTarget(
  transaction: Transaction,
  parts: EngineParts,
  run: Run,
  { namespace, execution, childOnly }: ExternalTarget,
): { readonly target?: Run | undefined; readonly unknownNamespace: boolean } {
  const namespaceId = parts.namespaces.find(namespace)?.id;
  if (namespaceId === undefined) return { unknownNamespace: true };
  const { workflowId = "", runId = "" } = execution ?? {};
  // The service finds no run when a workflow names itself.
  if (namespaceId === run.namespaceId && workflowId === run.workflowId) return { unknownNamespace: false };
  const target = transaction.find(namespaceId, workflowId, runId);
  if (target === undefined) return { unknownNamespace: false };
  if (childOnly && !isParent(run, target)) return { unknownNamespace: false };
  return { target, unknownNamespace: false };
}

function isParent(parent: Run, child: Run): boolean {
  const { started } = child.state;
  return (
    started?.parentWorkflowNamespaceId === parent.namespaceId &&
    started.parentWorkflowExecution?.workflowId === parent.workflowId
  );
}

/** Steps another run; a refusal is an answer, not an error of the transaction. */
function attempt(transaction: Transaction, run: Run, request: ExecutionRequest): ExecutionError | undefined {
  try {
    return transaction.step(run, request).error;
  } catch (error) {
    if (error instanceof ExecutionError) return error;
    throw error;
  }
}

function executionOf({ workflowId, runId }: Run): WorkflowExecution {
  return { workflowId, runId };
}
