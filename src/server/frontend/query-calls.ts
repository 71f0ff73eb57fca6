import { versionDirective, type VersionDirective } from "../../core/execution/versioning/effective.ts";
import {
  QueryRejectCondition,
  ResourceExhaustedCause,
  ResourceExhaustedScope,
  WorkflowExecutionStatus,
} from "../../proto/gen/enums.ts";
import type { WorkflowQuery } from "../../proto/gen/query.ts";
import {
  WorkflowService,
  type QueryWorkflowRequest,
  type QueryWorkflowResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import {
  deadlineExceeded,
  failedPrecondition,
  invalidArgument,
  notFound,
  queryFailed,
  resourceExhausted,
  workflowNotReady,
} from "../failures.ts";
import type { PendingQuery, QueryOutcome } from "../history/queries.ts";
import { isOpen, type Run } from "../history/run.ts";
import { PRIORITY_DEFAULT } from "../matching/task.ts";
import type { Services } from "../services.ts";
import { BLOB_TOO_LARGE } from "./blob-size.ts";
import { serve, type CallRow } from "./calls.ts";
import { directOutcome } from "./query-outcome.ts";
import { requireExecution, requireLive, requireNamespace, requireRun } from "./requests.ts";
import { requireClaim } from "./task-claims.ts";

// A query of a run whose workflow task keeps failing would only fail as well.
const FAILING_ATTEMPTS = 3;
// A query waits this long for a worker on a queue that nobody polls.
const NO_POLLER_MS = 20_000;
// How long a worker that has the run in its cache may take where it did not say itself.
const STICKY_WAIT_DEFAULT_MS = 10_000;
const CALL_DEFAULT_MS = 30_000;

/** Asking workflows, and the workers' answers. */
export function queryCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.QueryWorkflow, (request, call) => query(services, request, call)),
    serve(methods.RespondQueryTaskCompleted, (request) => {
      const claim = requireClaim(services, "query", request.taskToken, request.namespace);
      const pending = services.queries.findDirect(claim.id);
      if (pending === undefined) throw notFound("query task not found, or already expired");
      pending.settle(directOutcome(services, request));
      return {};
    }),
  ];
}

async function query(
  services: Services,
  request: QueryWorkflowRequest,
  call: IncomingCall,
): Promise<Init<QueryWorkflowResponse>> {
  const execution = requireExecution(request.execution);
  const { query: asked } = request;
  if (asked === undefined) throw invalidArgument("WorkflowQuery is not set on request.");
  if (asked.queryType === "") throw invalidArgument("QueryType is not set on request.");
  const namespace = requireNamespace(services, request.namespace);
  const run = requireRun(services, namespace, execution);
  const rejected = rejection(run, request.queryRejectCondition);
  if (rejected !== undefined) return { queryRejected: { status: rejected } };
  checkAnswerable(run);
  const untilMs = services.clock.now() + (call.timeoutMs ?? CALL_DEFAULT_MS);
  // Events on their way to the worker must be seen first; the next task that takes them takes the query along.
  const outcome = canAskDirectly(run)
    ? await askDirectly(services, run, asked, call, untilMs)
    : await askWithTask(services, run, asked, call, untilMs);
  if (outcome.kind === "answered") return { queryResult: outcome.result };
  if (outcome.kind === "failed") throw queryFailed(outcome.message, outcome.failure);
  if (outcome.kind === "tooLarge") throw invalidArgument(BLOB_TOO_LARGE);
  throw deadlineExceeded();
}

function rejection(run: Run, condition: number): WorkflowExecutionStatus | undefined {
  const { status } = run.state;
  if (status === WorkflowExecutionStatus.PAUSED) return status;
  if (isOpen(run)) return undefined;
  if (condition === QueryRejectCondition.NOT_OPEN) return status;
  const unclean =
    condition === QueryRejectCondition.NOT_COMPLETED_CLEANLY && status !== WorkflowExecutionStatus.COMPLETED;
  return unclean ? status : undefined;
}

function checkAnswerable(run: Run): void {
  const { state } = run;
  if (!isOpen(run) && state.previousStartedEventId === 0) {
    throw workflowNotReady("Workflow execution closed before WorkflowTaskStarted event");
  }
  if (isOpen(run) && state.workflowTaskAttempt >= FAILING_ATTEMPTS) {
    throw workflowNotReady("Unable to query workflow due to Workflow Task in failed state.");
  }
}

