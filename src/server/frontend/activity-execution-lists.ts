import { toDuration, toTimestamp } from "../../core/execution/duration.ts";
import type { ActivityExecutionListInfo } from "../../proto/gen/activity.ts";
import { SearchAttributes } from "../../proto/gen/common.ts";
import type { ActivityExecutionStatus } from "../../proto/gen/enums.ts";
import {
  WorkflowService,
  type CountActivityExecutionsRequest,
  type CountActivityExecutionsResponse,
  type ListActivityExecutionsRequest,
  type ListActivityExecutionsResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { Services } from "../services.ts";
import { divisionOf } from "../standalone/division.ts";
import type { VisibilityRow } from "../store/store.ts";
import { toCountResponse } from "../visibility/count-groups.ts";
import { activityVocabulary } from "../visibility/activity-vocabulary.ts";
import { parseListFilter } from "../visibility/list-filter.ts";
import { requireStandaloneActivities } from "./activity-execution-request.ts";
import { serve, type CallRow } from "./calls.ts";
import { readRuns } from "./lists.ts";
import { requireNamespace } from "./requests.ts";

/** Listing and counting standalone activities. */
export function activityExecutionListCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.ListActivityExecutions, (request) => list(services, request)),
    serve(methods.CountActivityExecutions, (request) => count(services, request)),
  ];
}

async function list(
  services: Services,
  { namespace: name, query, pageSize, nextPageToken }: ListActivityExecutionsRequest,
): Promise<Init<ListActivityExecutionsResponse>> {
  requireStandaloneActivities(services);
  const { id, searchAttributes } = requireNamespace(services, name);
  const { where } = parseListFilter(query, searchAttributes, activityVocabulary);
  const { listPageSizeMax } = services.settings;
  const page = readRuns(services.store, {
    namespaceId: divisionOf(id, "activity"),
    where,
    pageSize: pageSize <= 0 ? listPageSizeMax : Math.min(pageSize, listPageSizeMax),
    ...(nextPageToken.length === 0 ? {} : { pageToken: nextPageToken }),
  });
  await services.engine.durable;
  return {
    executions: page.rows.map((row) => toListInfo(row)),
    ...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
  };
}

async function count(
  services: Services,
  { namespace: name, query }: CountActivityExecutionsRequest,
): Promise<Init<CountActivityExecutionsResponse>> {
  requireStandaloneActivities(services);
  const { id, searchAttributes } = requireNamespace(services, name);
  const { where, groupBy } = parseListFilter(query, searchAttributes, activityVocabulary);
  const counts = services.store.countRuns({ namespaceId: divisionOf(id, "activity"), where }, groupBy);
  await services.engine.durable;
  return toCountResponse(counts, groupBy, activityVocabulary);
}

function toListInfo(row: VisibilityRow): Init<ActivityExecutionListInfo> {
  const { closeTimeMs, startTimeMs } = row;
  return {
    activityId: row.workflowId,
    runId: row.runId,
    activityType: { name: row.workflowType },
    taskQueue: row.taskQueue,
    status: row.status as ActivityExecutionStatus,
    scheduleTime: toTimestamp(startTimeMs),
    executionTime: toTimestamp(row.executionTimeMs),
    stateTransitionCount: row.stateTransitionCount,
    searchAttributes: SearchAttributes.decode(row.encodedSearchAttributes),
    ...(closeTimeMs === null
      ? {}
      : { closeTime: toTimestamp(closeTimeMs), executionDuration: toDuration(closeTimeMs - startTimeMs) }),
  };
}
