import { encodeSearchAttributes } from "../payload/search-attribute-codec.ts";
import { WorkflowExecutionAlreadyStartedFailure } from "../proto/gen/errordetails.ts";
import type { SchedulePatch } from "../proto/gen/schedule.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { Init } from "../proto/message.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import type { CallsContext } from "./calls-context.ts";
import { newRequestId } from "./calls-context.ts";
import { ClientUsageError, ScheduleAlreadyRunningError } from "./client-error.ts";
import { firstDetail } from "./error-details.ts";
import { PagedList } from "./paged-list.ts";
import type { ScheduleState } from "./schedule.ts";
import { ScheduleDescription, ScheduleListDescription } from "./schedule-description.ts";
import type {
  BackfillScheduleInput,
  CreateScheduleInput,
  ListSchedulesInput,
  PauseScheduleInput,
  ScheduleTarget,
  TriggerScheduleInput,
  UnpauseScheduleInput,
  UpdateScheduleInput,
} from "./schedule-inputs.ts";
import { toBackfillMessage, toOverlapCode, toScheduleMessage } from "./schedule-message.ts";

const { methods } = WorkflowService;

/** Times that an update is made anew because the schedule was changed meanwhile. */
const UPDATE_TRIES_MAX = 10;

/** Makes a schedule. @throws {ScheduleAlreadyRunningError} If there is one of that id. */
export async function createSchedule(context: CallsContext, input: CreateScheduleInput): Promise<void> {
  const { connection, namespace, identity, dataConverter } = context;
  const { scheduleId, schedule, options } = input;
  checkLimit(scheduleId, schedule.state ?? {});
  const { memo, searchAttributes, triggerImmediately = false, backfill = [] } = options;
  const initialPatch: Init<SchedulePatch> = {
    triggerImmediately: triggerImmediately
      ? { overlapPolicy: toOverlapCode(schedule.policy?.overlap ?? "skip") }
      : undefined,
    backfillRequest: backfill.map(toBackfillMessage),
  };
  try {
    await connection.call(
      methods.CreateSchedule,
      {
        namespace,
        scheduleId,
        identity,
        schedule: await toScheduleMessage(context, schedule),
        initialPatch: triggerImmediately || backfill.length > 0 ? initialPatch : undefined,
        requestId: newRequestId(context),
        memo: memo && { fields: await dataConverter.encodeFields(memo) },
        searchAttributes: searchAttributes && encodeSearchAttributes(searchAttributes),
      },
      { ...input.call, retry: true },
    );
  } catch (error) {
    throw isTaken(error) ? new ScheduleAlreadyRunningError(scheduleId, { cause: error }) : error;
  }
}

/** Lists schedules, page by page. */
export function listSchedules(context: CallsContext, input: ListSchedulesInput): PagedList<ScheduleListDescription> {
  const { connection, namespace, dataConverter } = context;
  return new PagedList({
    nextPageToken: input.nextPageToken,
    fetch: async (nextPageToken) => {
      const response = await connection.call(
        methods.ListSchedules,
        { namespace, query: input.query, maximumPageSize: input.pageSize, nextPageToken },
        { ...input.call, retry: true },
      );
      const entries = response.schedules.map((entry) => new ScheduleListDescription(entry, dataConverter));
      return { entries, nextPageToken: response.nextPageToken };
    },
  });
}

/** Looks at a schedule. */
export async function describeSchedule(context: CallsContext, input: ScheduleTarget): Promise<ScheduleDescription> {
  const { connection, namespace } = context;
  const { scheduleId, call } = input;
  const request = { namespace, scheduleId };
  const described = await connection.call(methods.DescribeSchedule, request, { ...call, retry: true });
  return new ScheduleDescription(scheduleId, described, context);
}

/** Changes a schedule by a function, again if it was changed meanwhile. */
export async function updateSchedule(context: CallsContext, input: UpdateScheduleInput): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await tryUpdate(context, input);
    } catch (error) {
      if (tries === UPDATE_TRIES_MAX || !isConflict(error)) throw error;
    }
  }
}

/** Forgets a schedule. */
export async function deleteSchedule(context: CallsContext, { scheduleId, call }: ScheduleTarget): Promise<void> {
  const { connection, namespace, identity } = context;
  const request = { namespace, scheduleId, identity };
  await connection.call(methods.DeleteSchedule, request, { ...call, retry: true });
}

/** Lets starts of a span of time happen. @throws {ClientUsageError} If there is no span. */
export async function backfillSchedule(context: CallsContext, input: BackfillScheduleInput): Promise<void> {
  if (input.backfills.length === 0) {
    throw new ClientUsageError(
      `Cannot backfill schedule "${input.scheduleId}": no span of time is given, expected one or more`,
    );
  }
  await patch(context, input, { backfillRequest: input.backfills.map(toBackfillMessage) });
}

/** Stops a schedule until it is told to go on. */
export function pauseSchedule(context: CallsContext, input: PauseScheduleInput): Promise<void> {
  // Without a text the service would not pause.
  return patch(context, input, { pause: input.note === undefined || input.note === "" ? "Paused" : input.note });
}

/** Lets a paused schedule go on. */
export function unpauseSchedule(context: CallsContext, input: UnpauseScheduleInput): Promise<void> {
  return patch(context, input, { unpause: input.note === undefined || input.note === "" ? "Unpaused" : input.note });
}

/** Starts a schedule's workflow out of turn. */
export function triggerSchedule(context: CallsContext, input: TriggerScheduleInput): Promise<void> {
  return patch(context, input, { triggerImmediately: { overlapPolicy: toOverlapCode(input.overlap) } });
}

async function patch(context: CallsContext, input: ScheduleTarget, asked: Init<SchedulePatch>): Promise<void> {
  const { connection, namespace, identity } = context;
  const { scheduleId, call } = input;
  const request = { namespace, scheduleId, identity, requestId: newRequestId(context), patch: asked };
  await connection.call(methods.PatchSchedule, request, { ...call, retry: true });
}

async function tryUpdate(context: CallsContext, input: UpdateScheduleInput): Promise<void> {
  const { connection, namespace, identity, dataConverter } = context;
  const { scheduleId, call } = input;
  const description = await describeSchedule(context, { scheduleId, call });
  const update = await input.updater({ description });
  if (update === undefined) return;
  const { memo, searchAttributes } = update;
  await connection.call(
    methods.UpdateSchedule,
    {
      namespace,
      scheduleId,
      identity,
      requestId: newRequestId(context),
      schedule: await toScheduleMessage(context, update.schedule),
      conflictToken: description.raw.conflictToken,
      memo: memo && { fields: await dataConverter.encodeFields(memo) },
      searchAttributes: searchAttributes && encodeSearchAttributes(searchAttributes),
    },
    { ...call, retry: true },
  );
}

function checkLimit(scheduleId: string, { limitedActions = false, remainingActions = 0 }: ScheduleState): void {
  if (limitedActions === remainingActions > 0) return;
  throw new ClientUsageError(
    `Cannot create schedule "${scheduleId}": limitedActions is ${limitedActions} and remainingActions is ${remainingActions}, expected both or neither`,
  );
}

function isTaken(error: unknown): boolean {
  return (
    error instanceof RPCError &&
    error.status === RPCStatusCode.ALREADY_EXISTS &&
    firstDetail(error.details, WorkflowExecutionAlreadyStartedFailure) !== undefined
  );
}

function isConflict(error: unknown): boolean {
  return (
    error instanceof RPCError &&
    error.status === RPCStatusCode.FAILED_PRECONDITION &&
    error.message.includes("conflict token")
  );
}
