import type { Payload, Payloads } from "../../proto/gen/common.ts";
import type { Duration, Timestamp } from "../../proto/gen/google/protobuf.ts";
import type { HistoryEvent } from "../../proto/gen/history.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import { fromJsonPayload, fromUtf8, toJsonPayload } from "./json-payload.ts";
import { fromOptionalMs, toMs } from "./proto-time.ts";
import { HistoryError } from "./history-error.ts";

/** Marker that a patch left; the name and the contents are those of the SDKs' shared core. */
export const PATCH_MARKER = "core_patch";
/** Marker that a local activity left. */
export const LOCAL_ACTIVITY_MARKER = "core_local_activity";

/** What a patch's marker says. */
export interface PatchMarker {
  readonly patchId: string;
  readonly deprecated: boolean;
}

/** What a local activity's marker says. Times in milliseconds. */
export interface LocalActivityMarker {
  readonly seq: number;
  readonly attempt: number;
  readonly activityId: string;
  readonly activityType: string;
  readonly completeTimeMs: number | undefined;
  readonly backoffMs: number | undefined;
  readonly originalScheduleTimeMs: number | undefined;
}

/** A local activity's marker with what came of the activity. */
export interface RecordedLocalActivity {
  readonly marker: LocalActivityMarker;
  readonly result: Payload | undefined;
  readonly failure: Failure | undefined;
}

/** Details of a patch's marker. */
export function toPatchDetails({ patchId, deprecated }: PatchMarker): Record<string, Payloads> {
  return { "patch-data": { payloads: [toJsonPayload({ id: patchId, deprecated })] } };
}

/** The patch that a marker event is about, if it is about one. */
export function readPatchMarker({ attributes }: HistoryEvent): PatchMarker | undefined {
  if (attributes?.case !== "markerRecordedEventAttributes" || attributes.value.markerName !== PATCH_MARKER)
    return undefined;
  const { details } = attributes.value;
  const current = details["patch-data"]?.payloads[0];
  if (current !== undefined) {
    const data = toRecord(fromJsonPayload(current));
    return typeof data["id"] === "string"
      ? { patchId: data["id"], deprecated: data["deprecated"] === true }
      : undefined;
  }
  // Old markers hold plain bytes.
  const id = details["patch_id"]?.payloads[0];
  const deprecated = details["deprecated"]?.payloads[0];
  return id === undefined || deprecated === undefined
    ? undefined
    : { patchId: fromUtf8(id.data), deprecated: (deprecated.data[0] ?? 0) !== 0 };
}

/** Details of a local activity's marker. */
export function toLocalActivityDetails(
  marker: LocalActivityMarker,
  result: Payload | undefined,
): Record<string, Payloads> {
  const data = toJsonPayload({
    seq: marker.seq,
    attempt: marker.attempt,
    activity_id: marker.activityId,
    activity_type: marker.activityType,
    complete_time: fromOptionalMs(marker.completeTimeMs) ?? null,
    backoff: fromOptionalMs(marker.backoffMs) ?? null,
    original_schedule_time: fromOptionalMs(marker.originalScheduleTimeMs) ?? null,
  });
  return { data: { payloads: [data] }, ...(result === undefined ? {} : { result: { payloads: [result] } }) };
}

/**
 * The local activity that a marker event is about, if it is about one.
 *
 * @throws {HistoryError} If it is, but cannot be read.
 */
export function readLocalActivityMarker({ eventId, attributes }: HistoryEvent): RecordedLocalActivity | undefined {
  if (attributes?.case !== "markerRecordedEventAttributes" || attributes.value.markerName !== LOCAL_ACTIVITY_MARKER)
    return undefined;
  const { details, failure } = attributes.value;
  const payload = details["data"]?.payloads[0];
  const data = toRecord(payload === undefined ? undefined : fromJsonPayload(payload));
  const { seq, attempt, activity_id: activityId, activity_type: activityType } = data;
  if (typeof seq !== "number" || typeof activityId !== "string" || typeof activityType !== "string")
    throw new HistoryError(
      `Cannot read local activity marker of event ${eventId}: found no "data" with seq, activity_id and activity_type`,
    );
  return {
    marker: {
      seq,
      attempt: typeof attempt === "number" ? attempt : 1,
      activityId,
      activityType,
      completeTimeMs: readTime(data["complete_time"]),
      backoffMs: readTime(data["backoff"]),
      originalScheduleTimeMs: readTime(data["original_schedule_time"]),
    },
    result: failure === undefined ? details["result"]?.payloads[0] : undefined,
    failure,
  };
}

function readTime(value: unknown): number | undefined {
  const { seconds, nanos } = toRecord(value);
  if (typeof seconds !== "number" || typeof nanos !== "number") return undefined;
  return toMs({ seconds, nanos } satisfies Timestamp & Duration);
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
