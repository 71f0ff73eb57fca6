import * as workflow from "perdure/workflow";

/** Answers what it is given, as the official Go SDK's program does too. */
@workflow.defn()
export class Echo {
  @workflow.run
  async run(value: unknown): Promise<unknown> {
    return value;
  }
}
