import { toMs } from "../core/replay/proto-time.ts";
import type { DataConverter } from "../payload/data-converter.ts";
import { decodeSearchAttributes } from "../payload/search-attribute-codec.ts";
import type { TypedSearchAttributes } from "../payload/search-attributes.ts";
import type { Memo } from "../proto/gen/common.ts";
import type { Timestamp } from "../proto/gen/google/protobuf.ts";
import type {
  ScheduleActionResult as ActionResultMessage,
  ScheduleInfo as InfoMessage,
  ScheduleListEntry,
  ScheduleListInfo as ListInfoMessage,
} from "../proto/gen/schedule.ts";
import { Schedule, ScheduleInfo as InfoCodec, ScheduleSpec } from "../proto/gen/schedule.ts";
import type { DescribeScheduleResponse } from "../proto/gen/workflowservice.ts";
import type { CallsContext } from "./calls-context.ts";
import type { WorkflowExecutionStatus } from "./client-enums.ts";
import { toStatus } from "./client-enums.ts";
import type { DescribedSchedule } from "./schedule.ts";
import { fromScheduleMessage } from "./schedule-message.ts";
import type { DescribedScheduleSpec } from "./schedule-spec.ts";
import { fromSpecMessage } from "./schedule-spec.ts";

/** A workflow that a schedule started. */
export interface ScheduleActionExecutionStartWorkflow {
  readonly workflowId: string;
  readonly firstExecutionRunId: string;
}

/** One start of the past. */
export interface ScheduleActionResult {
  /** When it was due, with jitter. */
  readonly scheduledAt: Date;
  readonly startedAt: Date;
  readonly action: ScheduleActionExecutionStartWorkflow;
  /** How the workflow stood when the service last looked; `undefined` if it did not say. */
  readonly status: WorkflowExecutionStatus | undefined;
}

/** What has become of a schedule, and what comes next. */
export interface ScheduleInfo {
  readonly numActions: number;
  /** Starts that came too late for the catch-up window. */
  readonly numActionsMissedCatchupWindow: number;
  /** Starts left out because the workflow before still ran. */
  readonly numActionsSkippedOverlap: number;
  readonly runningActions: readonly ScheduleActionExecutionStartWorkflow[];
  /** The last ten, the oldest first. */
  readonly recentActions: readonly ScheduleActionResult[];
  /** The next ten. */
  readonly nextActionTimes: readonly Date[];
  readonly createdAt: Date | undefined;
  readonly lastUpdatedAt: Date | undefined;
}

/** What describes a schedule or one of a list. */
class Described {
  readonly id: string;
  readonly searchAttributes: TypedSearchAttributes;
  readonly #memo: Memo["fields"];
  readonly #converter: DataConverter;

  constructor(
    id: string,
    { searchAttributes, memo }: Pick<ScheduleListEntry, "searchAttributes" | "memo">,
    converter: DataConverter,
  ) {
    this.id = id;
    this.searchAttributes = decodeSearchAttributes(searchAttributes);
    this.#memo = memo?.fields ?? {};
    this.#converter = converter;
  }

  /** The values of the schedule's own memo. */
  memo(): Promise<Record<string, unknown>> {
    return this.#converter.decodeFields(this.#memo);
  }

  /** One value of the memo; `undefined` if there is none. */
  async memoValue(key: string): Promise<unknown> {
    const payload = Object.hasOwn(this.#memo, key) ? this.#memo[key] : undefined;
    return payload === undefined ? undefined : (await this.#converter.decode([payload]))[0];
  }
}

/** A schedule with all that the service tells of it. */
export class ScheduleDescription extends Described {
  /** What it does and when. */
  readonly schedule: DescribedSchedule;
  readonly info: ScheduleInfo;
  /** What the service said. */
  readonly raw: DescribeScheduleResponse;

  constructor(id: string, raw: DescribeScheduleResponse, context: CallsContext) {
    super(id, raw, context.dataConverter);
    this.schedule = fromScheduleMessage(context, raw.schedule ?? Schedule.create());
    this.info = toInfo(raw.info ?? InfoCodec.create());
    this.raw = raw;
  }
}

/** A schedule as lists show it. */
export class ScheduleListDescription extends Described {
  /** What it does and when; `undefined` if the service does not tell. */
  readonly schedule: ScheduleListSchedule | undefined;
  /** `undefined` if the service does not tell. */
  readonly info: ScheduleListInfo | undefined;
  /** What the service said. */
  readonly raw: ScheduleListEntry;

  constructor(raw: ScheduleListEntry, dataConverter: DataConverter) {
    super(raw.scheduleId, raw, dataConverter);
    this.schedule = raw.info && toListSchedule(raw.info);
    this.info = raw.info && toPastAndFuture(raw.info);
    this.raw = raw;
  }
}

/** What a list tells of what a schedule does. */
export interface ScheduleListSchedule {
  /** The type of the workflow that it starts. */
  readonly action: { readonly workflow: string };
  readonly spec: DescribedScheduleSpec;
  readonly state: { readonly note: string | undefined; readonly paused: boolean };
}

/** As {@link ScheduleInfo}, with fewer entries. */
export type ScheduleListInfo = Pick<ScheduleInfo, "recentActions" | "nextActionTimes">;

function toListSchedule({ workflowType, spec, notes, paused }: ListInfoMessage): ScheduleListSchedule {
  return {
    action: { workflow: workflowType?.name ?? "" },
    spec: fromSpecMessage(spec ?? ScheduleSpec.create()),
    state: { note: notes === "" ? undefined : notes, paused },
  };
}

function toInfo(message: InfoMessage): ScheduleInfo {
  return {
    numActions: message.actionCount,
    numActionsMissedCatchupWindow: message.missedCatchupWindow,
    numActionsSkippedOverlap: message.overlapSkipped,
    runningActions: message.runningWorkflows.map(toActionExecution),
    ...toPastAndFuture(message),
    createdAt: message.createTime && toDate(message.createTime),
    lastUpdatedAt: message.updateTime && toDate(message.updateTime),
  };
}

function toPastAndFuture(
  message: Pick<InfoMessage, "recentActions" | "futureActionTimes">,
): Pick<ScheduleInfo, "recentActions" | "nextActionTimes"> {
  return {
    recentActions: message.recentActions.map(toActionResult),
    nextActionTimes: message.futureActionTimes.map(toDate),
  };
}

function toActionResult(message: ActionResultMessage): ScheduleActionResult {
  const { scheduleTime, actualTime, startWorkflowResult, startWorkflowStatus } = message;
  return {
    scheduledAt: toDate(scheduleTime),
    startedAt: toDate(actualTime),
    action: toActionExecution(startWorkflowResult),
    status: toStatus(startWorkflowStatus),
  };
}

function toActionExecution(
  execution: { readonly workflowId: string; readonly runId: string } | undefined,
): ScheduleActionExecutionStartWorkflow {
  return { workflowId: execution?.workflowId ?? "", firstExecutionRunId: execution?.runId ?? "" };
}

function toDate(timestamp: Timestamp | undefined): Date {
  return new Date(timestamp === undefined ? 0 : toMs(timestamp));
}
