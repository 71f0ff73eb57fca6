import type { RetryPolicy } from "perdure/common";
import * as workflow from "perdure/workflow";

/** Tells what it knows of itself where nothing was said about it but its retries. */
@workflow.defn()
export class TellsDefaults {
  @workflow.run
  async run(): Promise<{
    readonly plain: Readonly<Record<string, unknown>>;
    readonly retryPolicy: RetryPolicy | undefined;
    readonly runId: string;
    readonly startTimeMs: number;
    readonly workflowStartTimeMs: number;
  }> {
    const { attempt, namespace, taskQueue, taskTimeoutMs, workflowId, workflowType, ...rest } = workflow.info();
    const { cronSchedule, executionTimeoutMs, runTimeoutMs, retryPolicy, runId, startTimeMs, workflowStartTimeMs } =
      rest;
    const unsaid = [cronSchedule, executionTimeoutMs, runTimeoutMs].filter((one) => one !== undefined);
    return {
      plain: { attempt, namespace, taskQueue, taskTimeoutMs, workflowId, workflowType, unsaid },
      retryPolicy,
      runId,
      startTimeMs,
      workflowStartTimeMs,
    };
  }
}

/** Begins as many timers as it is told. */
@workflow.defn()
export class Swells {
  @workflow.run
  async run(): Promise<void> {
    await workflow.waitCondition(() => false);
  }

  @workflow.signal
  swell(howMany: number): void {
    for (let left = howMany; left > 0; left--) void workflow.sleep("24h");
  }

  @workflow.query
  size(): { readonly length: number; readonly sizeBytes: number; readonly isSuggested: boolean } {
    const { historyLength, historySizeBytes, isContinueAsNewSuggested } = workflow.info();
    return { length: historyLength, sizeBytes: historySizeBytes, isSuggested: isContinueAsNewSuggested };
  }
}

/** Waits for an event and then for a condition, and looks at its clocks before and after. */
@workflow.defn()
export class LooksAtClocks {
  readonly #event = new workflow.Event();
  #isReleased = false;
  #status = "starting";

  @workflow.run
  async run(): Promise<{ readonly start: readonly number[]; readonly end: readonly number[] }> {
    const clocks = (): number[] => [workflow.time(), workflow.now().getTime(), Date.now(), new Date().getTime()];
    const start = clocks();
    await workflow.sleep(20);
    this.#status = "waits for the event";
    await this.#event.wait();
    this.#status = "waits for the condition";
    await workflow.waitCondition(() => this.#isReleased);
    this.#status = "done";
    return { start, end: clocks() };
  }

  @workflow.signal
  set(): void {
    this.#event.set();
  }

  @workflow.signal
  release(): void {
    this.#isReleased = true;
  }

  @workflow.query
  status(): string {
    return this.#status;
  }
}

/** Makes ids, and ends. */
@workflow.defn()
export class MakesIds {
  readonly #made: { uuid4?: string; uuid7?: string; timeMs?: number } = {};

  @workflow.run
  async run(): Promise<void> {
    Object.assign(this.#made, { uuid4: workflow.uuid4(), timeMs: workflow.time(), uuid7: workflow.uuid7() });
  }

  @workflow.query
  made(): { uuid4?: string; uuid7?: string; timeMs?: number } {
    return this.#made;
  }
}
