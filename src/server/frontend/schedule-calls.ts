import { timestampMs, toTimestamp } from "../../core/execution/duration.ts";
import { applyPatch } from "../../core/schedule/patch.ts";
import { jitterSeed, newScheduleState, noteRequest, type ScheduleState } from "../../core/schedule/schedule-state.ts";
import { scheduleInfo } from "../../core/schedule/schedule-view.ts";
import { nextTime } from "../../core/schedule/spec.ts";
import { shownSpec } from "../../core/schedule/spec-canonical.ts";
import type { Timestamp } from "../../proto/gen/google/protobuf.ts";
import type { Schedule } from "../../proto/gen/schedule.ts";
import {
  WorkflowService,
  type CreateScheduleRequest,
  type CreateScheduleResponse,
  type DescribeScheduleRequest,
  type DescribeScheduleResponse,
  type ListScheduleMatchingTimesRequest,
  type ListScheduleMatchingTimesResponse,
  type PatchScheduleRequest,
  type UpdateScheduleRequest,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { failedPrecondition, invalidArgument } from "../failures.ts";
import { typedAttributes } from "../history/visibility-row.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { LiveSchedule } from "../schedules/schedules.ts";
import type { Services } from "../services.ts";
import { checkMemoSize } from "./blob-size.ts";
import { serve, type CallRow } from "./calls.ts";
import { limitLength, requireNamespace } from "./requests.ts";
import { countSchedules, listSchedules } from "./schedule-lists.ts";
import { checkPatch, checkScheduleId, prepareSchedule } from "./schedule-request.ts";
import { checkSearchAttributes } from "./start-request.ts";

const MATCHING_TIMES_MAX = 1000;
const REQUEST_ID_TOO_LONG = "RequestId length exceeds limit.";

/** What clients do with schedules. */
export function scheduleCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.CreateSchedule, (request) => create(services, request)),
    serve(methods.DescribeSchedule, (request) => describe(services, request)),
    serve(methods.UpdateSchedule, (request) => update(services, request)),
    serve(methods.PatchSchedule, (request) => patch(services, request)),
    serve(methods.DeleteSchedule, async ({ namespace, scheduleId }) => {
      const { id } = requireNamespace(services, namespace);
      requireScheduleId(scheduleId);
      await services.schedules.delete(id, scheduleId).committed;
      return {};
    }),
    serve(methods.ListScheduleMatchingTimes, (request) => matchingTimes(services, request)),
    serve(methods.ListSchedules, (request) => listSchedules(services, request)),
    serve(methods.CountSchedules, (request) => countSchedules(services, request)),
  ];
}

async function create(services: Services, request: CreateScheduleRequest): Promise<Init<CreateScheduleResponse>> {
  const { scheduleId, requestId, initialPatch } = request;
  if (requestId === "") throw invalidArgument("RequestId is not set on request.");
  checkScheduleId(services, scheduleId);
  limitLength(services, requestId, REQUEST_ID_TOO_LONG);
  const namespace = requireNamespace(services, request.namespace);
  const schedule = prepareSchedule(services, namespace, request.schedule);
  checkSearchAttributes(namespace, request.searchAttributes);
  checkMemoSize(services, request.memo);
  if (initialPatch !== undefined) checkPatch(initialPatch);
  const state = newScheduleState(
    {
      namespaceId: namespace.id,
      scheduleId,
      schedule,
      memo: request.memo?.fields ?? {},
      searchAttributes: request.searchAttributes?.indexedFields ?? {},
      createTimeMs: services.clock.now(),
    },
    requestId,
  );
  await services.schedules.create(state, (draft) => {
    if (initialPatch !== undefined) applyPatch(draft, initialPatch, draft.createTimeMs);
  }).committed;
  return { conflictToken: conflictToken(state.conflictToken) };
}

async function describe(services: Services, request: DescribeScheduleRequest): Promise<Init<DescribeScheduleResponse>> {
  const namespace = requireNamespace(services, request.namespace);
  requireScheduleId(request.scheduleId);
  const { state, spec } = services.schedules.get(namespace.id, request.scheduleId);
  const { memo, searchAttributes } = state;
  await services.engine.durable;
  return {
    schedule: shownSchedule(state, namespace),
    info: scheduleInfo(state, spec),
    ...(Object.keys(memo).length === 0 ? {} : { memo: { fields: memo } }),
    ...(Object.keys(searchAttributes).length === 0
      ? {}
      : { searchAttributes: { indexedFields: typedAttributes(searchAttributes, namespace) } }),
    conflictToken: conflictToken(state.conflictToken),
  };
}

