import { timestampMs, toDuration, toTimestamp } from "../../core/execution/duration.ts";
import { Memo, SearchAttributes } from "../../proto/gen/common.ts";
import { WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import type { StartTimeFilter } from "../../proto/gen/filter.ts";
import type { WorkflowExecutionInfo } from "../../proto/gen/workflow.ts";
import {
  WorkflowService,
  type CountWorkflowExecutionsRequest,
  type CountWorkflowExecutionsResponse,
  type ListClosedWorkflowExecutionsRequest,
  type ListOpenWorkflowExecutionsRequest,
  type ListWorkflowExecutionsResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { invalidArgument } from "../failures.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { StoreQueryError } from "../store/store-error.ts";
import type { Store, VisibilityFilter, VisibilityPage, VisibilityQuery, VisibilityRow } from "../store/store.ts";
import { toCountResponse } from "../visibility/count-groups.ts";
import { parseListFilter } from "../visibility/list-filter.ts";
import { serve, type CallRow } from "./calls.ts";
import { requireNamespace } from "./requests.ts";

/** Listing and counting runs. */
export function listCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.ListWorkflowExecutions, (request) => list(services, request)),
    serve(methods.ScanWorkflowExecutions, (request) => list(services, request)),
    serve(methods.CountWorkflowExecutions, (request) => count(services, request)),
    serve(methods.ListOpenWorkflowExecutions, (request) =>
      listFiltered(services, request, statusIs(WorkflowExecutionStatus.RUNNING)),
    ),
    serve(methods.ListClosedWorkflowExecutions, (request) => {
      const { filters } = request;
      const closed: VisibilityFilter =
        filters?.case === "statusFilter"
          ? statusIs(requireClosedStatus(filters.value.status))
          : { kind: "not", part: statusIs(WorkflowExecutionStatus.RUNNING) };
      return listFiltered(services, request, closed);
    }),
  ];
}

interface ListRequest {
  readonly namespace: string;
  readonly pageSize: number;
  readonly nextPageToken: Uint8Array;
  readonly query: string;
}

async function list(
  services: Services,
  { namespace: name, query, pageSize, nextPageToken }: ListRequest,
): Promise<Init<ListWorkflowExecutionsResponse>> {
  const namespace = requireNamespace(services, name);
  const { where } = parseListFilter(query, namespace.searchAttributes);
  return readPage(services, namespace, where, pageSize, nextPageToken);
}

async function count(
  services: Services,
  { namespace: name, query }: CountWorkflowExecutionsRequest,
): Promise<Init<CountWorkflowExecutionsResponse>> {
  const { id: namespaceId, searchAttributes } = requireNamespace(services, name);
  const { where, groupBy } = parseListFilter(query, searchAttributes);
  const counts = services.store.countRuns({ namespaceId, where }, groupBy);
  await services.engine.durable;
  return toCountResponse(counts, groupBy);
}

async function listFiltered(
  services: Services,
  request: ListOpenWorkflowExecutionsRequest | ListClosedWorkflowExecutionsRequest,
  first: VisibilityFilter,
): Promise<Init<ListWorkflowExecutionsResponse>> {
  const namespace = requireNamespace(services, request.namespace);
  const { filters, maximumPageSize, nextPageToken } = request;
  const parts = [first, ...startedWithin(request.startTimeFilter)];
  if (filters?.case === "executionFilter") {
    parts.push(fieldIs("workflowId", filters.value.workflowId));
  }
  if (filters?.case === "typeFilter") parts.push(fieldIs("workflowType", filters.value.name));
  return readPage(services, namespace, { kind: "and", parts }, maximumPageSize, nextPageToken);
}

async function readPage(
  { engine, settings, store }: Services,
  { id: namespaceId }: Namespace,
  where: VisibilityFilter | undefined,
  pageSize: number,
  pageToken: Uint8Array,
): Promise<Init<ListWorkflowExecutionsResponse>> {
  const { listPageSizeMax } = settings;
  const page = readRuns(store, {
    namespaceId,
    where,
    pageSize: pageSize <= 0 ? listPageSizeMax : Math.min(pageSize, listPageSizeMax),
    ...(pageToken.length === 0 ? {} : { pageToken }),
  });
  await engine.durable;
  return {
    executions: page.rows.map((row) => toExecutionInfo(row)),
    ...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
  };
}

/** A page of what is kept. @throws {RPCError} `INVALID_ARGUMENT` if the store cannot make out what is asked for. */
export function readRuns(store: Store, query: VisibilityQuery): VisibilityPage {
  try {
    return store.listRuns(query);
  } catch (error) {
    // What a store cannot make out is the caller's mistake: the page token, mostly.
    if (error instanceof StoreQueryError) throw invalidArgument(error.message);
    throw error;
  }
}

function toExecutionInfo(row: VisibilityRow): Init<WorkflowExecutionInfo> {
  const { closeTimeMs, parentWorkflowId, parentRunId } = row;
  return {
    execution: { workflowId: row.workflowId, runId: row.runId },
    type: { name: row.workflowType },
    startTime: toTimestamp(row.startTimeMs),
    executionTime: toTimestamp(row.executionTimeMs),
    status: row.status as WorkflowExecutionStatus,
    taskQueue: row.taskQueue,
    memo: Memo.decode(row.memo),
    searchAttributes: SearchAttributes.decode(row.encodedSearchAttributes),
    rootExecution: { workflowId: row.rootWorkflowId, runId: row.rootRunId },
    ...(parentWorkflowId === null
      ? {}
      : { parentExecution: { workflowId: parentWorkflowId, runId: parentRunId ?? "" } }),
    ...(closeTimeMs === null
      ? {}
      : {
          closeTime: toTimestamp(closeTimeMs),
          executionDuration: toDuration(closeTimeMs - row.executionTimeMs),
          historyLength: row.historyLength,
          historySizeBytes: row.historySizeBytes,
          stateTransitionCount: row.stateTransitionCount,
        }),
  };
}

function startedWithin(filter: StartTimeFilter | undefined): readonly VisibilityFilter[] {
  const field = { name: "startTimeMs" };
  const earliestMs = timestampMs(filter?.earliestTime);
  const latestMs = timestampMs(filter?.latestTime);
  if (earliestMs > 0 && latestMs > 0 && earliestMs > latestMs) {
    throw invalidArgument("EarliestTime in StartTimeFilter should not be larger than LatestTime.");
  }
  const parts: VisibilityFilter[] = [];
  if (earliestMs > 0) parts.push({ kind: "compare", field, operator: ">=", value: earliestMs });
  if (latestMs > 0) parts.push({ kind: "compare", field, operator: "<=", value: latestMs });
  return parts;
}

function requireClosedStatus(status: WorkflowExecutionStatus): WorkflowExecutionStatus {
  if (status === WorkflowExecutionStatus.UNSPECIFIED || status === WorkflowExecutionStatus.RUNNING) {
    throw invalidArgument("StatusFilter must be specified and must be not Running.");
  }
  return status;
}

function statusIs(status: WorkflowExecutionStatus): VisibilityFilter {
  return fieldIs("status", status);
}

function fieldIs(name: string, value: string | number): VisibilityFilter {
  return { kind: "compare", field: { name }, operator: "=", value };
}
