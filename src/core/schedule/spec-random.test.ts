import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ScheduleSpec } from "../../proto/gen/schedule.ts";
import type { Init } from "../../proto/message.ts";
import { compileSpec, nextTimeIfFound } from "./spec.ts";
import { canonicalSpec } from "./spec-canonical.ts";

const SEED = "00000000-0000-4000-8000-000000000001-schedule";

/** What fields are made of, in any order: most are refused, many are not. */
const piece = fc.constantFrom(
  "*",
  "/",
  "-",
  ",",
  "0",
  "1",
  "5",
  "12",
  "59",
  "2024",
  "MON",
  "feb",
  " ",
  "?",
  "L",
  "#",
  "@",
  "é",
);
const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("*", "", "0", "*/7", "1-5", "3,4", "1-30/9") },
  { weight: 1, arbitrary: fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("")) },
);
const cron = fc.oneof(
  fc.array(text, { minLength: 4, maxLength: 8 }).map((fields) => fields.join(" ")),
  fc.tuple(fc.constantFrom("CRON_TZ=", "TZ=", "@every ", "@"), text).map(([start, rest]) => start + rest),
  fc.string(),
);
const seconds = fc.record({
  seconds: fc.integer({ min: -10, max: 4_000_000_000 }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
});
const span = fc.record({ seconds: fc.integer({ min: -1, max: 100_000 }), nanos: fc.constantFrom(0, 1, 500_000_000) });
const calendar = fc.record({
  second: text,
  minute: text,
  hour: text,
  dayOfMonth: text,
  month: text,
  year: text,
  dayOfWeek: text,
});
const range = fc.record({
  start: fc.integer({ min: -1, max: 61 }),
  end: fc.integer({ min: -1, max: 61 }),
  step: fc.integer({ min: -1, max: 9 }),
});
const ranges = fc.array(range, { maxLength: 2 });
const structured = fc.record({
  second: ranges,
  minute: ranges,
  hour: ranges,
  dayOfMonth: ranges,
  month: ranges,
  dayOfWeek: ranges,
});
const spec: fc.Arbitrary<Init<ScheduleSpec>> = fc.record(
  {
    cronString: fc.array(cron, { maxLength: 2 }),
    calendar: fc.array(calendar, { maxLength: 2 }),
    structuredCalendar: fc.array(structured, { maxLength: 2 }),
    excludeCalendar: fc.array(calendar, { maxLength: 1 }),
    interval: fc.array(fc.record({ interval: span, phase: span }), { maxLength: 2 }),
    startTime: seconds,
    endTime: seconds,
    jitter: span,
    timezoneName: fc.constantFrom("", "UTC", "Europe/Dublin", "Australia/Lord_Howe", "Nowhere/Land"),
  },
  { requiredKeys: [] },
);

/** The canonical spec; `undefined` if it is refused, which must be in words. */
function accepted(init: Init<ScheduleSpec>): ScheduleSpec | undefined {
  try {
    return canonicalSpec(ScheduleSpec.create(init));
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toHaveProperty("message", expect.stringMatching(/\S/));
    return undefined;
  }
}

test("any spec is refused in words, or has times that go on, within its bounds, and stays as it is when it is read again", () => {
  fc.assert(
    fc.property(spec, fc.integer({ min: 0, max: 4_000_000_000_000 }), (init, startMs) => {
      const canonical = accepted(init);
      if (canonical === undefined) return;
      expect(canonicalSpec(canonical)).toEqual(canonical);
      const compiled = compileSpec(canonical);
      let afterMs = startMs;
      for (let count = 0; count < 5; count += 1) {
        const next = nextTimeIfFound(compiled, SEED, afterMs);
        if (next === undefined) return;
        expect(next.nominalMs).toBeGreaterThan(afterMs - 1);
        expect(next.nominalMs).toBeLessThanOrEqual(compiled.endMs);
        expect(next.actualMs - next.nominalMs).toBeGreaterThanOrEqual(0);
        expect(next.actualMs - next.nominalMs).toBeLessThanOrEqual(compiled.jitterMs);
        afterMs = next.actualMs;
      }
    }),
    { numRuns: 300 },
  );
});

test("names that every object has are no cron strings", () => {
  for (const name of ["toString", "constructor", "__proto__", "@toString"]) {
    expect(() => canonicalSpec(ScheduleSpec.create({ cronString: [name] }))).toThrow(
      "CronString does not have 5-7 fields",
    );
  }
});
