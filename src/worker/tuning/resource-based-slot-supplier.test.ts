import { expect, test } from "vitest";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { OptionsError } from "../worker-error.ts";
import { ResourceBasedSlotSupplier, type ResourceSlotOptions } from "./resource-based-slot-supplier.ts";
import { createHostUsage } from "./resource-usage.ts";

const targets = { targetMemoryUsage: 0.8, targetCpuUsage: 0.9 };

function setUp(options: ResourceSlotOptions) {
  const clock = new VirtualClock();
  const load = { cpu: 0.1, memory: 0.1 };
  const usage = { cpu: () => load.cpu, memory: () => load.memory };
  return { clock, load, supplier: new ResourceBasedSlotSupplier({ targets, usage, clock }, options) };
}

function take(supplier: ResourceBasedSlotSupplier, count: number): number {
  return Array.from({ length: count }, () => supplier.tryReserveSlot()).filter((permit) => permit !== undefined).length;
}

test("the minimum is handed out whatever the usage, more only while there is room", () => {
  const { supplier, load } = setUp({ minimumSlots: 2, maximumSlots: 5, rampThrottle: 0 });
  load.memory = 0.99;
  expect(take(supplier, 9)).toBe(2);
  load.memory = 0.1;
  expect(take(supplier, 9)).toBe(3);
  load.cpu = 0.95;
  supplier.releaseSlot();
  expect(take(supplier, 9)).toBe(0);
});

test("slots above the minimum come one after the other", () => {
  const { supplier, clock } = setUp({ minimumSlots: 1, rampThrottle: "50ms" });
  expect(take(supplier, 9)).toBe(1);
  clock.advanceBy(50);
  expect(take(supplier, 9)).toBe(1);
});

test("who waits gets a slot once there is room", async () => {
  const { supplier, clock, load } = setUp({ minimumSlots: 0, rampThrottle: 0 });
  load.cpu = 1;
  const { signal } = new AbortController();
  let granted = false;
  const waiting = supplier.reserveSlot({} as never, signal).then(() => (granted = true));
  clock.advanceBy(100);
  await Promise.resolve();
  expect(granted).toBe(false);
  load.cpu = 0;
  clock.advanceToNext();
  await waiting;
  expect(granted).toBe(true);
});

test("limits and targets that do not fit are refused", () => {
  expect(() => setUp({ minimumSlots: 5, maximumSlots: 2 })).toThrow(OptionsError);
  const usage = createHostUsage(new VirtualClock());
  const wrong = { targetMemoryUsage: 1.2, targetCpuUsage: 0.5 };
  expect(() => new ResourceBasedSlotSupplier({ targets: wrong, usage, clock: new VirtualClock() })).toThrow(
    /targetMemoryUsage 1.2/,
  );
});

test("the computer's usage is between nothing and all", () => {
  const usage = createHostUsage(new VirtualClock());
  expect(usage.memory()).toBeGreaterThan(0);
  expect(usage.memory()).toBeLessThan(1);
  expect(usage.cpu()).toBe(0);
});
