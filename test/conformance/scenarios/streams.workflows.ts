import * as workflow from "perdure/workflow";
import { WorkflowStream, type WorkflowStreamState } from "perdure/workflow-streams";

/** Announces what it does, goes on as new when it is asked to, and lets others publish too. */
@workflow.defn()
export class Broadcast {
  #stream: WorkflowStream | undefined;
  #next: "renew" | "end" | undefined;

  @workflow.init
  init(state: WorkflowStreamState | null, _run: number): void {
    this.#stream = new WorkflowStream(state);
  }

  @workflow.signal
  go(next: "renew" | "end"): void {
    this.#next = next;
  }

  @workflow.update
  announce(text: string): void {
    this.#stream?.topic<string>("news").publish(text);
  }

  @workflow.update
  truncate(upToOffset: number): void {
    this.#stream?.truncate(upToOffset);
  }

  @workflow.run
  async run(_state: WorkflowStreamState | null, run: number): Promise<number> {
    const stream = this.#stream as WorkflowStream;
    stream.topic("runs").publish(run);
    await workflow.waitCondition(() => this.#next !== undefined);
    if (this.#next === "renew") await stream.continueAsNew((state) => [state, run + 1]);
    stream.topic("runs").publish("over");
    return run;
  }
}
