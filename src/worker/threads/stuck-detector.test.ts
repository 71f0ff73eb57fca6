import { expect, test } from "vitest";
import { createHeartbeat, HeartbeatWriter, readBeat } from "./heartbeat.ts";
import { StuckDetector } from "./stuck-detector.ts";

const idle = { turn: 4, isBusy: false, run: 1 };
const busy = { turn: 5, isBusy: true, run: 1 };

test("a turn is stuck once it has been seen for the whole limit", () => {
  const detector = new StuckDetector(1_000, 500);
  expect([
    detector.look(busy, 400),
    detector.look(busy, 400),
    detector.look(busy, 400),
    detector.look(busy, 400),
  ]).toEqual([false, false, false, true]);
});

test("every new turn, and every rest, begins the count anew", () => {
  const detector = new StuckDetector(1_000, 500);
  const looks = [busy, busy, busy, { ...busy, turn: 7 }, { ...busy, turn: 7 }, idle, busy, busy, busy];
  expect(looks.map((beat) => detector.look(beat, 450))).toEqual(looks.map(() => false));
});

test("a watcher that was held up itself blames nobody for it", () => {
  const detector = new StuckDetector(1_000, 500);
  expect([detector.look(busy, 400), detector.look(busy, 60_000), detector.look(busy, 60_000)]).toEqual([
    false,
    false,
    true,
  ]);
});

test("a heartbeat tells which run is at work, and inner turns are part of the outer one", () => {
  const memory = createHeartbeat();
  const writer = new HeartbeatWriter(memory);
  expect(readBeat(memory)).toEqual({ turn: 0, isBusy: false, run: 0 });
  writer.turn(7, () => {
    expect(readBeat(memory)).toEqual({ turn: 1, isBusy: true, run: 7 });
    writer.turn(8, () => expect(readBeat(memory)).toEqual({ turn: 1, isBusy: true, run: 7 }));
    expect(readBeat(memory).isBusy).toBe(true);
  });
  expect(() =>
    writer.turn(9, () => {
      throw new Error("thrown");
    }),
  ).toThrow("thrown");
  expect(readBeat(memory)).toEqual({ turn: 4, isBusy: false, run: 9 });
});
