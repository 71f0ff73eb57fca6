import * as workflow from "perdure/workflow";
import { WorkflowStream, type WorkflowStreamState } from "perdure/workflow-streams";

/** The same as in streams.py. */
@workflow.defn()
export class Relay {
  #stream: WorkflowStream | undefined;
  #next: string | undefined;

  @workflow.init
  init(state: WorkflowStreamState | null, _run: number): void {
    this.#stream = new WorkflowStream(state);
  }

  @workflow.signal
  go(next: string): void {
    this.#next = next;
  }

  @workflow.run
  async run(_state: WorkflowStreamState | null, run: number): Promise<number> {
    const stream = this.#stream as WorkflowStream;
    stream.topic("news").publish({ text: `run ${run}` });
    await workflow.waitCondition(() => this.#next !== undefined);
    if (this.#next === "renew") await stream.continueAsNew((state) => [state, run + 1]);
    return run;
  }
}
