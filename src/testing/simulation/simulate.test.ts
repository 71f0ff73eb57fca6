import { expect, test } from "vitest";
import { PaymentSaga, type OrderActivities } from "./saga.workflows.ts";
import { simulate, type SimulationOptions } from "./simulate.ts";
import { SimulationError, SimulationStuckError } from "./simulation-error.ts";

/** Money and goods of one run. */
class Shop {
  readonly charges: string[] = [];
  readonly refunds = new Set<string>();
  readonly shipped = new Set<string>();
}

function activitiesOf(shop: Shop): OrderActivities {
  return {
    async charge(key) {
      if (!shop.charges.includes(key)) shop.charges.push(key);
    },
    async ship(key) {
      shop.shipped.add(key);
    },
    async refund(key) {
      shop.refunds.add(key);
    },
  };
}

const orders: SimulationOptions<Shop, readonly string[]> = {
  workflows: [PaymentSaga],
  state: () => new Shop(),
  activities: activitiesOf,
  scenario: async ({ client, taskQueue }) => {
    const one = await client.startWorkflow(PaymentSaga, { args: ["one"], id: "one", taskQueue });
    const two = await client.startWorkflow(PaymentSaga, { args: ["two"], id: "two", taskQueue });
    await Promise.all([one.signal("packed"), two.signal("cancel")]);
    return Promise.all([one.result(), two.result()]);
  },
  invariants: {
    "orders end as they should": ({ result }) => expect(result).toEqual(["shipped", "refunded"]),
    "nobody is charged twice": ({ state }) => expect(state.charges.length).toBe(new Set(state.charges).size),
    "what is refunded is not shipped": ({ state }) =>
      expect([...state.refunds].filter((key) => state.shipped.has(key))).toEqual([]),
  },
};

async function failureOf<S, R>(options: SimulationOptions<S, R>): Promise<SimulationError> {
  const error: unknown = await simulate(options).catch((failure: unknown) => failure);
  if (error instanceof SimulationError) return error;
  throw new Error(`Simulation found nothing: ${String(error)}`);
}

test("a sound saga keeps its invariants whatever goes wrong", async () => {
  const { faults } = await simulate({ ...orders, seed: 1, runs: 20 });
  expect(Object.keys(faults).toSorted()).toEqual(
    expect.arrayContaining([
      "lateMessage",
      "lostCompletion",
      "lostWorkflowTask",
      "noCache",
      "serverRestart",
      "workerCrash",
    ]),
  );
}, 60_000);

test("a charge without a key is found, by one fault and a seed that shows it again", async () => {
  const careless: SimulationOptions<Shop, readonly string[]> = {
    ...orders,
    activities: (shop) => ({ ...activitiesOf(shop), charge: async (key: string) => void shop.charges.push(key) }),
  };
  const { failure, message } = await failureOf({ ...careless, seed: 1 });
  expect(failure.invariant).toBe("nobody is charged twice");
  expect(failure.faults).toHaveLength(1);
  expect(message).toContain(`seed: ${failure.seed}, runs: 1, only: ${JSON.stringify(failure.faults)}`);
  const again = await failureOf({ ...careless, seed: failure.seed, runs: 1 });
  expect(again.message).toBe(message);
  const alone = await failureOf({ ...careless, seed: failure.seed, runs: 1, only: failure.faults });
  expect(alone.failure).toEqual(failure);
  await simulate({ ...careless, seed: failure.seed, runs: 1, only: [] });
}, 60_000);

test("a saga that takes silence for failure is found to ship what it refunds", async () => {
  const { failure } = await failureOf({
    ...orders,
    scenario: async ({ client, taskQueue }) => {
      const hasty = await client.startWorkflow(PaymentSaga, { args: ["one", "hasty"], id: "one", taskQueue });
      await hasty.signal("packed");
      return [await hasty.result(), "refunded"];
    },
    invariants: {
      "what is refunded is not shipped": orders.invariants?.["what is refunded is not shipped"] ?? (() => undefined),
    },
    seed: 1,
  });
  expect(failure.faults).toHaveLength(1);
  expect(failure.faults[0]).toMatch(/Completion at end of activity "ship" #1$/);
}, 60_000);

test("what must always hold is asked at every step, and time passes at once", async () => {
  const seen = new Set<number>();
  await simulate({
    ...orders,
    scenario: async ({ client, taskQueue, now, sleep }) => {
      const from = now().getTime();
      const never = await client.startWorkflow(PaymentSaga, { args: ["one"], id: "one", taskQueue });
      await sleep("10 days");
      expect(await never.result()).toBe("refunded");
      expect(now().getTime() - from).toBeGreaterThanOrEqual(30 * 86_400_000);
      return [];
    },
    invariants: {},
    always: {
      "charges never shrink": ({ state }) => {
        seen.add(state.charges.length);
      },
    },
    seed: 3,
    runs: 2,
  });
  expect(seen).toContain(1);
}, 60_000);

test("a scenario that waits for what never comes is told so", async () => {
  const { cause, failure } = await failureOf({
    ...orders,
    scenario: async () => new Promise<never>(() => undefined),
    faults: { workerCrash: 0, serverRestart: 0 },
    seed: 1,
    runs: 1,
  });
  expect(cause).toBeInstanceOf(SimulationStuckError);
  expect(failure.invariant).toBeUndefined();
}, 60_000);
