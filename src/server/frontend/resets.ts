import type { EncodedEvent } from "../../core/execution/contract.ts";
import { ResetReapplyExcludeType, ResetReapplyType } from "../../proto/gen/enums.ts";
import { HistoryEvent } from "../../proto/gen/history.ts";
import type { PostResetOperation } from "../../proto/gen/workflow.ts";
import {
  SignalWorkflowExecutionRequest,
  WorkflowService,
  type ResetWorkflowExecutionRequest,
} from "../../proto/gen/workflowservice.ts";
import { invalidArgument } from "../failures.ts";
import { isOpen, type Run } from "../history/run.ts";
import type { Transaction } from "../history/transaction.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { bindOverride, checkOverride } from "./versioning-override.ts";
import { limitLength, requireExecution, requireNamespace, requireRun } from "./requests.ts";

// As the service signs the end of a run that is reset.
const RESET_IDENTITY = "history-resetter";
// A chain of runs that is followed no further, so that a reset always ends.
const CHAIN_RUNS_MAX = 100;

/** Going back to an earlier point of a workflow's history. */
export function resetCalls(services: Services): readonly CallRow[] {
  return [
    serve(WorkflowService.methods.ResetWorkflowExecution, async (request) => ({
      runId: await reset(services, request),
    })),
  ];
}

async function reset(services: Services, request: ResetWorkflowExecutionRequest): Promise<string> {
  if (request.requestId === "") throw invalidArgument("RequestId is not set on request.");
  limitLength(services, request.requestId, "RequestId length exceeds limit.");
  const execution = requireExecution(request.workflowExecution);
  const namespace = requireNamespace(services, request.namespace);
  const base = requireRun(services, namespace, execution);
  const { workflowTaskFinishEventId: eventId } = request;
  if (eventId <= 1 || eventId >= base.state.nextEventId) {
    throw invalidArgument("Workflow task finish ID must be > 1 && <= workflow last event ID.");
  }
  const { value, committed } = services.engine.transact((transaction) => {
    const current = transaction.find(namespace.id, base.workflowId, "");
    if (current?.state.requestId === request.requestId) return current.runId;
    return startReset(services, transaction, { namespace, base, current, request });
  });
  await committed;
  return value;
}

interface ResetPlan {
  readonly namespace: Namespace;
  readonly base: Run;
  readonly current: Run | undefined;
  readonly request: ResetWorkflowExecutionRequest;
}

function startReset(
  services: Services,
  transaction: Transaction,
  { namespace, base, current, request }: ResetPlan,
): string {
  const runId = services.newId();
  const { workflowTaskFinishEventId: eventId, requestId, reason, postResetOperations } = request;
  const { excludeSignals, excludeUpdates, excludeNexus } = exclusions(request);
  const events = readEvents(services, base, 1, eventId);
  const laterEvents = [
    ...readEvents(services, base, eventId, base.state.nextEventId),
    ...continuedEvents(services, base),
  ].map(({ event }) => event);
  if (current !== undefined && isOpen(current)) {
    transaction.step(current, {
      kind: "terminate",
      reason,
      identity: RESET_IDENTITY,
      resetRunId: runId,
    });
  }
  if (base !== current || !isOpen(base)) {
    transaction.step(base, { kind: "markReset", resetRunId: runId });
  }
  const run = transaction.create(namespace.id, base.workflowId, runId);
  transaction.step(run, {
    kind: "reset",
    namespace: namespace.name,
    namespaceId: namespace.id,
    runId,
    baseRunId: base.runId,
    requestId,
    reason,
    events,
    laterEvents,
    excludeSignals,
    excludeUpdates,
    excludeNexus,
  });
  for (const operation of postResetOperations) applyAfterwards(services, transaction, run, operation);
  return runId;
}

function applyAfterwards(
  services: Services,
  transaction: Transaction,
  run: Run,
  { variant }: PostResetOperation,
): void {
  if (variant?.case === "signalWorkflow") {
    const { signalName, input, header, links } = variant.value;
    const request = SignalWorkflowExecutionRequest.create({ signalName, input, header, links });
    transaction.step(run, { kind: "signal", request });
    return;
  }
  if (variant?.case !== "updateWorkflowOptions") {
    throw invalidArgument("unsupported post reset operation");
  }
  const { workflowExecutionOptions: options, updateMask } = variant.value;
  const paths = updateMask?.paths ?? [];
  const setsVersioning = paths.some((path) => /^versioning_?override$/i.test(path));
  if (setsVersioning) {
    checkOverride(services, options?.versioningOverride);
    bindOverride(services, run.namespaceId, run.state.taskQueue, options?.versioningOverride);
  }
  transaction.step(run, {
    kind: "updateOptions",
    identity: RESET_IDENTITY,
    ...(setsVersioning ? { versioningOverride: options?.versioningOverride ?? "unset" } : {}),
    ...(paths.includes("priority") && options?.priority !== undefined ? { priority: options.priority } : {}),
  });
}

function exclusions({ resetReapplyType, resetReapplyExcludeTypes }: ResetWorkflowExecutionRequest): {
  readonly excludeSignals: boolean;
  readonly excludeUpdates: boolean;
  readonly excludeNexus: boolean;
} {
  const none = resetReapplyType === ResetReapplyType.NONE;
  return {
    excludeSignals: none || resetReapplyExcludeTypes.includes(ResetReapplyExcludeType.SIGNAL),
    excludeUpdates:
      none ||
      resetReapplyType === ResetReapplyType.SIGNAL ||
      resetReapplyExcludeTypes.includes(ResetReapplyExcludeType.UPDATE),
    excludeNexus:
      none ||
      resetReapplyType === ResetReapplyType.SIGNAL ||
      resetReapplyExcludeTypes.includes(ResetReapplyExcludeType.NEXUS),
  };
}

/** Events of the runs that a run continued as, one after the other. */
function continuedEvents(services: Services, base: Run): readonly EncodedEvent[] {
  const events: EncodedEvent[] = [];
  let run: Run | undefined = base;
  for (let runs = 0; run !== undefined && runs < CHAIN_RUNS_MAX; runs++) {
    const newRunId: string = run.state.close?.newRunId ?? "";
    run = newRunId === "" ? undefined : services.engine.find(run.namespaceId, run.workflowId, newRunId);
    if (run !== undefined) events.push(...readEvents(services, run, 1, run.state.nextEventId));
  }
  return events;
}

function readEvents({ engine }: Services, run: Run, fromEventId: number, toEventId: number): readonly EncodedEvent[] {
  if (fromEventId >= toEventId) return [];
  const range = { fromEventId, toEventId, maxEvents: Infinity, maxBytes: Infinity };
  return engine.readEvents(run, range).map((bytes) => ({ bytes, event: HistoryEvent.decode(bytes) }));
}