function canAskDirectly(run: Run): boolean {
  const { previousStartedEventId, workflowTask } = run.state;
  return previousStartedEventId > 0 && (!isOpen(run) || workflowTask === undefined);
}

async function askWithTask(
  services: Services,
  run: Run,
  asked: WorkflowQuery,
  call: IncomingCall,
  untilMs: number,
): Promise<QueryOutcome> {
  const { queries, settings } = services;
  if (queries.bufferedCount(run.key) >= settings.bufferedQueriesMax) {
    throw resourceExhausted(
      "consistent query buffer is full, cannot accept new consistent queries",
      ResourceExhaustedCause.BUSY_WORKFLOW,
      ResourceExhaustedScope.NAMESPACE,
    );
  }
  const outcome = await within(services, call, untilMs, queries.buffer(run, asked));
  if (outcome?.kind === "unblocked") {
    return askDirectly(services, requireLive(services, run), asked, call, untilMs);
  }
  if (outcome === undefined) throw deadlineExceeded();
  return outcome;
}

async function askDirectly(
  services: Services,
  run: Run,
  asked: WorkflowQuery,
  call: IncomingCall,
  untilMs: number,
): Promise<QueryOutcome> {
  const { clock, matching, queries } = services;
  const { sticky, taskQueue } = run.state;
  const offer = (name: string, directive?: VersionDirective): PendingQuery => {
    const pending = queries.addDirect(run, asked);
    matching.offer(
      { namespaceId: run.namespaceId, type: "workflow", name },
      {
        kind: "query",
        id: pending.id,
        priority: PRIORITY_DEFAULT,
        offeredMs: clock.now(),
        ...(directive && { directive }),
      },
    );
    return pending;
  };
  if (sticky !== undefined) {
    if (matching.hasRecentPoller({ namespaceId: run.namespaceId, type: "workflow", name: sticky.queue })) {
      const waitMs = sticky.scheduleToStartMs || STICKY_WAIT_DEFAULT_MS;
      const stickyUntilMs = Math.min(untilMs, clock.now() + waitMs);
      const outcome = await within(services, call, stickyUntilMs, offer(sticky.queue));
      if (outcome !== undefined) return outcome;
    }
    const live = requireLive(services, run);
    if (isOpen(live)) services.engine.apply(live, { kind: "resetSticky" });
  }
  return askNormalQueue(services, call, untilMs, run.namespaceId, taskQueue, () =>
    offer(taskQueue, versionDirective(run.state)),
  );
}

async function askNormalQueue(
  services: Services,
  call: IncomingCall,
  untilMs: number,
  namespaceId: string,
  name: string,
  offer: () => PendingQuery,
): Promise<QueryOutcome> {
  const { clock, matching } = services;
  const pending = offer();
  const patienceMs = Math.min(untilMs, clock.now() + NO_POLLER_MS);
  const soon = await within(services, call, patienceMs, pending, true);
  if (soon !== undefined) return soon;
  if (!matching.hasRecentPoller({ namespaceId, type: "workflow", name }) && patienceMs < untilMs) {
    pending.settle({ kind: "unblocked" });
    throw failedPrecondition("no poller seen for task queue recently, worker may be down");
  }
  const outcome = await within(services, call, untilMs, pending);
  if (outcome === undefined) throw deadlineExceeded();
  return outcome;
}

/** Waits for a query's outcome; `undefined` when the time has passed or the caller is gone. Gives the query up then, unless told to keep it. */
async function within(
  { clock }: Services,
  { signal }: IncomingCall,
  untilMs: number,
  pending: PendingQuery,
  keep = false,
): Promise<QueryOutcome | undefined> {
  let stop = (): void => {};
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
  });
  const cancelTimer = clock.schedule(untilMs, stop);
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    const outcome = await Promise.race([pending.outcome, stopped]);
    if (outcome === undefined && !keep) pending.settle({ kind: "unblocked" });
    return outcome;
  } finally {
    cancelTimer();
    signal.removeEventListener("abort", stop);
  }
}
