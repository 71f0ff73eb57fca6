import { durationMs } from "../../core/execution/duration.ts";
import { ExecutionError } from "../../core/execution/execution-error.ts";
import type { UpdateStatus } from "../../core/execution/contract.ts";
import { updateStatus } from "../../core/execution/view.ts";
import { WorkflowIdConflictPolicy } from "../../proto/gen/enums.ts";
import {
  WorkflowService,
  type ExecuteMultiOperationRequest,
  type ExecuteMultiOperationResponse,
  type StartWorkflowExecutionRequest,
  type UpdateWorkflowExecutionRequest,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import { invalidArgument, multiOperationFailed, operationAborted, toRPCError } from "../failures.ts";
import type { Outcome } from "../history/engine.ts";
import { isOpen, type Run } from "../history/run.ts";
import { startWorkflow } from "../history/start.ts";
import type { Transaction } from "../history/transaction.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { startLink } from "./links.ts";
import { requireNamespace } from "./requests.ts";
import { bindOverride } from "./versioning-override.ts";
import { checkSearchAttributes, checkStartSizes, prepareStart } from "./start-request.ts";
import { prepareUpdate, updateResponse, type PreparedUpdate } from "./update-calls.ts";
import { waitForUpdate } from "./update-wait.ts";

const MESSAGE = "Update-with-Start could not be executed.";
const EXACTLY = "Operations have to be exactly [Start, Update].";

/** Starting a workflow and updating it in one. */
export function multiOperationCalls(services: Services): readonly CallRow[] {
  return [
    serve(WorkflowService.methods.ExecuteMultiOperation, async (request, call) => {
      const prepared = prepare(services, request);
      try {
        return await execute(services, prepared, call);
      } catch (error) {
        // The run that was to be updated closed first: another may be started, once.
        if (!(error instanceof ClosedUnderway)) throw error;
        return execute(services, prepared, call);
      }
    }),
  ];
}

interface UpdateWithStart {
  readonly namespace: Namespace;
  readonly start: StartWorkflowExecutionRequest;
  readonly update: PreparedUpdate;
}

interface Applied {
  readonly run: Run;
  readonly started: boolean;
  readonly status: UpdateStatus | undefined;
}

/** An update of an open run that was taken back because the run closed. */
class ClosedUnderway extends Error {
  override readonly name = "ClosedUnderway";
}

async function execute(
  services: Services,
  prepared: UpdateWithStart,
  call: IncomingCall,
): Promise<Init<ExecuteMultiOperationResponse>> {
  const { namespace, update } = prepared;
  const { run, started, status } = apply(services, prepared).value;
  try {
    // Nothing may come between the request and the wait: what happens to an update is told once.
    const progress = await waitForUpdate(services, run, update.updateId, status, update.wanted, call);
    await services.engine.durable;
    const startResponse = {
      runId: run.runId,
      firstExecutionRunId: run.state.started?.firstExecutionRunId ?? "",
      started,
      status: run.state.status,
      link: startLink(namespace, run),
    };
    return {
      responses: [
        { response: { case: "startWorkflow", value: startResponse } },
        {
          response: {
            case: "updateWorkflow",
            value: updateResponse(services, run, update.request, progress),
          },
        },
      ],
    };
  } catch (error) {
    if (!started && isAbortedByClose(error)) throw new ClosedUnderway();
    throw multiOperationFailed(MESSAGE, [started ? undefined : operationAborted(), toRPCError(error)]);
  }
}

function isAbortedByClose(error: unknown): boolean {
  return error instanceof ExecutionError && error.message === "workflow update was aborted by closing workflow";
}

function apply(services: Services, prepared: UpdateWithStart): Outcome<Applied> {
  // Which of the two was refused: nothing of either has happened then.
  let updating = false;
  try {
    return services.engine.transact((transaction) => {
      const { run, started } = findOrStart(services, transaction, prepared);
      updating = true;
      const { error, update } = transaction.step(run, { kind: "admitUpdate", request: prepared.update.request });
      if (error !== undefined) throw error;
      return { run, started, status: update };
    });
  } catch (error) {
    const failure = toRPCError(error);
    const errors = updating ? [operationAborted(), failure] : [failure, operationAborted()];
    throw multiOperationFailed(MESSAGE, errors);
  }
}

function findOrStart(
  services: Services,
  transaction: Transaction,
  { namespace, start, update }: UpdateWithStart,
): { readonly run: Run; readonly started: boolean } {
  const current = transaction.find(namespace.id, start.workflowId, "");
  if (current !== undefined) {
    const known = updateStatus(current.state, update.updateId);
    // An outcome in history is answered again; one that only says that the run closed too early is not.
    if (known?.stage === "completed" && known.completedEventId > 0) return { run: current, started: false };
    const usable =
      known !== undefined ||
      current.state.requestId === start.requestId ||
      start.workflowIdConflictPolicy === WorkflowIdConflictPolicy.USE_EXISTING;
    if (isOpen(current) && usable) return { run: current, started: false };
  }
  const { run } = startWorkflow(transaction, services, { namespace, request: start });
  return { run, started: true };
}

function prepare(services: Services, request: ExecuteMultiOperationRequest): UpdateWithStart {
  const namespace = requireNamespace(services, request.namespace);
  const [first, second, ...rest] = request.operations;
  if (first?.operation?.case !== "startWorkflow" || second?.operation?.case !== "updateWorkflow") {
    throw invalidArgument(EXACTLY);
  }
  if (rest.length > 0) throw invalidArgument(EXACTLY);
  const { value: received } = first.operation;
  const { value: receivedUpdate } = second.operation;
  const start = attempt(() => prepareOwnStart(services, namespace, received));
  const update = attempt(() => prepareOwnUpdate(services, namespace, receivedUpdate));
  const sameId = receivedUpdate.workflowExecution?.workflowId === received.workflowId;
  if (start.error === undefined && update.error === undefined && sameId) {
    return { namespace, start: start.value, update: update.value };
  }
  const inconsistent = sameId
    ? operationAborted()
    : invalidArgument("WorkflowId is not consistent with previous operation(s).");
  throw multiOperationFailed(MESSAGE, [
    start.error ?? operationAborted(),
    update.error ?? (start.error === undefined ? inconsistent : operationAborted()),
  ]);
}

function prepareOwnStart(
  services: Services,
  namespace: Namespace,
  received: StartWorkflowExecutionRequest,
): StartWorkflowExecutionRequest {
  requireSameNamespace(namespace, received.namespace);
  const start = prepareStart(services, { ...received, namespace: namespace.name });
  checkSearchAttributes(namespace, start.searchAttributes);
  checkStartSizes(services, start);
  bindOverride(services, namespace.id, start.taskQueue?.name, start.versioningOverride);
  if (start.cronSchedule !== "") throw invalidArgument("CronSchedule is not allowed.");
  if (start.requestEagerExecution) throw invalidArgument("RequestEagerExecution is not supported.");
  if (durationMs(start.workflowStartDelay) > 0) throw invalidArgument("WorkflowStartDelay is not supported.");
  return start;
}

function prepareOwnUpdate(
  services: Services,
  namespace: Namespace,
  received: UpdateWorkflowExecutionRequest,
): PreparedUpdate {
  requireSameNamespace(namespace, received.namespace);
  const update = prepareUpdate(services, received);
  if (received.firstExecutionRunId !== "") throw invalidArgument("FirstExecutionRunId is not allowed.");
  if (received.workflowExecution?.runId !== "") throw invalidArgument("RunId is not allowed.");
  return update;
}

function requireSameNamespace({ name }: Namespace, ofOperation: string): void {
  if (ofOperation !== "" && ofOperation !== name) {
    throw invalidArgument("Operation namespace did not match request's namespace.");
  }
}

type Attempt<T> = { readonly value: T; readonly error?: undefined } | { readonly error: RPCError };

function attempt<T>(prepareOne: () => T): Attempt<T> {
  try {
    return { value: prepareOne() };
  } catch (error) {
    const failure = toRPCError(error);
    if (failure.status === RPCStatusCode.INTERNAL) throw error;
    return { error: failure };
  }
}
