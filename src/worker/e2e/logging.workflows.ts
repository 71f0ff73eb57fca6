import * as workflow from "../../workflow.ts";

/** Logs on its way, as does its activity. */
@workflow.defn()
export class Talking {
  #name = "";

  @workflow.update
  rename(name: string): void {
    workflow.logger.info("renamed", { name });
    this.#name = name;
  }

  @workflow.run
  async run(): Promise<void> {
    workflow.logger.debug("begins");
    console.warn("by the console");
    await workflow.waitCondition(() => this.#name !== "");
    await workflow.executeActivity("talk", { startToCloseTimeout: "1m", args: [this.#name] });
    workflow.createLogger({ logsDuringReplay: true, attributes: { own: 1 } }).info("ends");
  }
}
