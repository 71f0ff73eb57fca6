import * as workflow from "perdure/workflow";
import { greet } from "../activities.ts";

const quick = { startToCloseTimeout: "10s" } as const;

/** What is between taking and giving back a permit. */
export interface CriticalSection {
  readonly permits: number | "a lock";
  /** How long one is in it; absent for as long as an activity takes. */
  readonly sleepMs?: number;
  /** How long one waits for a permit; absent for ever. */
  readonly timeoutMs?: number;
}

/** How many were in it, and at most at a time. */
export interface Crowd {
  readonly ever: number;
  readonly most: number;
}

/** Lets parts of itself, or handlers of updates, into a critical section. */
@workflow.defn()
export class Crowded {
  #section: CriticalSection = { permits: "a lock" };
  #permits: workflow.Lock | workflow.Semaphore = new workflow.Lock();
  readonly #inside = new Set<string>();
  readonly #ever = new Set<string>();
  #most = 0;
  #mayEnd = false;

  @workflow.init
  limit(section: CriticalSection, _coroutines: number): void {
    this.#section = section;
    if (section.permits !== "a lock") this.#permits = new workflow.Semaphore(section.permits);
  }

  @workflow.run
  async run(_section: CriticalSection, coroutines: number): Promise<Crowd> {
    await Promise.all(Array.from({ length: coroutines }, (_one, index) => this.#enter(String(index))));
    if (coroutines === 0) await workflow.waitCondition(() => this.#mayEnd);
    return { ever: this.#ever.size, most: this.#most };
  }

  @workflow.update
  async enter(): Promise<void> {
    await this.#enter(workflow.currentUpdateInfo()?.id ?? "");
  }

  @workflow.signal
  finish(): void {
    this.#mayEnd = true;
  }

  async #enter(id: string): Promise<void> {
    const { sleepMs, timeoutMs } = this.#section;
    if (timeoutMs === undefined) await this.#permits.acquire();
    else {
      const acquired = workflow.CancellationScope.withTimeout(timeoutMs, () => this.#permits.acquire());
      const hasPermit = await acquired.then(
        () => true,
        () => false,
      );
      if (!hasPermit) return;
    }
    this.#inside.add(id);
    this.#ever.add(id);
    this.#most = Math.max(this.#most, this.#inside.size);
    try {
      await (sleepMs === undefined
        ? workflow.executeActivity(greet, { ...quick, args: ["Hello", id] })
        : workflow.sleep(sleepMs));
    } finally {
      this.#permits.release();
      this.#inside.delete(id);
    }
  }
}

/** Ten activities, taken as they end. */
@workflow.defn()
export class TakesAsCompleted {
  @workflow.run
  async run(): Promise<string[]> {
    const calls = Array.from({ length: 10 }, (_one, index) =>
      workflow.executeActivity(greet, { ...quick, args: ["Hello", String(index)] }),
    );
    const taken: string[] = [];
    for await (const greeting of workflow.asCompleted(calls)) taken.push(greeting);
    return taken;
  }
}

/** Waits for ten names, and runs an activity with each in the order in which they were done. */
@workflow.defn()
export class WaitsForAll {
  @workflow.run
  async run(): Promise<string[]> {
    const names = Array.from({ length: 10 }, async (_one, index) => String(index));
    const { done } = await workflow.wait(names);
    const greetings: string[] = [];
    for (const name of done)
      greetings.push(await workflow.executeActivity(greet, { ...quick, args: ["Hello", await name] }));
    return greetings;
  }
}

/** Says how long a second was. */
@workflow.defn()
export class Sleeps {
  @workflow.run
  async run(): Promise<number> {
    const startMs = workflow.time();
    await workflow.sleep("1s");
    return workflow.time() - startMs;
  }
}

/** Many timers at once, each with its own summary. */
@workflow.defn()
export class SleepsConcurrently {
  @workflow.run
  async run(): Promise<void> {
    const nap = (summary: string): Promise<void> => workflow.sleep(100, { summary });
    const naps = (prefix: string, from: number, to: number): Promise<void>[] =>
      Array.from({ length: to - from }, (_one, index) => nap(`${prefix}${from + index}`));
    const never = (timeout: number, timeoutSummary: string): Promise<void> =>
      workflow.waitCondition(() => false, { timeout, timeoutSummary });
    await Promise.allSettled([
      ...naps("t", 0, 5),
      workflow.sleep(0, { summary: "no time" }),
      never(100, "some time"),
      never(0, "no wait"),
      workflow.sleep(100),
      ...naps("t", 5, 10),
    ]);
    const group = async (from: number): Promise<void> => {
      await Promise.all(naps("g", from, from + 5));
    };
    await Promise.all([group(0), group(5)]);
  }
}

/** Does several things whose news may come together, and lists what it saw in which order. */
@workflow.defn()
export class TracesItself {
  readonly #seen: string[] = [];

  @workflow.run
  async run(): Promise<string[]> {
    await Promise.all([
      this.#trace("timer", () => workflow.sleep(100)),
      this.#trace("activity", () => workflow.executeActivity(greet, { ...quick, args: ["Hello", "you"] })),
    ]);
    return this.#seen;
  }

  async #trace(name: string, wait: () => Promise<unknown>): Promise<void> {
    this.#seen.push(`${name} begins`);
    await wait();
    this.#seen.push(`${name} goes on`);
    await workflow.waitCondition(() => true);
    this.#seen.push(`${name} ends`);
  }

  @workflow.signal
  async hear(name: string): Promise<void> {
    await this.#trace(name, () => Promise.resolve());
  }

  @workflow.update
  async change(name: string): Promise<void> {
    await this.#trace(name, () => Promise.resolve());
  }
}

/** Waits for two of three pieces of news that come while its worker is away. */
@workflow.defn()
export class MissesNews {
  readonly #seen: string[] = [];
  #count = 0;

  @workflow.run
  async run(taskQueue: string): Promise<string[]> {
    const called = this.#call(taskQueue);
    await workflow.waitCondition(() => this.#count >= 2);
    this.#seen.push(`counted ${this.#count}`);
    await called;
    return this.#seen;
  }

  async #call(taskQueue: string): Promise<void> {
    this.#seen.push("calls");
    await workflow.executeActivity(greet, { ...quick, taskQueue, args: ["Hello", "you"] });
    this.#count += 1;
    this.#seen.push("called");
  }

  @workflow.signal
  hear(name: string): void {
    this.#seen.push(`hears ${name}`);
    this.#count += 1;
  }
}

/** Waits in one way or another for longer than it may. */
@workflow.defn()
export class WaitsTooLong {
  @workflow.run
  async run(way: "condition" | "scope"): Promise<void> {
    if (way === "condition") await workflow.waitCondition(() => false, { timeout: 10 });
    if (way === "scope") await workflow.CancellationScope.withTimeout(10, () => workflow.sleep("1h"));
  }
}

/** Waits for several activities that take long. */
@workflow.defn()
export class WaitsForMany {
  @workflow.run
  async run(): Promise<void> {
    const options = { startToCloseTimeout: "2m", heartbeatTimeout: "30s" } as const;
    await Promise.all(Array.from({ length: 4 }, () => workflow.executeActivity<void>("waitForCancel", options)));
  }
}

/** Calls quick activities one after the other until it is cancelled. */
@workflow.defn()
export class CallsWithoutEnd {
  @workflow.run
  async run(): Promise<never> {
    for (;;) await workflow.executeActivity(greet, { ...quick, args: ["Hello", "again"] });
  }
}
