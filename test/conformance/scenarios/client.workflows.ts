import * as workflow from "perdure/workflow";
import { ApplicationError } from "perdure/exceptions";

@workflow.defn()
export class Collecting {
  readonly #items: string[] = [];
  #done = false;

  @workflow.run
  async run(): Promise<readonly string[]> {
    await workflow.sleep(1);
    await workflow.waitCondition(() => this.#done);
    return this.#items;
  }

  @workflow.signal
  add(item: string): void {
    this.#items.push(item);
  }

  @workflow.signal
  finish(): void {
    this.#done = true;
  }

  @workflow.query
  items(): readonly string[] {
    return this.#items;
  }
}

/** Sleeps a tenth of a second, again and again. */
@workflow.defn()
export class Ticks {
  @workflow.run
  async run(): Promise<void> {
    for (let tick = 0; tick < 100; tick++) await workflow.sleep(100);
  }
}

@workflow.defn()
export class EverySecond {
  @workflow.run
  async run(): Promise<number> {
    const last = workflow.lastCompletionResult<number>() ?? 0;
    return last + 1;
  }
}

@workflow.defn()
export class FailsOnce {
  @workflow.run
  async run(): Promise<number> {
    const { attempt } = workflow.info();
    if (attempt === 1) throw new ApplicationError("the first attempt fails");
    return attempt;
  }
}
