import { QueryFailedFailure } from "../proto/gen/errordetails.ts";
import type { HistoryEvent } from "../proto/gen/history.ts";
import { History } from "../proto/gen/history.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import type { CallsContext } from "./calls-context.ts";
import { callOrigin } from "./call-origin.ts";
import { converterFor, decodeResult, encodeArgs, encodeHeaders, newRequestId, toExecution } from "./calls-context.ts";
import { toFilterCode, toRejectCode, toStatus } from "./client-enums.ts";
import { WorkflowQueryFailedError, WorkflowQueryRejectedError } from "./client-error.ts";
import { firstDetail } from "./error-details.ts";
import type {
  CancelWorkflowInput,
  CountWorkflowsInput,
  DescribeWorkflowInput,
  FetchHistoryEventsInput,
  ListWorkflowsInput,
  QueryWorkflowInput,
  SignalWorkflowInput,
  TerminateWorkflowInput,
} from "./interceptor.ts";
import { PagedList } from "./paged-list.ts";
import type { WorkflowExecutionCount } from "./workflow-count.ts";
import { toCount } from "./workflow-count.ts";
import { WorkflowExecution, WorkflowExecutionDescription } from "./workflow-execution.ts";

const { methods } = WorkflowService;

/** Sends a signal. */
export async function signalWorkflow(context: CallsContext, input: SignalWorkflowInput): Promise<void> {
  const { connection, namespace, identity } = context;
  const origin = callOrigin();
  const { link } = await connection.call(
    methods.SignalWorkflowExecution,
    {
      namespace,
      identity,
      workflowExecution: toExecution(input),
      signalName: input.signal,
      requestId: newRequestId(context),
      input: await encodeArgs(converterFor(context, input.workflowId, { runId: input.runId }), input.args),
      header: await encodeHeaders(context, input.headers),
      links: origin?.links ?? [],
    },
    { ...input.call, retry: true },
  );
  if (link !== undefined) origin?.addLink(link);
}

/**
 * Puts a query.
 *
 * @throws {WorkflowQueryFailedError} If its handler fails or there is none.
 * @throws {WorkflowQueryRejectedError} If the workflow's status is one that the query is not answered in.
 */
export async function queryWorkflow(context: CallsContext, input: QueryWorkflowInput): Promise<unknown> {
  const { connection, namespace } = context;
  const converter = converterFor(context, input.workflowId, { runId: input.runId });
  const request = {
    namespace,
    execution: toExecution(input),
    queryRejectCondition: toRejectCode(input.rejectCondition),
    query: {
      queryType: input.query,
      queryArgs: await encodeArgs(converter, input.args),
      header: await encodeHeaders(context, input.headers),
    },
  };
  const answered = connection.call(methods.QueryWorkflow, request, { ...input.call, retry: true });
  const { queryRejected, queryResult } = await answered.catch(async (error: unknown) => {
    throw await queryFailure(context, input, error);
  });
  if (queryRejected !== undefined) {
    throw new WorkflowQueryRejectedError(toStatus(queryRejected.status));
  }
  return decodeResult(converter, queryResult);
}

/** Asks a workflow to cancel. */
export async function cancelWorkflow(context: CallsContext, input: CancelWorkflowInput): Promise<void> {
  const { connection, namespace, identity } = context;
  await connection.call(
    methods.RequestCancelWorkflowExecution,
    {
      namespace,
      identity,
      workflowExecution: toExecution(input),
      firstExecutionRunId: input.firstExecutionRunId ?? "",
      requestId: newRequestId(context),
      reason: input.reason,
    },
    { ...input.call, retry: true },
  );
}

/** Ends a workflow without asking it. */
export async function terminateWorkflow(context: CallsContext, input: TerminateWorkflowInput): Promise<void> {
  const { connection, namespace, identity } = context;
  await connection.call(
    methods.TerminateWorkflowExecution,
    {
      namespace,
      identity,
      workflowExecution: toExecution(input),
      firstExecutionRunId: input.firstExecutionRunId ?? "",
      reason: input.reason,
      details: await encodeArgs(converterFor(context, input.workflowId, { runId: input.runId }), input.details),
    },
    { ...input.call, retry: true },
  );
}

/** Looks at a workflow. */
export async function describeWorkflow(
  context: CallsContext,
  input: DescribeWorkflowInput,
): Promise<WorkflowExecutionDescription> {
  const { connection, namespace, dataConverter } = context;
  const description = await connection.call(
    methods.DescribeWorkflowExecution,
    { namespace, execution: toExecution(input) },
    { ...input.call, retry: true },
  );
  return new WorkflowExecutionDescription(description, namespace, dataConverter);
}

/** Fetches history, page by page. */
export function fetchHistoryEvents(context: CallsContext, input: FetchHistoryEventsInput): PagedList<HistoryEvent> {
  const { connection, namespace } = context;
  const kind = input.waitNewEvent ? "longPoll" : "normal";
  return new PagedList({
    nextPageToken: input.nextPageToken,
    fetch: async (nextPageToken) => {
      const response = await connection.call(
        methods.GetWorkflowExecutionHistory,
        {
          namespace,
          execution: toExecution(input),
          maximumPageSize: input.pageSize ?? 0,
          nextPageToken,
          waitNewEvent: input.waitNewEvent,
          historyEventFilterType: toFilterCode(input.filter),
          skipArchival: input.skipArchival,
        },
        { ...input.call, kind, retry: true },
      );
      // Some services send events encoded one by one.
      const raw = response.rawHistory.flatMap((blob) => History.decode(blob.data).events);
      const entries = response.history?.events ?? raw;
      return { entries, nextPageToken: response.nextPageToken };
    },
  });
}

/** Lists workflows, page by page. */
export function listWorkflows(context: CallsContext, input: ListWorkflowsInput): PagedList<WorkflowExecution> {
  const { connection, namespace, dataConverter } = context;
  return new PagedList({
    nextPageToken: input.nextPageToken,
    limit: input.limit,
    fetch: async (nextPageToken, limit = Number.POSITIVE_INFINITY) => {
      const pageSize = Math.min(input.pageSize, limit);
      const response = await connection.call(
        methods.ListWorkflowExecutions,
        { namespace, query: input.query, pageSize, nextPageToken },
        { ...input.call, retry: true },
      );
      const entries = response.executions.map((info) => new WorkflowExecution(info, namespace, dataConverter));
      return { entries, nextPageToken: response.nextPageToken };
    },
  });
}

/** Counts workflows. */
export async function countWorkflows(
  context: CallsContext,
  input: CountWorkflowsInput,
): Promise<WorkflowExecutionCount> {
  const { connection, namespace } = context;
  const request = { namespace, query: input.query };
  const call = { ...input.call, retry: true };
  return toCount(await connection.call(methods.CountWorkflowExecutions, request, call));
}

/** What an error of a query means: the service says INVALID_ARGUMENT for a query that failed. */
async function queryFailure(context: CallsContext, input: QueryWorkflowInput, error: unknown): Promise<unknown> {
  const failed = error instanceof RPCError && error.status === RPCStatusCode.INVALID_ARGUMENT;
  if (!failed) return error;
  const failure = firstDetail(error.details, QueryFailedFailure)?.failure;
  if (failure === undefined) return new WorkflowQueryFailedError(error.message);
  const cause = await converterFor(context, input.workflowId, { runId: input.runId }).decodeFailure(failure);
  return new WorkflowQueryFailedError(error.message, { cause });
}
