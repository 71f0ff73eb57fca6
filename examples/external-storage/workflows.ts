import * as workflow from "perdure/workflow";
import type * as activities from "./activities.ts";

const { draw, measure } = workflow.activities<typeof activities>({ startToCloseTimeout: "1m" });

/** Its code does not know that the picture is in a file. */
@workflow.defn()
export class Draw {
  @workflow.run
  async run(lines: number): Promise<number> {
    return measure(await draw(lines));
  }
}
