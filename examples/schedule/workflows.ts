import * as workflow from "perdure/workflow";

@workflow.defn()
export class Report {
  @workflow.run
  async run(city: string): Promise<string> {
    return `report of ${city}`;
  }
}
