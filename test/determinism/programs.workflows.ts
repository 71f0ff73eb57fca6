import { ApplicationError } from "../../src/exceptions.ts";
import * as workflow from "../../src/workflow.ts";

/** What the programs ask of the world. */
export interface World {
  /** Gives a number back, or fails on some. */
  work(value: number): Promise<number>;
}

const world = workflow.activities<World>({
  startToCloseTimeout: "1 minute",
  retryPolicy: { initialInterval: "1s", maximumAttempts: 3 },
});

/** Draws what the language offers that could differ between two runs or two engines. */
@workflow.defn()
export class Language {
  @workflow.run
  async run(): Promise<unknown> {
    const now = workflow.now();
    const words = ["b10", "a", "B2", "å", "a1", "Z"];
    return {
      dice: [Math.random(), workflow.uuid4(), Math.floor(Math.random() * 1e9)],
      dates: [now.toISOString(), String(now), now.toLocaleDateString(), new Date(2026, 6, 1).toISOString()],
      parsed: [Date.parse("2026-02-30T00:00:00Z"), Date.parse("2026-03-01"), new Date("1 Mar 2026").getTime()],
      sorted: [words.toSorted(), words.toSorted((left, right) => left.length - right.length)],
      texts: [(1234567.891).toLocaleString(), (0.1 + 0.2).toString(), "ﬁ İ".normalize("NFKC").toLowerCase()],
      numbers: [Math.hypot(3, 4), Math.cbrt(27), 1e21, -0, 2 ** 53],
      keys: Object.keys({ b: 1, 2: 1, a: 1, 1: 1 }),
      temporal: typeof (globalThis as { readonly Temporal?: unknown }).Temporal,
      failed: [messageOf(() => JSON.parse("{") as unknown), messageOf(() => (undefined as unknown as { x: 1 }).x)],
    };
  }
}

function messageOf(fail: () => unknown): string {
  try {
    fail();
    return "none";
  } catch (error) {
    return (error as Error).name;
  }
}

/** Does several things at once, some of which fail. */
@workflow.defn()
export class Crowd {
  #sum = 0;

  @workflow.run
  async run(count: number): Promise<unknown> {
    const order: string[] = [];
    const results = await Promise.allSettled(
      Array.from({ length: count }, async (_, index) => {
        await workflow.sleep(Math.floor(Math.random() * 10_000));
        order.push(`timer ${index}`);
        const answer = await world.work(index);
        order.push(`activity ${index}`);
        return answer;
      }),
    );
    await workflow.waitCondition(() => this.#sum > 1, { timeout: "1 hour" }).catch(() => order.push("no news"));
    const child = await workflow
      .executeChildWorkflow(Fragile, { id: `${workflow.info().workflowId}-child` })
      .catch((error: unknown) => (error as Error).name);
    return { order, results: results.map(({ status }) => status), child, sum: this.#sum };
  }

  @workflow.signal
  add(value: number): void {
    this.#sum += value;
  }

  @workflow.update
  async addSlowly(value: number): Promise<number> {
    await workflow.sleep("1s");
    this.#sum += value;
    return this.#sum;
  }
}

/** Fails with an error of its own. */
@workflow.defn()
export class Fragile {
  @workflow.run
  async run(): Promise<void> {
    await workflow.sleep("1 minute");
    throw new ApplicationError("it breaks", { type: "Broken", details: [{ at: workflow.now() }] });
  }
}

/** Goes on as another run until it has counted down. */
@workflow.defn()
export class Countdown {
  @workflow.run
  async run(left: number): Promise<string> {
    await workflow.sleep("1 hour");
    if (left === 0) return "done";
    return workflow.continueAsNew<Countdown>({ args: [left - 1] });
  }
}
