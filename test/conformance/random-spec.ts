import { Chance } from "./chance.ts";
import type { ScheduleSpec } from "../../src/proto/gen/schedule.ts";
import type { Init } from "../../src/proto/message.ts";

const ZONES = [
  "",
  "UTC",
  "America/New_York",
  "Europe/Berlin",
  "Australia/Lord_Howe",
  "America/Sao_Paulo",
  "Asia/Kolkata",
  "Pacific/Apia",
  "Africa/Cairo",
  "America/St_Johns",
  "Asia/Beirut",
  "Atlantic/Azores",
  "America/Havana",
  "Europe/Dublin",
  "Africa/Casablanca",
  "Asia/Kathmandu",
  "Antarctica/Troll",
  "Etc/GMT+5",
  "EST5EDT",
];

/** Days on which clocks change somewhere, and some on which years or months do. */
const DAYS_MS = [
  Date.UTC(2026, 2, 6),
  Date.UTC(2026, 2, 27),
  Date.UTC(2026, 2, 29),
  Date.UTC(2026, 3, 3),
  Date.UTC(2026, 8, 4),
  Date.UTC(2026, 9, 23),
  Date.UTC(2026, 9, 30),
  Date.UTC(2011, 11, 28),
  Date.UTC(2025, 2, 28),
  Date.UTC(2025, 9, 24),
  Date.UTC(2026, 1, 13),
  Date.UTC(2000, 1, 27),
  Date.UTC(2017, 9, 13),
  Date.UTC(2018, 1, 15),
  Date.UTC(2024, 1, 26),
  Date.UTC(2027, 0, 1),
];

/** A spec and the span of time, in seconds, in which its times are asked for. */
export interface RandomSpec {
  readonly spec: Init<ScheduleSpec>;
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/**
 * Makes schedule specs by chance: nearly all valid, most of them around the days on which clocks change. None excludes
 * all its times, over which the service would search for minutes.
 */
export class RandomSpecs {
  readonly #chance: Chance;

  /** @param random A number of at least 0 and less than 1. */
  constructor(random: () => number) {
    this.#chance = new Chance(random);
  }

