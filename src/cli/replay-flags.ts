import { toDurationMs } from "../core/time/duration.ts";
import { UsageError } from "./cli-error.ts";

/** Flags of `replay` as they come from the command line. */
export interface ReplayFlags {
  readonly workflows: readonly string[];
  readonly history: readonly string[];
  readonly address?: string;
  readonly namespace: string;
  readonly query: string;
  readonly since?: string;
  readonly sample: string;
  readonly apiKey?: string;
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsServerName?: string;
  readonly dataConverter?: string;
  readonly allowEmpty?: boolean;
  readonly json?: boolean;
  readonly junit?: string;
}

/** Where the histories of a service come from. */
export interface ServiceSource {
  readonly address: string;
  /** List filter; empty for all workflows. */
  readonly query: string;
  /** Histories at most. */
  readonly sampleMax: number;
}

/** Most histories that one run of the gate may take from a service. */
const SAMPLE_MAX = 100_000;

/**
 * What the flags say of a service to take histories from; `undefined` if none.
 *
 * @throws {UsageError} If a value is wrong or nothing is said of any history.
 */
export function readServiceSource(flags: ReplayFlags, now: Date): ServiceSource | undefined {
  if (flags.workflows.length === 0) {
    throw new UsageError('Cannot replay: "--workflows" is missing, give a module that defines the workflows');
  }
  if (flags.address === undefined) {
    if (flags.history.length > 0) return undefined;
    throw new UsageError("Cannot replay: neither --address nor --history is given, give at least one");
  }
  return { address: flags.address, query: queryOf(flags, now), sampleMax: readSample(flags.sample) };
}

function queryOf({ query, since }: ReplayFlags, now: Date): string {
  if (since === undefined) return query;
  const started = `StartTime >= "${new Date(now.getTime() - readSince(since)).toISOString()}"`;
  return query.trim() === "" ? started : `(${query}) AND ${started}`;
}

function readSince(text: string): number {
  try {
    return toDurationMs(text);
  } catch (cause) {
    throw new UsageError(`Cannot use flag "--since": found "${text}", expected a duration such as 7d or 12h`, {
      cause,
    });
  }
}

function readSample(text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= SAMPLE_MAX) return count;
  throw new UsageError(`Cannot use flag "--sample": found "${text}", expected a number from 1 to ${SAMPLE_MAX}`);
}
