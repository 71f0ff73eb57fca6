import * as workflow from "perdure/workflow";
import { ofModule } from "./module-state.ts";

/** State of the workflow's own module. */
export const ofWorkflows: string[] = ["at first"];
export const isLoadedInSandbox = workflow.unsafe.inSandbox();

/** Writes into the state of its module and of another one. */
@workflow.defn()
export class KeepsModuleState {
  constructor() {
    this.add("made");
  }

  @workflow.run
  async run(): Promise<unknown> {
    this.add("run");
    await workflow.waitCondition(() => ofWorkflows.includes("finish"));
    return this.state();
  }

  @workflow.signal
  add(what: string): void {
    ofWorkflows.push(what);
    ofModule.push(what);
  }

  @workflow.query
  state(): { readonly ofWorkflows: readonly string[]; readonly ofModule: readonly string[] } {
    return { ofWorkflows, ofModule };
  }
}

/** Tells what it finds around it. */
@workflow.defn()
export class LooksAround {
  readonly #isMadeInSandbox = workflow.unsafe.inSandbox();

  @workflow.run
  async run(): Promise<unknown> {
    const [, caller = ""] = (new Error("for its stack").stack ?? "").split("\n");
    return {
      inSandbox: [isLoadedInSandbox, this.#isMadeInSandbox, workflow.unsafe.inSandbox()],
      isNamed: caller.includes("run"),
      days: (Date.UTC(2010, 0, 20) - Date.UTC(2010, 0, 1)) / 86_400_000,
      inWorkflow: workflow.inWorkflow(),
      inActivity: await workflow.executeActivity<boolean>("looksAround", { startToCloseTimeout: "10s" }),
    };
  }
}

/** Draws before and after it is reset. */
@workflow.defn()
export class DrawsAgain {
  readonly #seeds: string[] = [];
  #goesOn = false;

  @workflow.run
  async run(): Promise<unknown> {
    const first = workflow.randomSeed();
    workflow.registerRandomSeedCallback((seed) => this.#seeds.push(String(seed)));
    const stream = workflow.newRandom();
    const drawn = [stream.random()];
    await workflow.sleep(1);
    await workflow.waitCondition(() => this.#goesOn);
    drawn.push(stream.random());
    return { first: String(first), last: String(workflow.randomSeed()), seeds: this.#seeds, drawn };
  }

  @workflow.signal
  goOn(): void {
    this.#goesOn = true;
  }
}

/** Handles several updates at a time, whose ids it tells apart wherever it is asked. */
@workflow.defn()
export class TellsUpdatesApart {
  readonly #later: Promise<string>[] = [];
  readonly #validated: string[] = [];

  @workflow.run
  async run(): Promise<unknown> {
    const before = workflow.currentUpdateInfo();
    await workflow.waitCondition(() => this.#later.length === 5);
    const ids = await Promise.all(this.#later);
    return { ids, before, after: workflow.currentUpdateInfo(), validated: this.#validated.length };
  }

  @workflow.update
  async tell(): Promise<string> {
    const { id } = workflow.currentUpdateInfo() ?? { id: "none" };
    const same = await this.#tellLater();
    this.#later.push(this.#tellLater());
    return id === same ? id : "another";
  }

  @workflow.validator<TellsUpdatesApart, "tell">("tell")
  check(): void {
    if (workflow.currentUpdateInfo()?.name !== "tell") throw new Error("not known to be the update");
  }

  async #tellLater(): Promise<string> {
    await workflow.sleep(10);
    return workflow.currentUpdateInfo()?.id ?? "none";
  }
}
