import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import { scheduleListInfo } from "../../core/schedule/schedule-view.ts";
import type { ScheduleListEntry } from "../../proto/gen/schedule.ts";
import type {
  CountSchedulesRequest,
  CountSchedulesResponse,
  ListSchedulesRequest,
  ListSchedulesResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { invalidArgument } from "../failures.ts";
import { typedAttributes } from "../history/visibility-row.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import { toScheduleRow } from "../schedules/schedule-row.ts";
import type { LiveSchedule } from "../schedules/schedules.ts";
import type { Services } from "../services.ts";
import type { VisibilityFilter } from "../store/store.ts";
import { fieldValue } from "../store/visibility-field.ts";
import { matchFilter } from "../store/visibility-match.ts";
import { toCountResponse } from "../visibility/count-groups.ts";
import { parseListFilter } from "../visibility/list-filter.ts";
import { requireNamespace } from "./requests.ts";

/** A page of a namespace's schedules, the newest first. */
export async function listSchedules(
  services: Services,
  request: ListSchedulesRequest,
): Promise<Init<ListSchedulesResponse>> {
  const namespace = requireNamespace(services, request.namespace);
  const { where } = parseListFilter(request.query, namespace.searchAttributes);
  const { listPageSizeMax } = services.settings;
  const { maximumPageSize: asked, nextPageToken: token } = request;
  const pageSize = asked <= 0 ? listPageSizeMax : Math.min(asked, listPageSizeMax);
  const last = token.length === 0 ? undefined : readToken(token);
  const left = matching(services, namespace, where).filter(
    (schedule) => last === undefined || comesAfter(schedule, last),
  );
  const page = left.slice(0, pageSize);
  const end = page.at(-1);
  await services.engine.durable;
  return {
    schedules: page.map((schedule) => toEntry(schedule, namespace)),
    ...(end === undefined || left.length <= pageSize ? {} : { nextPageToken: writeToken(end) }),
  };
}

/** How many schedules a namespace has. */
export async function countSchedules(
  services: Services,
  request: CountSchedulesRequest,
): Promise<Init<CountSchedulesResponse>> {
  const namespace = requireNamespace(services, request.namespace);
  const { where, groupBy } = parseListFilter(request.query, namespace.searchAttributes);
  const counts = new Map<string | number | boolean | null, number>();
  for (const { state } of matching(services, namespace, where)) {
    const value = groupBy === undefined ? null : fieldValue(groupBy, toScheduleRow(state, namespace));
    // Lists are nothing to group by, so a value is a single one.
    const group = typeof value === "object" ? null : value;
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  await services.engine.durable;
  return toCountResponse(
    [...counts].map(([group, count]) => ({ group, count })),
    groupBy,
  );
}

function matching(
  { schedules }: Services,
  namespace: Namespace,
  where: VisibilityFilter | undefined,
): readonly LiveSchedule[] {
  const all = schedules.list(namespace.id);
  if (where === undefined) return all;
  return all.filter(({ state }) => matchFilter(where, toScheduleRow(state, namespace)) === true);
}

function toEntry({ state, spec }: LiveSchedule, namespace: Namespace): Init<ScheduleListEntry> {
  const { scheduleId, memo, searchAttributes } = state;
  return {
    scheduleId,
    memo: { fields: memo },
    ...(Object.keys(searchAttributes).length === 0
      ? {}
      : { searchAttributes: { indexedFields: typedAttributes(searchAttributes, namespace) } }),
    info: scheduleListInfo(state, spec),
  };
}

/** Where a page ended: a schedule that is deleted meanwhile still has its place in the order. */
interface Place {
  readonly createTimeMs: number;
  readonly scheduleId: string;
}

function comesAfter({ state }: LiveSchedule, { createTimeMs, scheduleId }: Place): boolean {
  return state.createTimeMs < createTimeMs || (state.createTimeMs === createTimeMs && state.scheduleId > scheduleId);
}

function writeToken({ state: { createTimeMs, scheduleId } }: LiveSchedule): Uint8Array {
  return utf8Bytes(JSON.stringify([createTimeMs, scheduleId]));
}

function readToken(token: Uint8Array): Place {
  try {
    const [createTimeMs, scheduleId] = JSON.parse(utf8Text(token)) as readonly unknown[];
    if (typeof createTimeMs === "number" && typeof scheduleId === "string") return { createTimeMs, scheduleId };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw invalidArgument("Invalid NextPageToken.");
}
