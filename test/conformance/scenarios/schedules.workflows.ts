import * as workflow from "perdure/workflow";

@workflow.defn()
export class Scheduled {
  @workflow.run
  async run(text: string, count: number): Promise<string> {
    return `${text} ${count}`;
  }
}

@workflow.defn()
export class ScheduledToWait {
  #released = false;

  @workflow.run
  async run(): Promise<void> {
    await workflow.waitCondition(() => this.#released);
  }

  @workflow.signal
  release(): void {
    this.#released = true;
  }
}
