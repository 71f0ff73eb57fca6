import { expect, test } from "vitest";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { CircuitBreakers, throughBreaker, type BreakerSettings, type Destination } from "./circuit-breakers.ts";

const a: Destination = { sort: "start", namespaceId: "n", target: "a" };
const usual: BreakerSettings = { probesMax: 1, forgetAfterMs: 0, openMs: 60_000 };

function create(settings: Partial<BreakerSettings> = {}): { clock: VirtualClock; breakers: CircuitBreakers } {
  const clock = new VirtualClock(0);
  return { clock, breakers: new CircuitBreakers(clock, { ...usual, ...settings }) };
}

async function fail(breakers: CircuitBreakers, times: number, destination = a): Promise<void> {
  for (let failures = 0; failures < times; failures++) (await breakers.enter(destination)).report(true);
}

test("a destination that fails again and again is left alone for a while, then tried once", async () => {
  const { clock, breakers } = create();
  await fail(breakers, 6);
  expect(breakers.isOpen(a)).toBe(true);
  const entered: string[] = [];
  const first = breakers.enter(a).then((pass) => {
    entered.push("first");
    return pass;
  });
  const second = breakers.enter(a).then(() => entered.push("second"));
  clock.advanceBy(60_000);
  const pass = await first;
  expect(entered).toEqual(["first"]);
  expect(breakers.isOpen(a)).toBe(true);
  pass.report(false);
  await second;
  expect(breakers.isOpen(a)).toBe(false);
});

test("sorts of requests, namespaces and targets have breakers of their own", async () => {
  const { breakers } = create();
  await fail(breakers, 6);
  const others: Destination[] = [
    { ...a, sort: "cancel" },
    { ...a, sort: "standaloneStart" },
    { ...a, namespaceId: "other" },
    { ...a, target: "b" },
  ];
  expect([a, ...others].map((each) => breakers.isOpen(each))).toEqual([true, false, false, false, false]);
});

test("a success in between begins the count anew", async () => {
  const { breakers } = create();
  await fail(breakers, 5);
  (await breakers.enter(a)).report(false);
  await fail(breakers, 5);
  expect(breakers.isOpen(a)).toBe(false);
});

test("what was under way when a breaker opened neither closes it nor keeps it open for longer", async () => {
  const { clock, breakers } = create();
  const early = await breakers.enter(a);
  const late = await breakers.enter(a);
  await fail(breakers, 6);
  early.report(false);
  expect(breakers.isOpen(a)).toBe(true);
  clock.advanceBy(59_999);
  late.report(true);
  clock.advanceBy(1);
  (await breakers.enter(a)).report(false);
  expect(breakers.isOpen(a)).toBe(false);
});

test("a probe that fails opens the breaker again, and so does one that throws", async () => {
  const { clock, breakers } = create();
  await fail(breakers, 6);
  for (const probe of [
    async () => ({ kind: "retry" }),
    async () => {
      throw new Error("no answer");
    },
  ]) {
    clock.advanceBy(60_000);
    await throughBreaker(await breakers.enter(a), probe).catch(() => undefined);
    const waiting = Promise.race([breakers.enter(a).then(() => "through"), Promise.resolve("held back")]);
    expect(await waiting).toBe("held back");
  }
});

test("settings say how many probes there are, when failures are forgotten and how long a breaker is open", async () => {
  const { clock, breakers } = create({ probesMax: 2, forgetAfterMs: 1_000, openMs: 5_000 });
  await fail(breakers, 5);
  clock.advanceBy(1_000);
  await fail(breakers, 5);
  expect(breakers.isOpen(a)).toBe(false);
  await fail(breakers, 1);
  expect(breakers.isOpen(a)).toBe(true);
  clock.advanceBy(5_000);
  const probes = [await breakers.enter(a), await breakers.enter(a)];
  probes[0]?.report(false);
  expect(breakers.isOpen(a)).toBe(true);
  probes[1]?.report(false);
  expect(breakers.isOpen(a)).toBe(false);
});
