import { toDuration, toTimestamp } from "../../core/execution/duration.ts";
import { Memo, SearchAttributes } from "../../proto/gen/common.ts";
import { WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import type { StartTimeFilter } from "../../proto/gen/filter.ts";
import type { WorkflowExecutionInfo } from "../../proto/gen/workflow.ts";
import {
  WorkflowService,
  type ListClosedWorkflowExecutionsRequest,
  type ListOpenWorkflowExecutionsRequest,
  type ListWorkflowExecutionsResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { timestampMs } from "../../core/execution/duration.ts";
import { invalidArgument } from "../failures.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { StoreQueryError } from "../store/store-error.ts";
import type { VisibilityFilter, VisibilityPage, VisibilityRow } from "../store/store.ts";
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
    serve(methods.CountWorkflowExecutions, async (request) => {
      const namespace = requireNamespace(services, request.namespace);
      const { where, groupBy } = parseListFilter(request.query, namespace.searchAttributes);
      const counts = refuseBadQuery(() =>
        services.store.countRuns({ namespaceId: namespace.id, where }, groupBy),
      );
      await services.engine.durable;
      return toCountResponse(counts, groupBy);
    }),
    serve(methods.ListOpenWorkflowExecutions, (request) =>
      listFiltered(services, request, [statusIs(WorkflowExecutionStatus.RUNNING)]),
    ),
    serve(methods.ListClosedWorkflowExecutions, (request) => {
      const { filters } = request;
      const closed: VisibilityFilter =
        filters?.case === "statusFilter"
          ? statusIs(requireClosedStatus(filters.value.status))
          : { kind: "not", part: statusIs(WorkflowExecutionStatus.RUNNING) };
      return listFiltered(services, request, [closed]);
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
  request: ListRequest,
): Promise<Init<ListWorkflowExecutionsResponse>> {
  const namespace = requireNamespace(services, request.namespace);
  const { where } = parseListFilter(request.query, namespace.searchAttributes);
  return readPage(services, namespace, where, request.pageSize, request.nextPageToken);
}

async function listFiltered(
  services: Services,
  request: ListOpenWorkflowExecutionsRequest | ListClosedWorkflowExecutionsRequest,
  parts: readonly VisibilityFilter[],
): Promise<Init<ListWorkflowExecutionsResponse>> {
  const namespace = requireNamespace(services, request.namespace);
  const all = [...parts, ...startedWithin(request.startTimeFilter)];
  const { filters } = request;
  if (filters?.case === "executionFilter") all.push(fieldIs("workflowId", filters.value.workflowId));
  if (filters?.case === "typeFilter") all.push(fieldIs("workflowType", filters.value.name));
  const where: VisibilityFilter = { kind: "and", parts: all };
  return readPage(services, namespace, where, request.maximumPageSize, request.nextPageToken);
}

async function readPage(
  { engine, settings, store }: Services,
  { id: namespaceId }: Namespace,
  where: VisibilityFilter | undefined,
  pageSize: number,
  pageToken: Uint8Array,
): Promise<Init<ListWorkflowExecutionsResponse>> {
  const { listPageSizeMax } = settings;
  const page = refuseBadQuery(
    (): VisibilityPage =>
      store.listRuns({
        namespaceId,
        where,
        pageSize: pageSize <= 0 ? listPageSizeMax : Math.min(pageSize, listPageSizeMax),
        ...(pageToken.length === 0 ? {} : { pageToken }),
      }),
  );
  await engine.durable;
  return {
    executions: page.rows.map((row) => toExecutionInfo(row)),
    ...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
  };
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

// What a store cannot filter by is the caller's mistake.
function refuseBadQuery<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof StoreQueryError) throw invalidArgument(error.message);
    throw error;
  }
}
