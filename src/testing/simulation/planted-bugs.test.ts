import { describe, expect, test } from "vitest";
import { silentLogger } from "../../core/telemetry/logger.ts";
import { Runtime } from "../../worker/index.ts";
import { withEnvironment } from "../test-environment.ts";
import { PlantedSaga, type Bug, type World } from "./planted.workflows.ts";
import { simulate, type SimulationOptions } from "./simulate.ts";
import { SimulationError } from "./simulation-error.ts";

/** Money and goods. */
class Shop implements World {
  readonly charges: string[] = [];
  readonly refunds = new Set<string>();
  readonly shipped = new Set<string>();
  readonly #chargesTwice: boolean;

  /** @param chargesTwice Whether a repeated call with the same key charges again: the third bug. */
  constructor(chargesTwice: boolean) {
    this.#chargesTwice = chargesTwice;
  }

  readonly charge = async (key: string): Promise<void> => {
    if (this.#chargesTwice || !this.charges.includes(key)) this.charges.push(key);
  };
  readonly ship = async (key: string): Promise<void> => void this.shipped.add(key);
  readonly refund = async (key: string): Promise<void> => void this.refunds.add(key);
}

const bugs: readonly { readonly bug: Bug; readonly chargesTwice: boolean; readonly invariant: string }[] = [
  { bug: "none", chargesTwice: true, invariant: "nobody is charged twice" },
  { bug: "forgetsEarlyNews", chargesTwice: false, invariant: "what is packed is shipped" },
  { bug: "refundsWhatIsShipped", chargesTwice: false, invariant: "what is shipped is not refunded" },
];

/** One order that is packed, and one that is packed and cancelled at nearly the same time. */
function ordersWith(bug: Bug, chargesTwice: boolean): SimulationOptions<Shop, readonly string[]> {
  return {
    workflows: [PlantedSaga],
    state: () => new Shop(chargesTwice),
    activities: (shop) => ({ charge: shop.charge, ship: shop.ship, refund: shop.refund }),
    scenario: async ({ client, taskQueue, sleep }) => {
      const start = (key: string) => client.startWorkflow(PlantedSaga, { args: [key, bug], id: key, taskQueue });
      const [one, two] = [await start("one"), await start("two")];
      await sleep("1s");
      // What comes late may come to an order that has ended.
      await Promise.allSettled([one.signal("packed"), two.signal("packed"), two.signal("cancel")]);
      return Promise.all([one.result(), two.result()]);
    },
    invariants: {
      "nobody is charged twice": ({ state }) => expect(state.charges).toHaveLength(new Set(state.charges).size),
      "what is packed is shipped": ({ result }) => expect(result?.[0]).toBe("shipped"),
      "what is shipped is not refunded": ({ state }) =>
        expect([...state.refunds].filter((key) => state.shipped.has(key))).toEqual([]),
    },
    seed: 1,
    runs: 50,
  };
}

describe.each(bugs)("a saga with the bug that breaks: $invariant", ({ bug, chargesTwice, invariant }) => {
  const shop = new Shop(chargesTwice);
  const setup = {
    worker: {
      workflows: [PlantedSaga],
      activities: { charge: shop.charge, ship: shop.ship, refund: shop.refund },
      runtime: new Runtime({ logger: silentLogger }),
    },
  };

  test(
    "passes a suite written by hand, which looks at each way through it",
    { timeout: 30_000 },
    withEnvironment(setup, async ({ client, environment, taskQueue }) => {
      const start = (key: string) => client.startWorkflow(PlantedSaga, { args: [key, bug], id: key, taskQueue });
      const packed = await start("packed");
      const cancelled = await start("cancelled");
      const late = await start("late");
      await environment.sleep("1h");
      await packed.signal("packed");
      await cancelled.signal("cancel");
      expect([await packed.result(), await cancelled.result(), await late.result()]).toEqual([
        "shipped",
        "refunded",
        "refunded",
      ]);
      expect(shop.charges.toSorted()).toEqual(["cancelled", "late", "packed"]);
      expect([...shop.shipped]).toEqual(["packed"]);
      expect([...shop.refunds].toSorted()).toEqual(["cancelled", "late"]);
    }),
  );

  test("fails the simulation, which names what broke and the faults that it takes", { timeout: 120_000 }, async () => {
    const found: unknown = await simulate(ordersWith(bug, chargesTwice)).catch((error: unknown) => error);
    expect(found).toBeInstanceOf(SimulationError);
    const { failure } = found as SimulationError;
    expect(failure.invariant).toBe(invariant);
    expect(failure.faults.length).toBeLessThanOrEqual(2);
  });
});

test("the saga without a bug passes the simulation", { timeout: 120_000 }, async () => {
  expect((await simulate({ ...ordersWith("none", false), runs: 20 })).runs).toBe(20);
});
