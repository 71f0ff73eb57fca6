import * as workflow from "perdure/workflow";
import { countWords } from "./activities.ts";

@workflow.defn()
export class CountChapter {
  @workflow.run
  async run(text: string): Promise<number> {
    return workflow.executeActivity(countWords, { args: [text], startToCloseTimeout: "1m" });
  }
}

/** One child for each chapter, all at once. Each has a history of its own, so a long book does not make one long. */
@workflow.defn()
export class CountBook {
  @workflow.run
  async run(chapters: readonly string[]): Promise<number> {
    const { workflowId } = workflow.info();
    const counts = await Promise.all(
      chapters.map((text, index) =>
        workflow.executeChildWorkflow(CountChapter, { args: [text], id: `${workflowId}-chapter-${index + 1}` }),
      ),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }
}
