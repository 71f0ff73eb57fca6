import { toDuration, toTimestamp } from "../../core/execution/duration.ts";
import { SearchAttributes } from "../../proto/gen/common.ts";
import type { NexusOperationExecutionStatus } from "../../proto/gen/enums.ts";
import type { NexusOperationExecutionListInfo } from "../../proto/gen/nexus.ts";
import {
  WorkflowService,
  type CountNexusOperationExecutionsRequest,
  type CountNexusOperationExecutionsResponse,
  type ListNexusOperationExecutionsRequest,
  type ListNexusOperationExecutionsResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { Services } from "../services.ts";
import { divisionOf } from "../standalone/division.ts";
import type { VisibilityRow } from "../store/store.ts";
import { toCountResponse } from "../visibility/count-groups.ts";
import { parseListFilter } from "../visibility/list-filter.ts";
import { nexusVocabulary } from "../visibility/nexus-vocabulary.ts";
import { serve, type CallRow } from "./calls.ts";
import { readRuns } from "./lists.ts";
import { requireStandaloneOperations } from "./nexus-execution-request.ts";
import { requireNamespace } from "./requests.ts";

/** Listing and counting standalone Nexus operations. */
export function nexusExecutionListCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.ListNexusOperationExecutions, (request) => list(services, request)),
    serve(methods.CountNexusOperationExecutions, (request) => count(services, request)),
  ];
}

async function list(
  services: Services,
  { namespace: name, query, pageSize, nextPageToken }: ListNexusOperationExecutionsRequest,
): Promise<Init<ListNexusOperationExecutionsResponse>> {
  requireStandaloneOperations(services);
  const { id, searchAttributes } = requireNamespace(services, name);
  const { where } = parseListFilter(query, searchAttributes, nexusVocabulary);
  const { listPageSizeMax } = services.settings;
  const page = readRuns(services.store, {
    namespaceId: divisionOf(id, "nexusOperation"),
    where,
    pageSize: pageSize <= 0 ? listPageSizeMax : Math.min(pageSize, listPageSizeMax),
    ...(nextPageToken.length === 0 ? {} : { pageToken: nextPageToken }),
  });
  await services.engine.durable;
  return {
    operations: page.rows.map((row) => toListInfo(row)),
    ...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
  };
}

async function count(
  services: Services,
  { namespace: name, query }: CountNexusOperationExecutionsRequest,
): Promise<Init<CountNexusOperationExecutionsResponse>> {
  requireStandaloneOperations(services);
  const { id, searchAttributes } = requireNamespace(services, name);
  const { where, groupBy } = parseListFilter(query, searchAttributes, nexusVocabulary);
  const counts = services.store.countRuns({ namespaceId: divisionOf(id, "nexusOperation"), where }, groupBy);
  await services.engine.durable;
  return toCountResponse(counts, groupBy, nexusVocabulary);
}

function toListInfo(row: VisibilityRow): Init<NexusOperationExecutionListInfo> {
  const { closeTimeMs, startTimeMs, searchAttributes } = row;
  const { Endpoint: endpoint, Service: service, Operation: operation } = searchAttributes;
  return {
    operationId: row.workflowId,
    runId: row.runId,
    endpoint: String(endpoint),
    service: String(service),
    operation: String(operation),
    status: row.status as NexusOperationExecutionStatus,
    scheduleTime: toTimestamp(startTimeMs),
    stateTransitionCount: row.stateTransitionCount,
    searchAttributes: SearchAttributes.decode(row.encodedSearchAttributes),
    ...(closeTimeMs === null
      ? {}
      : { closeTime: toTimestamp(closeTimeMs), executionDuration: toDuration(closeTimeMs - startTimeMs) }),
  };
}
