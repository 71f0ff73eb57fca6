import { offsetMs } from "./time-zone.ts";

const DAY_MS = 86_400_000;
const DAYS_KEPT_MAX = 20_000;

/** How the offset of a zone goes through one day, counted in UTC. */
interface ZoneDay {
  readonly before: number;
  readonly changeMs: number;
  readonly after: number;
}

/**
 * A time zone whose offsets are looked up once for each day.
 *
 * Asking the host for an offset takes microseconds, and a search through a calendar asks for thousands. A zone is
 * taken to change its offset no more than once a day.
 */
export class ZoneOffsets {
  readonly #timeZone: string;
  readonly #days = new Map<number, ZoneDay>();

  /** @param timeZone An IANA name. */
  constructor(timeZone: string) {
    this.#timeZone = timeZone;
  }

  /** How far clocks are ahead of UTC at an instant, both in milliseconds. */
  offsetMs(atMs: number): number {
    if (this.#timeZone === "UTC") return 0;
    const day = Math.floor(atMs / DAY_MS);
    let found = this.#days.get(day);
    if (found === undefined) {
      found = this.#look(day * DAY_MS);
      if (this.#days.size >= DAYS_KEPT_MAX) this.#days.clear();
      this.#days.set(day, found);
    }
    return atMs < found.changeMs ? found.before : found.after;
  }

  /**
   * The instant at which clocks show `localMs`, counted as if they showed UTC, where they show it twice or not at all
   * as Go has it, in which the service is written: by the offset in force at what would be the instant with the offset
   * that is found first.
   */
  instantMs(localMs: number): number {
    return localMs - this.offsetMs(localMs - this.offsetMs(localMs));
  }

  #look(startMs: number): ZoneDay {
    const endMs = startMs + DAY_MS;
    const before = offsetMs(startMs, this.#timeZone);
    const after = offsetMs(endMs - 1000, this.#timeZone);
    if (before === after) return { before, changeMs: endMs, after };
    let [lowMs, highMs] = [startMs, endMs - 1000];
    while (highMs - lowMs > 1000) {
      const middleMs = Math.floor((lowMs + highMs) / 2000) * 1000;
      if (offsetMs(middleMs, this.#timeZone) === before) lowMs = middleMs;
      else highMs = middleMs;
    }
    return { before, changeMs: highMs, after };
  }
}
