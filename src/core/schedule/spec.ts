import { utf8Bytes } from "../text/utf8.ts";
import { durationMs, timestampMs } from "../execution/duration.ts";
import type { IntervalSpec, ScheduleSpec } from "../../proto/gen/schedule.ts";
import { compileCalendar, matchesCalendar, matchesUntilMs, nextInCalendar, type Calendar } from "./calendar.ts";
import { CALENDAR_YEARS } from "./calendar-text.ts";
import { farmHash32 } from "./farm-hash.ts";
import { startOfDayMs } from "./time-zone.ts";
import { ZoneOffsets } from "./zone-offset.ts";

// The service gives a spec up that excludes so many of its times in a row: two weeks of seconds.
const EXCLUDED_IN_A_ROW_MAX = 1_209_600;
// So many are counted one by one; by how long they took, the number of those that follow is told without looking at each.
const EXCLUDED_WALKED_MAX = 5_000;
// And so many stretches of excluded times are looked at; a search for longer would hold everything else up.
const EXCLUDED_STRETCHES_MAX = 100_000;
const END_OF_TIME_MS = startOfDayMs(CALENDAR_YEARS.max + 1, 1, 1, "UTC");
/** Seconds from the year 1 to the epoch. */
const EPOCH_SECONDS = 62_135_596_800n;

/** A canonical spec that can be searched. */
export interface CompiledSpec {
  readonly calendars: readonly Calendar[];
  readonly excludes: readonly Calendar[];
  readonly intervals: readonly { readonly intervalSeconds: number; readonly phaseSeconds: number }[];
  readonly startMs: number;
  readonly endMs: number;
  readonly jitterMs: number;
}

/** One time of a schedule, in milliseconds since the epoch. */
export interface ScheduledTime {
  /** As the spec has it. */
  readonly nominalMs: number;
  /** With jitter. */
  readonly actualMs: number;
}

/** Prepares a canonical spec. */
export function compileSpec(spec: ScheduleSpec): CompiledSpec {
  const zone = new ZoneOffsets(spec.timezoneName === "" ? "UTC" : spec.timezoneName);
  return {
    calendars: spec.structuredCalendar.map((calendar) => compileCalendar(calendar, zone)),
    excludes: spec.excludeStructuredCalendar.map((calendar) => compileCalendar(calendar, zone)),
    intervals: spec.interval.map(secondsOf),
    startMs: timestampMs(spec.startTime),
    endMs: spec.endTime === undefined ? Infinity : timestampMs(spec.endTime),
    jitterMs: Math.max(0, durationMs(spec.jitter)),
  };
}

function secondsOf({ interval, phase }: IntervalSpec): CompiledSpec["intervals"][number] {
  return {
    intervalSeconds: Math.max(1, Math.floor(durationMs(interval) / 1000)),
    phaseSeconds: Math.max(0, Math.floor(durationMs(phase) / 1000)),
  };
}

/**
 * The first time after an instant that the spec names and does not exclude; `undefined` if there is none.
 *
 * @param seed Of the jitter, which is the same for the same seed and time; its length must be 10 bytes at least.
 * @throws {RangeError} If too many times in a row are excluded.
 */
export function nextTime(spec: CompiledSpec, seed: string, afterMs: number): ScheduledTime | undefined {
  let nominalMs = nextNominalMs(spec, Math.max(afterMs, spec.startMs - 1000));
  const firstMs = nominalMs ?? 0;
  let walkedMs = 0;
  for (let excluded = 0; nominalMs !== undefined; excluded++) {
    const atMs = nominalMs;
    if (atMs > spec.endMs || atMs >= END_OF_TIME_MS) return undefined;
    const excluding = spec.excludes.find((calendar) => matchesCalendar(calendar, atMs));
    if (excluding === undefined) return { nominalMs: atMs, actualMs: atMs + jitterOf(spec, seed, atMs) };
    if (excluded <= EXCLUDED_WALKED_MAX) walkedMs = atMs - firstMs;
    const all = excluded <= EXCLUDED_WALKED_MAX ? excluded : (EXCLUDED_WALKED_MAX * (atMs - firstMs)) / walkedMs;
    if (all >= EXCLUDED_IN_A_ROW_MAX || excluded >= EXCLUDED_STRETCHES_MAX) {
      throw new RangeError(
        "the schedule calendar specification has too many exclusions. Please modify the specification.",
      );
    }
    // The second before the end of a stretch is excluded as well.
    const beforeMs = excluded < EXCLUDED_WALKED_MAX ? atMs : matchesUntilMs(excluding, atMs) - 1000;
    nominalMs = nextNominalMs(spec, beforeMs);
  }
  return undefined;
}

/** As {@link nextTime}, for those who can do nothing about a spec that excludes too much: for them it has no more times. */
export function nextTimeIfFound(spec: CompiledSpec, seed: string, afterMs: number): ScheduledTime | undefined {
  try {
    return nextTime(spec, seed, afterMs);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function nextNominalMs({ calendars, intervals }: CompiledSpec, afterMs: number): number | undefined {
  let earliestMs = Infinity;
  for (const calendar of calendars) {
    earliestMs = Math.min(earliestMs, nextInCalendar(calendar, afterMs) ?? Infinity);
  }
  const seconds = Math.floor(afterMs / 1000);
  for (const { intervalSeconds, phaseSeconds } of intervals) {
    const next = (Math.trunc((seconds - phaseSeconds) / intervalSeconds) + 1) * intervalSeconds + phaseSeconds;
    earliestMs = Math.min(earliestMs, next * 1000);
  }
  return earliestMs === Infinity ? undefined : earliestMs;
}

/** Jitter never reaches beyond the next time. */
function jitterOf(spec: CompiledSpec, seed: string, nominalMs: number): number {
  if (spec.jitterMs === 0) return 0;
  const followingMs = nextNominalMs(spec, nominalMs) ?? Infinity;
  const maxMs = Math.min(Math.floor(Math.min(spec.jitterMs, followingMs - nominalMs)), 0xffff_ffff);
  return Number((BigInt(farmHash32(jitterKey(seed, nominalMs))) * BigInt(maxMs)) >> 32n);
}

/** The time as Go writes it in binary, in UTC, and the seed. */
function jitterKey(seed: string, nominalMs: number): Uint8Array {
  const seedBytes = utf8Bytes(seed);
  const bytes = new Uint8Array(15 + seedBytes.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setBigInt64(1, BigInt(Math.floor(nominalMs / 1000)) + EPOCH_SECONDS);
  view.setInt16(13, -1);
  bytes.set(seedBytes, 15);
  return bytes;
}
