import * as workflow from "perdure/workflow";
import { awaitJob } from "./activities.ts";

@workflow.defn()
export class FollowJob {
  @workflow.run
  async run(url: string): Promise<string> {
    // A worker that dies is noticed after a minute, not after the hours that the job may take.
    return workflow.executeActivity(awaitJob, { args: [url], startToCloseTimeout: "8h", heartbeatTimeout: "1m" });
  }
}
