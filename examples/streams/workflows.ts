import * as workflow from "perdure/workflow";
import { WorkflowStream, type WorkflowStreamState } from "perdure/workflow-streams";
import { writeChapter } from "./activities.ts";

/** Has a text written, chapter by chapter, and lets everybody follow. */
@workflow.defn()
export class WriteBook {
  #stream!: WorkflowStream;

  @workflow.init
  init(_chapters: readonly string[], state?: WorkflowStreamState): void {
    this.#stream = new WorkflowStream(state);
  }

  @workflow.run
  async run([chapter, ...rest]: readonly string[], _state?: WorkflowStreamState): Promise<void> {
    if (chapter === undefined) return;
    this.#stream.topic<string>("progress").publish(`begins ${chapter}`);
    await workflow.executeActivity(writeChapter, { args: [chapter], startToCloseTimeout: "1m" });
    // Each chapter has a run of its own, so that the history stays short; who reads the stream does not notice.
    if (rest.length > 0) await this.#stream.continueAsNew((state) => [rest, state]);
  }
}