async function update(services: Services, request: UpdateScheduleRequest): Promise<Record<string, never>> {
  const { requestId, searchAttributes, memo, scheduleId, conflictToken: token } = request;
  limitLength(services, requestId, REQUEST_ID_TOO_LONG);
  const namespace = requireNamespace(services, request.namespace);
  const schedule = prepareSchedule(services, namespace, request.schedule);
  checkSearchAttributes(namespace, searchAttributes);
  // As in the service: a schedule may be made without an action, but not lose the one it has.
  if (schedule.action.action === undefined)
    throw invalidArgument("Only StartWorkflow action is supported for schedules");
  checkMemoSize(services, memo);
  const nowMs = services.clock.now();
  await services.schedules.change(namespace.id, scheduleId, (draft) => {
    if (noteRequest(draft, requestId)) return;
    if (token.length > 0 && !isSameToken(token, conflictToken(draft.conflictToken))) {
      throw failedPrecondition("mismatched conflict token");
    }
    draft.schedule = schedule;
    // Absent means that they stay; empty ones take all away.
    if (searchAttributes !== undefined) draft.searchAttributes = searchAttributes.indexedFields;
    if (memo !== undefined) draft.memo = memo.fields;
    draft.updateTimeMs = nowMs;
    draft.conflictToken += 1;
  }).committed;
  return {};
}

async function patch(services: Services, request: PatchScheduleRequest): Promise<Record<string, never>> {
  const { requestId, scheduleId, patch: asked } = request;
  if (asked === undefined) throw invalidArgument("Patch is not set on request.");
  limitLength(services, requestId, REQUEST_ID_TOO_LONG);
  checkPatch(asked);
  const { id } = requireNamespace(services, request.namespace);
  const nowMs = services.clock.now();
  await services.schedules.change(id, scheduleId, (draft) => {
    if (!noteRequest(draft, requestId)) applyPatch(draft, asked, nowMs);
  }).committed;
  return {};
}

async function matchingTimes(
  services: Services,
  request: ListScheduleMatchingTimesRequest,
): Promise<Init<ListScheduleMatchingTimesResponse>> {
  const { namespace, scheduleId, startTime, endTime } = request;
  const { id } = requireNamespace(services, namespace);
  requireScheduleId(scheduleId);
  const schedule = services.schedules.get(id, scheduleId);
  if (startTime === undefined || endTime === undefined) throw invalidArgument("missing or invalid query");
  await services.engine.durable;
  return { startTime: timesBetween(schedule, timestampMs(startTime), timestampMs(endTime)) };
}

/** The service looks for the workflow that runs the schedule, and says so. */
function requireScheduleId(scheduleId: string): void {
  if (scheduleId === "") throw invalidArgument("Can't load workflow execution.  WorkflowId not set.");
}

function timesBetween({ state, spec }: LiveSchedule, startMs: number, endMs: number): readonly Timestamp[] {
  const times: Timestamp[] = [];
  let afterMs = startMs;
  while (times.length < MATCHING_TIMES_MAX) {
    const next = findNext(spec, jitterSeed(state), afterMs);
    if (next === undefined || next.actualMs > endMs) break;
    times.push(toTimestamp(next.actualMs));
    afterMs = next.actualMs;
  }
  return times;
}

function findNext(...question: Parameters<typeof nextTime>): ReturnType<typeof nextTime> {
  try {
    return nextTime(...question);
  } catch (error) {
    if (error instanceof RangeError) throw invalidArgument(error.message);
    throw error;
  }
}

/** The schedule as it is, with all ranges written out and the types of the action's search attributes. */
function shownSchedule({ schedule }: ScheduleState, namespace: Namespace): Init<Schedule> {
  const { spec, action: holder, policies, state } = schedule;
  const { action } = holder;
  const attributes = action?.value.searchAttributes;
  return {
    spec: shownSpec(spec),
    policies,
    state,
    action:
      action === undefined
        ? {}
        : {
            action: {
              case: "startWorkflow",
              value: {
                ...action.value,
                ...(attributes === undefined
                  ? {}
                  : { searchAttributes: { indexedFields: typedAttributes(attributes.indexedFields, namespace) } }),
              },
            },
          },
  };
}

/** A number of eight bytes, the highest first, as the service writes it. */
function conflictToken(version: number): Uint8Array {
  const token = new Uint8Array(8);
  new DataView(token.buffer).setBigUint64(0, BigInt(version));
  return token;
}

function isSameToken(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
