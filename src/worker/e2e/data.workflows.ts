import * as workflow from "../../workflow.ts";

/** Hands a text through an activity, a child and itself. */
@workflow.defn()
export class Relay {
  readonly #heard: string[] = [];

  @workflow.run
  async run(text: string, depth: number): Promise<string> {
    const loud = await workflow.executeActivity<string>("repeat", { startToCloseTimeout: "1m", args: [text] });
    const local = await workflow.executeLocalActivity<string>("repeat", { startToCloseTimeout: "1m", args: [loud] });
    if (depth === 0) return local;
    return workflow.executeChildWorkflow(Relay, {
      id: `${workflow.info().workflowId}-child`,
      args: [local, depth - 1],
    });
  }

  @workflow.signal
  hear(text: string): void {
    this.#heard.push(text);
  }

  @workflow.query
  heard(): readonly string[] {
    return this.#heard;
  }
}

/** Answers with a text of some length. */
@workflow.defn()
export class Produce {
  @workflow.run
  async run(activityLength: number, length: number): Promise<string> {
    if (activityLength > 0)
      await workflow.executeActivity("produce", {
        startToCloseTimeout: "1m",
        retryPolicy: { maximumAttempts: 1 },
        args: [activityLength],
      });
    return "o".repeat(length);
  }
}

/** Runs many activities at once. */
@workflow.defn()
export class FanOut {
  @workflow.run
  async run(text: string, count: number): Promise<number> {
    const options = { startToCloseTimeout: "1m", args: [text] };
    const all = Array.from({ length: count }, () => workflow.executeActivity<string>("repeat", options));
    return (await Promise.all(all)).length;
  }
}

/** Tells how many milliseconds lie between two dates, and when the later one is. */
@workflow.defn()
export class Between {
  @workflow.run
  async run(dates: ReadonlyMap<string, Date>): Promise<{ ms: bigint; later: Date }> {
    const [one, other] = [...dates.values()].map((date) => date.getTime());
    const later = await workflow.executeActivity<Date>("latest", { startToCloseTimeout: "1m", args: [dates] });
    if (!(later instanceof Date)) throw new Error("the activity's date was not read");
    return { ms: BigInt(Math.abs((one ?? 0) - (other ?? 0))), later };
  }
}

/** Fails as its activity does. */
@workflow.defn()
export class FailsLikeItsActivity {
  @workflow.run
  async run(): Promise<void> {
    await workflow.executeActivity("fail", { startToCloseTimeout: "1m", retryPolicy: { maximumAttempts: 1 } });
  }
}