  next(): RandomSpec {
    const fromSeconds = this.#chance.pick(DAYS_MS) / 1000 + this.#chance.int(-40_000, 40_000);
    const toSeconds = fromSeconds + 86_400 * this.#chance.int(1, 40);
    return { spec: this.#spec(fromSeconds), fromSeconds, toSeconds };
  }

  #spec(fromSeconds: number): Init<ScheduleSpec> {
    const timezoneName = this.#chance.happens(0.05) ? "Nowhere/Land" : this.#chance.pick(ZONES);
    const parts = Array.from({ length: this.#chance.int(1, 2) }, () => this.#part());
    return {
      timezoneName,
      ...Object.assign({}, ...parts),
      ...(this.#chance.happens(0.2) && {
        excludeCalendar: [{ hour: `${this.#chance.int(0, 9)}-${this.#chance.int(10, 20)}`, minute: "*", second: "*" }],
      }),
      ...(this.#chance.happens(0.1) && { excludeStructuredCalendar: [this.#structured()] }),
      ...(this.#chance.happens(0.1) && { excludeCalendar: [this.#day()] }),
      ...(this.#chance.happens(0.2) && {
        startTime: {
          seconds: fromSeconds + this.#chance.int(0, 86_400 * 20),
          nanos: this.#chance.pick([0, 500_000_000]),
        },
      }),
      ...(this.#chance.happens(0.2) && {
        endTime: { seconds: fromSeconds + this.#chance.int(86_400 * 5, 86_400 * 60), nanos: 0 },
      }),
      ...(this.#chance.happens(0.5) && {
        jitter: { seconds: this.#chance.int(0, 5000), nanos: this.#chance.pick([0, 250_000_000]) },
      }),
    };
  }

  #part(): Init<ScheduleSpec> {
    const kind = this.#chance.int(0, 3);
    if (kind === 0) return { cronString: [this.#cron()] };
    if (kind === 1) return { calendar: [this.#calendar()] };
    if (kind === 2) return { structuredCalendar: [this.#structured()] };
    const seconds = this.#chance.int(1, 200_000);
    const phase = this.#chance.happens(0.05) ? seconds : this.#chance.int(0, seconds - 1);
    return { interval: [{ interval: { seconds, nanos: 0 }, phase: { seconds: phase, nanos: 0 } }] };
  }

  #cron(): string {
    if (this.#chance.happens(0.1)) {
      return this.#chance.pick([
        "@hourly",
        "@daily",
        "@weekly",
        "@monthly",
        "@yearly",
        "@every 90m",
        "@every 14h/3h",
        "@every x",
        "@every 1h30m/15m",
        "@Daily",
        "@midnight",
        "@annually",
        "@never",
        "",
        "1 2 3",
      ]);
    }
    const zone = this.#chance.happens(0.1)
      ? `${this.#chance.pick(["CRON_TZ", "TZ"])}=${this.#chance.pick(ZONES)} `
      : "";
    const day = this.#chance.happens(0.5) ? "*" : this.#field(1, 31);
    const fields = [this.#field(0, 59), this.#field(0, 23), day, this.#month(), this.#weekday()];
    if (this.#chance.happens(0.2)) fields.push(this.#chance.pick(["*", "2024", "2024-2030", "2023/2"]));
    // Seven fields begin with the seconds.
    if (fields.length === 6 && this.#chance.happens(0.3)) fields.unshift(this.#field(0, 59));
    if (this.#chance.happens(0.1)) fields.push("# a comment");
    return zone + fields.join(" ");
  }

  #calendar(): NonNullable<Init<ScheduleSpec>["calendar"]>[number] {
    return {
      ...(this.#chance.happens(0.3) && { second: this.#field(0, 59) }),
      ...(this.#chance.happens(0.6) && { minute: this.#field(0, 59) }),
      ...(this.#chance.happens(0.6) && { hour: this.#field(0, 23) }),
      ...(this.#chance.happens(0.3) && { dayOfMonth: this.#field(1, 31) }),
      ...(this.#chance.happens(0.3) && { month: this.#month() }),
      ...(this.#chance.happens(0.4) && { dayOfWeek: this.#weekday() }),
      ...(this.#chance.happens(0.1) && {
        year: this.#chance.pick(["*", "2024,2026", "2010-2030/4", "2011/1", "1999"]),
      }),
      ...(this.#chance.happens(0.1) && { comment: "of a calendar" }),
    };
  }

  /** Excludes whole days, so that times remain. */
  #day(): NonNullable<Init<ScheduleSpec>["calendar"]>[number] {
    const always = { second: "*", minute: "*", hour: "*" };
    return this.#chance.happens(0.5)
      ? { ...always, dayOfWeek: this.#chance.pick(["sat,sun", "0", "MON-WED", "6-7"]) }
      : {
          ...always,
          dayOfMonth: this.#chance.pick(["29", "31", "1-7", "*/2"]),
          month: this.#chance.pick(["2", "*", "feb,mar"]),
        };
  }

  #structured(): NonNullable<Init<ScheduleSpec>["structuredCalendar"]>[number] {
    return {
      second: [this.#range(0, 59)],
      minute: [this.#range(0, 59)],
      hour: [this.#range(0, 23), this.#range(0, 23)],
      dayOfMonth: [this.#range(1, 31)],
      month: [{ start: 1, end: 12 }],
      dayOfWeek: [{ start: 0, end: 6 }],
    };
  }

  #range(least: number, most: number): { start: number; end: number; step: number } {
    const start = this.#chance.int(least, most);
    const end = this.#chance.happens(0.5) ? this.#chance.int(start, most) : 0;
    return { start, end, step: this.#chance.happens(0.4) ? this.#chance.int(1, 5) : 0 };
  }

  #weekday(): string {
    if (this.#chance.happens(0.4)) return "*";
    if (this.#chance.happens(0.5)) return this.#field(0, 7);
    return this.#chance.pick(["MON", "tue-FRI", "Sun", "sat,sunday", "7", "5-7", "1-7/2", "3-7/3"]);
  }

  #month(): string {
    if (this.#chance.happens(0.5)) return "*";
    return this.#chance.happens(0.5)
      ? this.#field(1, 12)
      : this.#chance.pick(["JAN", "mar-Nov", "november", "oct,nov"]);
  }

  #field(least: number, most: number): string {
    return this.#chance.happens(0.3)
      ? `${this.#fieldPart(least, most)},${this.#fieldPart(least, most)}`
      : this.#fieldPart(least, most);
  }

  #fieldPart(least: number, most: number): string {
    const first = this.#chance.int(least, most);
    const last = this.#chance.int(first, most);
    // One in a hundred is out of bounds, which both have to refuse in the same words.
    const single = this.#chance.happens(0.03) ? most + 1 : first;
    return this.#chance.pick([
      "*",
      `*/${this.#chance.int(1, 7)}`,
      `${first}-${last}`,
      `${first}/${this.#chance.int(1, 7)}`,
      `${first}-${last}/${this.#chance.int(1, 5)}`,
      `${single}`,
    ]);
  }
}
