import { seededRandom } from "../../server/index.ts";

/** How likely each fault is wherever it could happen, from 0 to 1. */
export interface FaultRates {
  /** The worker dies, with all that it holds in memory, and another takes its place. @default 0.05 */
  readonly workerCrash: number;
  /** The worker begins its life with a cache for no workflow, so that each task replays the whole history. @default 0.2 */
  readonly noCache: number;
  /** The server dies and comes back with what was durable. @default 0.03 */
  readonly serverRestart: number;
  /** The end of an activity is never reported, although what it did is done. @default 0.1 */
  readonly lostCompletion: number;
  /** The end of an activity is reported twice. @default 0.05 */
  readonly repeatedCompletion: number;
  /** The end of an activity is reported late, perhaps after its timeout. @default 0.05 */
  readonly lateCompletion: number;
  /** A heartbeat is lost. @default 0.1 */
  readonly lostHeartbeat: number;
  /** The answer to a workflow task comes too late to be taken: the task has timed out. @default 0.05 */
  readonly lostWorkflowTask: number;
  /** A signal, an update or a request to cancel arrives late, so that others may overtake it. @default 0.1 */
  readonly lateMessage: number;
}

/** A fault by its kind. */
export type FaultKind = keyof FaultRates;

/** Rates that find common mistakes in some tens of runs. */
export const defaultFaultRates: FaultRates = {
  workerCrash: 0.05,
  noCache: 0.2,
  serverRestart: 0.03,
  lostCompletion: 0.1,
  repeatedCompletion: 0.05,
  lateCompletion: 0.05,
  lostHeartbeat: 0.1,
  lostWorkflowTask: 0.05,
  lateMessage: 0.1,
};

/** What a {@link FaultPlan} is made of. */
export interface FaultPlanOptions {
  readonly seed: number;
  readonly rates: FaultRates;
  /** Faults of one run at most, so that every run comes to an end. */
  readonly faultsMax: number;
  /** Only these happen, by their names. @default what the seed says */
  readonly only?: readonly string[] | undefined;
}

/**
 * Decides what goes wrong where.
 *
 * Each decision hangs on the seed and on the place's name alone, so that taking one fault away changes no other.
 */
export class FaultPlan {
  readonly #options: FaultPlanOptions;
  readonly #visits = new Map<string, number>();
  readonly #struck: string[] = [];

  constructor(options: FaultPlanOptions) {
    this.#options = options;
  }

  /** Names of the faults that happened, in order. */
  get struck(): readonly string[] {
    return this.#struck;
  }

  /** Names a place, which gets a new number at each visit. */
  visit(place: string): string {
    const count = (this.#visits.get(place) ?? 0) + 1;
    this.#visits.set(place, count);
    return `${place} #${count}`;
  }

  /** Whether a fault happens at a visited place. */
  strikes(kind: FaultKind, place: string): boolean {
    const { rates, faultsMax, only } = this.#options;
    const name = `${kind} at ${place}`;
    const strikes =
      only === undefined ? this.#struck.length < faultsMax && this.#number(name) < rates[kind] : only.includes(name);
    if (strikes) this.#struck.push(name);
    return strikes;
  }

  /** A duration up to some milliseconds, for a fault that takes time; short ones are as likely as long ones. */
  delayMs(kind: FaultKind, place: string, delayMaxMs: number): number {
    return Math.ceil(delayMaxMs ** this.#number(`delay of ${kind} at ${place}`));
  }

  #number(name: string): number {
    // FNV-1a spreads names that differ in one digit over all numbers.
    let hash = 0x811c9dc5;
    for (const char of name) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
    return seededRandom((hash ^ Math.imul(this.#options.seed, 0x9e3779b1)) >>> 0)();
  }
}
