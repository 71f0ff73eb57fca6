import type {
  ActionRun,
  Backfill,
  BufferedStart,
  CompleteSchedule,
  RecentAction,
  ScheduleState,
} from "../../core/schedule/schedule-state.ts";
import { Payloads } from "../../proto/gen/common.ts";
import { Failure } from "../../proto/gen/failure.ts";
import { DescribeScheduleResponse } from "../../proto/gen/workflowservice.ts";
import type { BlobWrite } from "../store/store.ts";

/** Kind of the blobs that keep schedules. */
export const SCHEDULE_BLOB = "schedule";

/** The part of a state that is JSON as it is. */
interface PlainPart extends Omit<
  ScheduleState,
  "schedule" | "memo" | "searchAttributes" | "lastCompletionResult" | "continuedFailure"
> {
  readonly buffer: readonly BufferedStart[];
  readonly backfills: readonly Backfill[];
  readonly recentActions: readonly RecentAction[];
  readonly running: readonly ActionRun[];
}

/** As it is stored; messages in base64. */
interface StoredSchedule {
  readonly plain: PlainPart;
  /** `DescribeScheduleResponse` with schedule, memo and search attributes. */
  readonly definition: string;
  readonly lastCompletionResult?: string;
  readonly continuedFailure?: string;
}

/** The definitions as they were written last: starts, which come time and again, leave them as they are. */
const definitions = new WeakMap<
  CompleteSchedule,
  Pick<ScheduleState, "memo" | "searchAttributes"> & { text: string }
>();

/** The actions as they were written last: of the ten that are remembered, a start adds one. */
const actionTexts = new WeakMap<RecentAction, string>();

/** Name of a schedule's blob. */
export function scheduleBlobId({ namespaceId, scheduleId }: Pick<ScheduleState, "namespaceId" | "scheduleId">): string {
  return `${namespaceId}/${scheduleId}`;
}

/** The write that makes a schedule's state durable. */
export function scheduleWrite(state: ScheduleState): BlobWrite {
  const {
    schedule: _schedule,
    memo: _memo,
    searchAttributes: _searchAttributes,
    lastCompletionResult,
    continuedFailure,
    recentActions,
    ...plain
  } = state;
  const others: Omit<StoredSchedule, "plain"> = {
    definition: definitionOf(state),
    ...(lastCompletionResult === undefined
      ? {}
      : { lastCompletionResult: toText(Payloads.encode(lastCompletionResult)) }),
    ...(continuedFailure === undefined ? {} : { continuedFailure: toText(Failure.encode(continuedFailure)) }),
  };
  const actions = `{"recentActions":[${recentActions.map(actionText).join(",")}]`;
  const text = `{"plain":${actions},${JSON.stringify(plain).slice(1)},${JSON.stringify(others).slice(1)}`;
  return { kind: SCHEDULE_BLOB, id: scheduleBlobId(state), value: Buffer.from(text) };
}

function actionText(action: RecentAction): string {
  let text = actionTexts.get(action);
  if (text === undefined) actionTexts.set(action, (text = JSON.stringify(action)));
  return text;
}

function definitionOf({ schedule, memo, searchAttributes }: ScheduleState): string {
  const known = definitions.get(schedule);
  if (known !== undefined && known.memo === memo && known.searchAttributes === searchAttributes) return known.text;
  const text = toText(
    DescribeScheduleResponse.encode({
      schedule,
      memo: { fields: memo },
      searchAttributes: { indexedFields: searchAttributes },
    }),
  );
  definitions.set(schedule, { memo, searchAttributes, text });
  return text;
}

/** Undoes {@link scheduleWrite}. */
export function decodeSchedule(value: Uint8Array): ScheduleState {
  const stored = JSON.parse(Buffer.from(value).toString("utf8")) as StoredSchedule;
  const { lastCompletionResult, continuedFailure } = stored;
  const { schedule, memo, searchAttributes } = DescribeScheduleResponse.decode(fromText(stored.definition));
  return {
    ...stored.plain,
    schedule: schedule as CompleteSchedule,
    memo: memo?.fields ?? {},
    searchAttributes: searchAttributes?.indexedFields ?? {},
    lastCompletionResult:
      lastCompletionResult === undefined ? undefined : Payloads.decode(fromText(lastCompletionResult)),
    continuedFailure: continuedFailure === undefined ? undefined : Failure.decode(fromText(continuedFailure)),
  };
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function fromText(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
