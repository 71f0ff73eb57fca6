import { CancelledError, isCancelledException, TimeoutError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { echo, greet, waitForCancel } from "../activities.ts";

const quick = { startToCloseTimeout: "10s" } as const;

async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  try {
    return `answered ${String(await promise)}`;
  } catch (error) {
    if (isCancelledException(error)) return "cancelled";
    return error instanceof TimeoutError ? "timed out" : "failed";
  }
}

@workflow.defn()
export class WaitsWithTimeout {
  #isMet = false;

  @workflow.run
  async run(): Promise<unknown> {
    const late = await outcomeOf(workflow.waitCondition(() => false, { timeout: 10, timeoutSummary: "not for ever" }));
    const met = workflow.waitCondition(() => this.#isMet, { timeout: "1h" });
    await workflow.sleep(5, { summary: "a short rest" });
    this.#isMet = true;
    return [late, await outcomeOf(met), await outcomeOf(workflow.waitCondition(() => true))];
  }
}

/** A timer that is started and cancelled in one task. */
@workflow.defn()
export class NeverSent {
  @workflow.run
  async run(): Promise<string> {
    const scope = new workflow.CancellationScope();
    const nap = scope.run(() => workflow.sleep("1h"));
    scope.cancel();
    return outcomeOf(nap);
  }
}

@workflow.defn()
export class Collects {
  @workflow.run
  async run(): Promise<unknown> {
    const after = async (ms: number): Promise<number> => {
      await workflow.sleep(ms);
      return ms;
    };
    const inOrder: number[] = [];
    for await (const ms of workflow.asCompleted([after(300), after(1), after(150)])) inOrder.push(ms);
    const first = await workflow.wait([after(5000), after(2)], { returnWhen: "firstCompleted" });
    const failed = await workflow.wait([Promise.reject(new CancelledError()), after(5000)], {
      returnWhen: "firstException",
    });
    const limited = await workflow.wait([after(1), after(5000)], { timeout: 300 });
    const all = await workflow.wait([after(1), after(2)]);
    const sizes = [first, failed, limited, all].map(({ done, pending }) => [done.length, pending.length]);
    const race = await Promise.race([after(5000), after(3)]);
    return { inOrder, sizes, race, ownRace: await Promise.any([Promise.reject(new Error("no")), after(1)]) };
  }
}

@workflow.defn()
export class Synchronizes {
  @workflow.run
  async run(): Promise<unknown> {
    const log: string[] = [];
    const lock = new workflow.Lock();
    const semaphore = new workflow.Semaphore(2);
    const event = new workflow.Event();
    const queue = new workflow.Queue<number>(1);
    let inside = 0;
    let most = 0;
    const locked = ["a", "b", "c"].map((name) =>
      lock.run(async () => {
        log.push(`${name} in`);
        await workflow.sleep(2);
        log.push(`${name} out`);
      }),
    );
    const limited = [1, 2, 3, 4].map(() =>
      semaphore.run(async () => {
        most = Math.max(most, ++inside);
        await workflow.sleep(2);
        inside -= 1;
      }),
    );
    const waiter = event.wait().then(() => log.push("event"));
    const producer = (async () => {
      for (const item of [1, 2, 3]) await queue.put(item);
    })();
    await Promise.all([...locked, ...limited]);
    event.set();
    await waiter;
    const taken = [await queue.get(), await queue.get(), await queue.get()];
    await producer;
    return { log, most, taken, isLocked: lock.isLocked, isSet: event.isSet };
  }
}

@workflow.defn()
export class Scopes {
  @workflow.run
  async run(): Promise<unknown> {
    const inner = new workflow.CancellationScope();
    const both = inner.run(() =>
      Promise.all([
        outcomeOf(workflow.sleep("1h")),
        outcomeOf(workflow.executeActivity(waitForCancel, { startToCloseTimeout: "1m", heartbeatTimeout: "5s" })),
      ]),
    );
    await workflow.sleep(5);
    inner.cancel("not needed");
    const timedOut = await outcomeOf(workflow.CancellationScope.withTimeout(10, () => workflow.sleep("1h")));
    const inTime = await outcomeOf(
      workflow.CancellationScope.withTimeout("1h", () =>
        workflow.executeActivity(echo<string>, { ...quick, args: ["in time"] }),
      ),
    );
    const nested = await workflow.CancellationScope.cancellable(async (scope) => {
      const kept = workflow.CancellationScope.nonCancellable(() => outcomeOf(workflow.sleep(5)));
      const lost = outcomeOf(workflow.sleep("1h"));
      scope.cancel();
      return [await kept, await lost];
    });
    return { both: await both, timedOut, inTime, nested };
  }
}

/** Has work that a cancellation must not reach. */
@workflow.defn()
export class Shields {
  readonly #log: string[] = [];

