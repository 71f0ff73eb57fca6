import { ApplicationError, isCancelledException } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { SearchAttributeKey } from "perdure/common";
import { Dice } from "../dice.ts";

const activityTypes = ["tryCancel", "waitCancellationCompleted", "abandon"] as const;
const childTypes = ["tryCancel", "waitCancellationCompleted", "waitCancellationRequested", "abandon"] as const;
const flag = SearchAttributeKey.forBool("Flag");

const STEPS_MAX = 80;
const DEPTH_MAX = 3;
const LANES_MAX = 4;

/** A bug that a fuzz must find: replayed code gives a command more, or writes something else. */
export type Planted = "command" | "value";

/** Does as its dice say, which it rolls only for what it is told, and writes down what becomes of each step. */
@workflow.defn()
export class Fuzz {
  #dice = new Dice(0);
  #steps = 0;
  #heard = 0;
  readonly #logger = workflow.createLogger({ logsDuringReplay: true });
  readonly #lock = new workflow.Lock();

  #planted: Planted | undefined;

  @workflow.init
  prepare(seed: number, planted?: Planted): void {
    this.#dice = new Dice(seed);
    this.#planted = planted;
  }

  @workflow.run
  async run(_seed: number, _planted?: Planted): Promise<number> {
    await Promise.all(Array.from({ length: 1 + this.#dice.roll(LANES_MAX) }, () => this.#lane()));
    await workflow.waitCondition(workflow.allHandlersFinished);
    if (this.#dice.oneIn(4)) workflow.continueAsNew<Fuzz>({ args: [this.#dice.roll(1000)] });
    if (this.#dice.oneIn(8)) throw new ApplicationError("enough");
    return this.#heard;
  }

  @workflow.signal({ dynamic: true })
  async hear(name: string): Promise<void> {
    this.#heard += 1;
    this.#write(`signal ${name}`);
    if (this.#dice.oneIn(2)) await this.#step(1);
  }

  @workflow.update
  async add(): Promise<number> {
    this.#write("update");
    if (this.#dice.oneIn(2)) await this.#step(1);
    this.#heard += 1;
    return this.#heard;
  }

  @workflow.validator<Fuzz, "add">("add")
  check(): void {
    const { id } = workflow.currentUpdateInfo() ?? { id: "0" };
    if (Number(id) % 3 === 0) throw new ApplicationError("no");
  }

  @workflow.query
  state(): number {
    return this.#steps;
  }

  async #lane(): Promise<void> {
    while (this.#steps < STEPS_MAX) await this.#step(0);
  }

  #write(what: string): void {
    this.#logger.info(`${workflow.time()} ${what}`);
  }

  async #step(depth: number): Promise<void> {
    this.#steps += 1;
    const number = this.#steps;
    const kind = this.#dice.roll(depth < DEPTH_MAX ? kinds.length : simpleKinds);
    const name = `${number} ${kinds[kind] ?? ""}`;
    this.#write(name);
    try {
      this.#write(`${name}: ${String(await this.#act(kinds[kind] ?? "sleep", depth))}`);
    } catch (error) {
      this.#write(`${name} threw ${error instanceof Error ? error.name : ""}`);
      if (isCancelledException(error) && workflow.cancellationReason() !== undefined && this.#dice.oneIn(3))
        throw error;
    }
  }

  async #act(kind: (typeof kinds)[number], depth: number): Promise<unknown> {
    const dice = this.#dice;
    switch (kind) {
      case "sleep":
        return workflow.sleep(1_000 + dice.roll(20_000));
      case "activity":
        return workflow.executeActivity("act", {
          scheduleToCloseTimeout: "60s",
          cancellationType: dice.pick(activityTypes),
        });
      case "local":
        return workflow.executeLocalActivity("local", {
          startToCloseTimeout: "1s",
          cancellationType: dice.pick(activityTypes),
        });
      case "signal":
        return workflow.getExternalWorkflowHandle("other").signal("hello");
      case "cancel":
        return workflow.getExternalWorkflowHandle("other").cancel("why");
      case "patch":
        return workflow.patched(`p${dice.roll(3)}`) ? workflow.sleep(500) : "old";
      case "memo":
        return workflow.upsertMemo({ value: dice.roll(9) });
      case "attribute":
        return workflow.upsertSearchAttributes([flag.valueSet(dice.oneIn(2))]);
      case "chance":
        return this.#chance();
      case "condition":
        return this.#waitForMore();
      case "child":
        return this.#child();
      case "scope":
        return this.#scope(depth);
      case "both":
        return Promise.all([this.#step(depth + 1), this.#step(depth + 1)]).then(() => "both");
      case "either":
        return Promise.race([this.#step(depth + 1), workflow.sleep(dice.roll(9_000) + 1)]).then(() => "either");
      case "lock":
        return this.#lock.run(() => this.#step(depth + 1));
    }
  }

  async #chance(): Promise<string> {
    if (this.#planted === "command" && workflow.unsafe.isReplaying()) await workflow.sleep(1);
    const values = [Math.random(), workflow.uuid4(), Date.now(), workflow.newRandom().random()];
    return this.#planted === "value" && workflow.unsafe.isReplaying() ? values.toReversed().join() : values.join();
  }

  #waitForMore(): Promise<void> {
    const wanted = this.#heard + 1;
    return workflow.waitCondition(() => this.#heard >= wanted, { timeout: 1_000 + this.#dice.roll(9_000) });
  }

  async #child(): Promise<string> {
    const child = await workflow.startChildWorkflow<string>("child", {
      id: `child-${this.#steps}`,
      cancellationType: this.#dice.pick(childTypes),
    });
    if (this.#dice.oneIn(3)) child.cancel("enough");
    if (this.#dice.oneIn(3)) await child.signal("go");
    return child.result();
  }

  async #scope(depth: number): Promise<string> {
    if (this.#dice.oneIn(3)) await workflow.shield(() => this.#step(depth + 1));
    const scope = new workflow.CancellationScope();
    const inner = scope.run(() => this.#step(depth + 1));
    if (this.#dice.oneIn(2)) scope.cancel();
    await inner;
    return "scope";
  }
}

const kinds = [
  "sleep",
  "activity",
  "local",
  "signal",
  "cancel",
  "patch",
  "memo",
  "attribute",
  "chance",
  "condition",
  "child",
  "scope",
  "both",
  "either",
  "lock",
] as const;

/** Kinds that have no steps inside. */
const simpleKinds = kinds.indexOf("scope");
