import { utf8Bytes } from "../../core/text/utf8.ts";
import type { StartOrigin, StepReply } from "../../core/execution/contract.ts";
import { firstOrigin } from "../../core/execution/start-origin.ts";
import type { Payloads, WorkflowExecution } from "../../proto/gen/common.ts";
import { WorkflowExecutionStatus, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from "../../proto/gen/enums.ts";
import type { SignalWorkflowExecutionRequest, StartWorkflowExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { workflowAlreadyStarted } from "../failures.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { EngineParts } from "./engine-parts.ts";
import { isOpen, type Run } from "./run.ts";
import type { Transaction } from "./transaction.ts";

/** A workflow to start. The request has been validated and its policies are set. */
export interface WorkflowStart {
  readonly namespace: Namespace;
  readonly request: StartWorkflowExecutionRequest;
  readonly parent?: StartOrigin["parent"];
  readonly root?: WorkflowExecution | undefined;
  /** What it takes over from its parent. */
  readonly versioning?: StartOrigin["versioning"];
  /** Its parent's own time, if that is not the clock's. */
  readonly time?: StartOrigin["time"];
  /** Recorded before the first workflow task. */
  readonly signal?: SignalWorkflowExecutionRequest | undefined;
  /** Starts the first workflow task at once for this worker. */
  readonly eagerIdentity?: string | undefined;
}

/** What became of a {@link WorkflowStart}. */
export interface StartedWorkflow {
  readonly run: Run;
  /** A new run, the one that the same request made before, or one that was open and is used instead. */
  readonly outcome: "started" | "repeated" | "existing";
  readonly reply: StepReply;
}

/**
 * Starts a workflow, or finds the run that the policies name instead.
 *
 * @throws {RPCError} `ALREADY_EXISTS` if the policies do not let the id be used again.
 */
export function startWorkflow(
  transaction: Transaction,
  { newId }: Pick<EngineParts, "newId">,
  start: WorkflowStart,
): StartedWorkflow {
  const { namespace, request } = start;
  const runId = newId();
  const current = transaction.find(namespace.id, request.workflowId, "");
  if (current !== undefined) {
    const instead = resolveConflict(transaction, current, start, runId);
    if (instead !== undefined) return instead;
  }
  const run = transaction.create(namespace.id, request.workflowId, runId);
  const reply = transaction.step(run, {
    kind: "start",
    request,
    origin: firstOrigin(
      request,
      {
        namespace: namespace.name,
        namespaceId: namespace.id,
        runId,
        parent: start.parent,
        root: start.root,
        versioning: start.versioning,
        time: start.time,
      },
      transaction.nowMs,
    ),
    ...(start.signal === undefined ? {} : { signal: start.signal }),
    ...(start.eagerIdentity === undefined ? {} : { eagerIdentity: start.eagerIdentity }),
  });
  return { run, outcome: "started", reply };
}

function resolveConflict(
  transaction: Transaction,
  current: Run,
  start: WorkflowStart,
  newRunId: string,
): StartedWorkflow | undefined {
  const { request } = start;
  if (current.state.requestId === request.requestId) {
    return { run: current, outcome: "repeated", reply: {} };
  }
  if (!isOpen(current)) {
    assertReusable(current, request.workflowIdReusePolicy);
    return undefined;
  }
  const policy = request.workflowIdConflictPolicy;
  if (policy === WorkflowIdConflictPolicy.USE_EXISTING) {
    attach(transaction, current, request);
    return { run: current, outcome: "existing", reply: {} };
  }
  if (policy !== WorkflowIdConflictPolicy.TERMINATE_EXISTING) {
    throw alreadyStarted(current, "Workflow execution is already running. WorkflowId: %1, RunId: %2.");
  }
  transaction.step(current, {
    kind: "terminate",
    reason: "TerminateIfRunning WorkflowIdReusePolicy",
    details: toPayloads(`terminated by new runID: ${newRunId}`),
    identity: "history-service",
  });
  return undefined;
}

/** Adds to an open run what a caller wants of it who would have started it. */
function attach(
  transaction: Transaction,
  current: Run,
  { onConflictOptions: options, requestId, completionCallbacks, links }: StartWorkflowExecutionRequest,
): void {
  if (options === undefined) return;
  transaction.step(current, {
    kind: "updateOptions",
    identity: "",
    ...(options.attachRequestId ? { attachedRequestId: requestId } : {}),
    ...(options.attachCompletionCallbacks ? { completionCallbacks } : {}),
    ...(options.attachLinks ? { links } : {}),
  });
}

function assertReusable(current: Run, policy: number): void {
  const { status } = current.state;
  if (policy === WorkflowIdReusePolicy.REJECT_DUPLICATE) {
    throw alreadyStarted(
      current,
      "Workflow execution already finished. WorkflowId: %1, RunId: %2. Workflow Id reuse policy: reject duplicate workflow Id.",
    );
  }
  if (policy === WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY && !failedStatuses.has(status)) {
    throw alreadyStarted(
      current,
      "Workflow execution already finished successfully. WorkflowId: %1, RunId: %2. Workflow Id reuse policy: allow duplicate workflow Id if last run failed.",
    );
  }
}

const failedStatuses = new Set<number>([
  WorkflowExecutionStatus.FAILED,
  WorkflowExecutionStatus.CANCELED,
  WorkflowExecutionStatus.TERMINATED,
  WorkflowExecutionStatus.TIMED_OUT,
]);

function alreadyStarted(run: Run, message: string): Error {
  const { requestId, started } = run.state;
  return workflowAlreadyStarted(message.replace("%1", () => run.workflowId).replace("%2", run.runId), {
    startRequestId: requestId,
    runId: run.runId,
    firstExecutionRunId: started?.firstExecutionRunId ?? "",
  });
}

function toPayloads(text: string): Payloads {
  return {
    payloads: [
      {
        metadata: { encoding: utf8Bytes("json/plain") },
        data: utf8Bytes(JSON.stringify(text)),
        externalPayloads: [],
      },
    ],
  };
}
