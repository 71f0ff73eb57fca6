import { expect, test } from "vitest";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import type { Payload } from "../../proto/gen/common.ts";
import { Payload as PayloadType } from "../../proto/gen/common.ts";
import { heartbeatIntervalMs, Heartbeats } from "./heartbeats.ts";

function details(value: number): Payload[] {
  return [PayloadType.create({ data: new Uint8Array([value]) })];
}

function setUp() {
  const clock = new VirtualClock();
  const sent: number[] = [];
  const heartbeats = new Heartbeats({
    intervalMs: 1_000,
    clock,
    send: (payloads) => {
      sent.push(payloads[0]?.data[0] ?? -1);
      return Promise.resolve();
    },
  });
  return { clock, sent, heartbeats };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

test("the first is sent at once, of the rest only the latest after each interval", async () => {
  const { clock, sent, heartbeats } = setUp();
  for (const value of [1, 2, 3]) heartbeats.record(details(value));
  await settle();
  expect(sent).toEqual([1]);
  clock.advanceBy(1_000);
  await settle();
  expect(sent).toEqual([1, 3]);
  clock.advanceBy(5_000);
  heartbeats.record(details(4));
  expect(sent).toEqual([1, 3, 4]);
});

test("closing sends the latest details only if they are to be kept", async () => {
  const { sent, heartbeats } = setUp();
  heartbeats.record(details(1));
  heartbeats.record(details(2));
  await heartbeats.close({ flush: true });
  expect(sent).toEqual([1, 2]);
  heartbeats.record(details(3));
  expect(sent).toEqual([1, 2]);

  const other = setUp();
  other.heartbeats.record(details(1));
  other.heartbeats.record(details(2));
  await other.heartbeats.close({ flush: false });
  expect(other.sent).toEqual([1]);
});

test("the interval is most of the heartbeat timeout, or the default, up to the maximum", () => {
  const throttle = { defaultIntervalMs: 30_000, maxIntervalMs: 60_000 };
  expect(heartbeatIntervalMs(undefined, throttle)).toBe(30_000);
  expect(heartbeatIntervalMs(0, throttle)).toBe(30_000);
  expect(heartbeatIntervalMs(10_000, throttle)).toBe(8_000);
  expect(heartbeatIntervalMs(600_000, throttle)).toBe(60_000);
});
