import type { Memo, Payload, Payloads, Priority } from "../../../proto/gen/common.ts";
import { Memo as MemoCodec, Payloads as PayloadsCodec } from "../../../proto/gen/common.ts";
import { TaskQueueKind } from "../../../proto/gen/enums.ts";
import type { Duration } from "../../../proto/gen/google/protobuf.ts";
import type { TaskQueue } from "../../../proto/gen/taskqueue.ts";
import { toDuration } from "../duration.ts";
import { utf8Length } from "../../text/utf8.ts";
import type { CommandBatch } from "./batch.ts";

const FAIRNESS_KEY_LENGTH_MAX = 64;
/** Task queues of the server's own. */
const RESERVED_TASK_QUEUE_PREFIX = "/_sys/";
/** A hundred years, the longest timeout there is. */
const DURATION_MAX_SECONDS = 100 * 365 * 24 * 3600;

/** Why a duration is not valid, in the service's words. */
export function durationFault(duration: Duration | undefined): string | undefined {
  if (duration === undefined) return undefined;
  const { seconds, nanos } = duration;
  if ((seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0))
    return "duration has seconds and nanos with different signs";
  return seconds < 0 || nanos < 0 ? "negative duration" : undefined;
}

/** A valid duration, cut to the longest there is. */
export function cappedDuration(duration: Duration | undefined): Duration | undefined {
  return duration !== undefined && duration.seconds >= DURATION_MAX_SECONDS
    ? toDuration(DURATION_MAX_SECONDS * 1000)
    : duration;
}

/** Why a priority is not valid, in the service's words. */
export function priorityFault(priority: Priority | undefined): string | undefined {
  if (priority === undefined) return undefined;
  if (priority.priorityKey < 0) return "priority key can't be negative";
  if (utf8Length(priority.fairnessKey) > FAIRNESS_KEY_LENGTH_MAX) return "fairness key length exceeds limit";
  return priority.fairnessWeight < 0 ? "must be greater than zero" : undefined;
}

/** The queue a command names, or by default the workflow's own; a string says why it is not valid. */
export function resolveTaskQueue(
  queue: TaskQueue | undefined,
  defaultName: string,
  lengthMax: number,
): TaskQueue | string {
  if (queue === undefined) return "taskQueue is not set";
  const name = queue.name === "" ? defaultName : queue.name;
  if (name === "") return "missing task queue name";
  if (utf8Length(name) > lengthMax) return "taskQueue length exceeds limit";
  if (name.startsWith(RESERVED_TASK_QUEUE_PREFIX))
    return `task queue name cannot start with reserved prefix ${RESERVED_TASK_QUEUE_PREFIX}`;
  return {
    ...queue,
    name,
    kind: queue.kind === TaskQueueKind.UNSPECIFIED ? TaskQueueKind.NORMAL : queue.kind,
  };
}

/**
 * Why what a command schedules cannot keep to the workflow's build, if it is to: compatible builds are those of one task
 * queue. One that rules have assigned may be anywhere.
 */
export function keptBuildFault(
  { state }: CommandBatch,
  what: string,
  { keepsBuild, queueName }: { readonly keepsBuild: boolean; readonly queueName: string },
): string | undefined {
  if (!keepsBuild || queueName === state.taskQueue) return undefined;
  return state.assignedBuildId !== ""
    ? undefined
    : `${what} with UseCompatibleVersion cannot run on different task queue.`;
}

/** Whether a text is a UUID. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/** Encoded bytes of payloads. Only what is surely small is not encoded to find out. */
export function payloadsExceed(payloads: Payloads | undefined, maxBytes: number): boolean {
  return (
    payloads !== undefined &&
    roughSize(payloads.payloads) > maxBytes / 2 &&
    PayloadsCodec.encode(payloads).length > maxBytes
  );
}

/** Whether a memo is larger than allowed. */
export function memoExceeds(memo: Memo | undefined, maxBytes: number): boolean {
  return (
    memo !== undefined &&
    roughSize(Object.values(memo.fields)) > maxBytes / 2 &&
    MemoCodec.encode(memo).length > maxBytes
  );
}

/** Bytes of data and metadata; keys, tags and lengths come on top. */
function roughSize(payloads: readonly Payload[]): number {
  let size = 0;
  for (const { data, metadata } of payloads) {
    size += data.length + 64;
    for (const key in metadata) size += metadata[key]?.length ?? 0;
  }
  return size;
}