  @workflow.run
  async run(): Promise<string[]> {
    const inScope = workflow.shield(async () => {
      await workflow.sleep(1);
      await workflow.waitCondition(() => this.#log.length > 0);
      this.#log.push(
        await workflow.executeActivity(greet, { ...quick, args: ["Kept", "work"] }),
        "shielded work ended",
      );
    });
    try {
      await inScope;
    } catch (error) {
      this.#log.push(isCancelledException(error) ? "told of the cancellation" : "failed");
    }
    await workflow.waitCondition(() => this.#log.includes("shielded work ended"));
    await workflow.sleep(1);
    return this.#log;
  }
}

@workflow.defn()
export class Signals {
  @workflow.run
  async run(): Promise<unknown> {
    const scope = new workflow.CancellationScope();
    const { signal } = scope;
    let heard = 0;
    signal.addEventListener("abort", () => void (heard += 1));
    const before = signal.aborted;
    scope.cancel("stop");
    const timeout = AbortSignal.timeout(20);
    await workflow.waitCondition(() => timeout.aborted);
    const own = new AbortController();
    own.abort(new CancelledError("own"));
    return {
      before,
      after: signal.aborted,
      heard,
      isCancelled: isCancelledException(signal.reason),
      own: own.signal.aborted,
    };
  }
}

/** The timers of the language are those of the workflow. */
@workflow.defn()
export class PlainTimers {
  @workflow.run
  async run(): Promise<unknown> {
    const began = Date.now();
    await new Promise<void>((resolve) => setTimeout(resolve, 50));
    const waited = Date.now() - began;
    const stopped = setTimeout(() => {
      throw new Error("was cleared");
    }, 20);
    clearTimeout(stopped);
    let turns = 0;
    await new Promise<void>((resolve) => {
      const interval = setInterval(() => {
        if (++turns < 3) return;
        clearInterval(interval);
        resolve();
      }, 2);
    });
    await workflow.sleep(0);
    return {
      hasWaited: waited >= 50,
      turns,
      isSameClock: workflow.time() === Date.now() && workflow.now().getTime() === Date.now(),
    };
  }
}

/** Counts how often one cancellation reaches it. */
@workflow.defn()
export class CancelledOnce {
  @workflow.run
  async run(): Promise<unknown> {
    let reached = 0;
    const waits = [
      workflow.sleep("1h"),
      workflow.waitCondition(() => false),
      workflow.executeActivity(waitForCancel, { startToCloseTimeout: "1m", heartbeatTimeout: "5s" }),
    ];
    const outcomes = await Promise.all(waits.map((one) => outcomeOf(one)));
    reached += outcomes.filter((one) => one === "cancelled").length;
    const afterwards = [
      await outcomeOf(workflow.sleep(2)),
      await outcomeOf(workflow.executeActivity(echo<string>, { ...quick, args: ["clean-up"] })),
    ];
    return { reached, afterwards, reason: workflow.cancellationReason() };
  }
}
